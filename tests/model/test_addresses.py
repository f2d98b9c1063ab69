"""Addresses: what is one, what is none, how each is written, and what must never reach ssh."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.addresses import (
    Address,
    SshAddress,
    TcpAddress,
    TlsAddress,
    UnixAddress,
    format_address,
    is_loopback,
    parse_address,
    reached_from_here,
)
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit

GOOD = [
    ("tcp://127.0.0.1:7001", TcpAddress("127.0.0.1", 7001), None),
    ("127.0.0.1:7001", TcpAddress("127.0.0.1", 7001), "tcp://127.0.0.1:7001"),
    ("localhost:1", TcpAddress("localhost", 1), "tcp://localhost:1"),
    ("tcp://[::1]:65535", TcpAddress("::1", 65535), None),
    ("[::1]:80", TcpAddress("::1", 80), "tcp://[::1]:80"),
    ("tcp://[localhost]:80", TcpAddress("localhost", 80), "tcp://localhost:80"),
    ("tcp://[fe80::1%eth0]:80", TcpAddress("fe80::1%eth0", 80), None),
    (
        "tcp://build-box.example.org:07001",
        TcpAddress("build-box.example.org", 7001),
        "tcp://build-box.example.org:7001",
    ),
    ("tcp://größe.example:80", TcpAddress("größe.example", 80), None),
    ("tls://box:443", TlsAddress("box", 443), None),
    ("ssh://box/127.0.0.1:7001", SshAddress("box", None, "127.0.0.1", 7001), None),
    ("ssh://ada@box/localhost:7001", SshAddress("ada@box", None, "localhost", 7001), None),
    ("ssh://ada@box:2222/localhost:7001", SshAddress("ada@box", 2222, "localhost", 7001), None),
    ("ssh://ada@corp@box/localhost:7001", SshAddress("ada@corp@box", None, "localhost", 7001), None),
    ("ssh://[::1]/localhost:7001", SshAddress("::1", None, "localhost", 7001), None),
    ("ssh://ada@[::1]:22/[::1]:7001", SshAddress("ada@::1", 22, "::1", 7001), None),
    ("ssh://build_1.example/h:1", SshAddress("build_1.example", None, "h", 1), None),
    ("ssh://box//run/a.sock", SshAddress("box", None, "", 0, "/run/a.sock"), None),
    ("ssh://ada@[::1]:22//run/a:1.sock", SshAddress("ada@::1", 22, "", 0, "/run/a:1.sock"), None),
    ("unix:///run/user/7/stui/a.sock", UnixAddress("/run/user/7/stui/a.sock"), None),
    ("unix:///with space and ?#%20", UnixAddress("/with space and ?#%20"), None),
]


@pytest.mark.parametrize(("text", "address", "written"), GOOD, ids=[good[0] for good in GOOD])
def test_good(text: str, address: Address, written: str | None) -> None:
    assert parse_address(text) == address
    assert format_address(address) == (written or text)
    assert parse_address(format_address(address)) == address


BAD = [
    "",
    " ",
    "alpha",
    ":",
    ":80",
    "host:",
    "host:0",
    "host:65536",
    "host:99999",
    "host:-1",
    "host:+80",
    "host: 80",
    "host:8_0",
    "host:80 ",
    "host:٨٠",
    "host:²",
    "host:" + "9" * 5_000,  # int() itself refuses so many digits
    "ho st:80",
    "host\n:80",
    "host\t:80",
    "\x1b[31mhost:80",
    "ho\u202est:80",
    "user@host:80",
    "a/b:80",
    "a\\b:80",
    "::1:80",
    "[::1]",
    "[]:80",
    "[::1:80",
    "::1]:80",
    "[[::1]]:80",
    "-host:80",
    "tcp://",
    "tcp://host",
    "tcp://host:80/path",
    "tcp:host:80",
    "http://host:80",
    "TCP://host:80",
    "file:///x",
    "unix://",
    "unix:///",
    "unix://relative",
    "unix:///nul\0",
    "ssh://",
    "ssh://box",
    "ssh://box/",
    "ssh://box:22",
    "ssh://box/host",
    "ssh:///host:80",
    "ssh://box//",
    "ssh:////a.sock",
    "ssh://box//a b",
    "ssh://box//%h.sock",
    "ssh://box//${HOME}/a.sock",
    "ssh://box//a\n",
    "ssh://@box/h:1",
    "ssh://ada@/h:1",
    "ssh://box:0/h:1",
    "ssh://box:/h:1",
    "ssh://::1/h:1",
    "ssh://[::1/h:1",
    "ssh://[box]x/h:1",
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text)[:40])
def test_bad(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not an address") as caught:
        parse_address(text)
    assert caught.value.exit_code == Exit.USAGE
    assert "tcp://HOST:PORT" in caught.value.todo


# Each of these, given to ssh or to a shell in somebody's ProxyCommand, would do something else than connect.
INJECTIONS = [
    "-oProxyCommand=touch${IFS}x",
    "-W",
    "ada@-oProxyCommand=x",
    "-l@box",
    "$(id)",
    "`id`",
    "a;id",
    "a|id",
    "a&id",
    "a b",
    "a'b",
    'a"b',
    "a\\b",
    "a>b",
    "a*",
    "~root",
    "{a,b}",
    "a%h",
    "$HOME@box",
    "a;id@box",
    "a\nb",
    "a\x1bb",
    "[-oX]",
    "[$(id)]",
    "[a;id]:22",
]


@pytest.mark.parametrize("machine", INJECTIONS, ids=repr)
def test_no_option_and_no_shell_word_gets_to_ssh(machine: str) -> None:
    with pytest.raises(UsageProblem):
        parse_address(f"ssh://{machine}/127.0.0.1:7001")
    with pytest.raises(UsageProblem):
        parse_address(f"ssh://{machine}:22/127.0.0.1:7001")


@pytest.mark.parametrize("host", ["-oX", "-W", "a b", "a/b", "u@h"])
def test_the_host_behind_ssh_is_checked_too(host: str) -> None:
    with pytest.raises(UsageProblem):
        parse_address(f"ssh://box/{host}:7001")


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = NAMES | st.ip_addresses().map(str)
PORTS = st.integers(1, 65535)
USERS = st.from_regex(r"[a-z_][a-z0-9_.+-]{0,10}", fullmatch=True)
ADDRESSES = st.one_of(
    st.builds(TcpAddress, HOSTS, PORTS),
    st.builds(TlsAddress, HOSTS, PORTS),
    st.builds(
        SshAddress,
        st.builds(lambda user, host: f"{user}@{host}" if user else host, st.none() | USERS, HOSTS),
        st.none() | PORTS,
        HOSTS,
        PORTS,
        st.none(),
    ),
    st.builds(
        SshAddress, HOSTS, st.none() | PORTS, st.just(""), st.just(0), st.from_regex(r"/[a-z.:-]+", fullmatch=True)
    ),
    st.builds(UnixAddress, st.text(min_size=1).map(lambda text: "/" + text.replace("\0", ""))).filter(
        lambda address: len(address.path) > 1
    ),
)


@given(ADDRESSES)
def test_what_is_written_is_read_again(address: Address) -> None:
    assert parse_address(format_address(address)) == address


@given(st.text() | st.text(alphabet=string.printable).map("ssh://".__add__) | st.text().map("tcp://".__add__))
def test_any_text_is_an_address_or_a_usage_problem(text: str) -> None:
    try:
        address = parse_address(text)
    except UsageProblem:
        return
    written = format_address(address)
    assert parse_address(written) == address
    assert format_address(parse_address(written)) == written
    if isinstance(address, SshAddress):
        assert not address.destination.startswith("-")
        assert not set(address.destination) & set(" \t\n$`;|&<>(){}*?!'\"\\~#%,=^")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("127.0.0.256", False),
        ("127.0.0", False),
        ("127.0.0.1.5", False),
        ("127.0.0.²", False),  # isdigit() says yes, int() says no
        ("127.0.0.٣", False),
        ("127.0.0.1.evil.example", False),
        ("128.0.0.1", False),
        ("localhost.example", False),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("listens", "reached"),
    [
        ("tcp://0.0.0.0:7001", "tcp://127.0.0.1:7001"),
        ("tcp://[::]:7001", "tcp://[::1]:7001"),
        ("tls://0.0.0.0:7001", "tls://127.0.0.1:7001"),
        ("tcp://10.0.0.1:7001", "tcp://10.0.0.1:7001"),
        ("unix:///run/x", "unix:///run/x"),
        ("frobnicated", "frobnicated"),
    ],
)
def test_what_listens_everywhere_is_reached_at_this_machine(listens: str, reached: str) -> None:
    assert reached_from_here(listens) == reached
