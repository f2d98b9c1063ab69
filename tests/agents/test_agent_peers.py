"""Clients in other languages, which write MessagePack in ways of their own: what they write by default serves."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import msgpack
import pytest
from needs import missing, program
from wire import RemoteError, Wire

if TYPE_CHECKING:
    from pathlib import Path

    from running import RunningAgent, Starter


@pytest.fixture
def open_agent(starter: Starter) -> RunningAgent:
    """An agent that asks for no key."""
    return starter().start()


def test_an_empty_array_is_an_empty_map(wire: Wire) -> None:
    assert wire.answer(wire.request_with("ping", [[]]))["message"] is None
    with pytest.raises(RemoteError, match="map was expected, not array"):
        wire.answer(wire.request_with("ping", [[1]]))
    with pytest.raises(RemoteError, match="bindings: map was expected, not array"):
        wire.call("restore_session", session_id="x", bindings=[[1]])
    with pytest.raises(RemoteError, match="name is missing"):
        wire.call("restore_session", session_id="x", bindings=[[]])


def test_bytes_are_text(wire: Wire) -> None:
    params = {b"session_id": b"perl", b"name": "caf\u00e9".encode(), b"description": b"", b"\xff": 1}
    made = wire.answer(wire.request_with(b"create_session", [params]))
    assert (made["session_id"], made["name"]) == ("perl", "caf\u00e9")


@pytest.mark.parametrize("number", [0, 1, -1, 2, 255, 300, 2**24, 2**32 - 1, 2**53, -(2**53), 2**60, 2**61 + 2**10])
def test_whole_floats_are_integers(wire: Wire, number: int) -> None:
    assert read_as(wire, float(number)) == number
    if float(number) == msgpack.unpackb(msgpack.packb(float(number), use_single_float=True)):
        assert read_as(wire, float(number), single=True) == number


DOUBLES = [0.5, -0.5, 1e-320, 2.0**62, 1e300, float("inf"), float("-inf"), float("nan"), 2**40 + 0.5]
SINGLES = [0.5, -0.5, 1e-40, 2.0**62, float("inf"), float("-inf"), float("nan"), 2**15 + 0.5]


@pytest.mark.parametrize(
    ("number", "single"), [*((number, False) for number in DOUBLES), *((number, True) for number in SINGLES)]
)
def test_other_floats_are_none(wire: Wire, number: float, single: bool) -> None:
    assert read_as(wire, number, single=single) is None


def read_as(wire: Wire, number: float, *, single: bool = False) -> int | None:
    """As which id the agent reads a float, None if it refuses it."""
    wire.send_bytes(msgpack.packb([0, number, "ping", []], use_single_float=single))
    wire.receive()
    ((answered, (error, _)),) = wire.answers.items()
    wire.answers.clear()
    assert (answered is None) == (error is not None)
    return answered


OVER = "the time limit of 50 ms was reached"


def test_errors_as_one_text(open_agent: RunningAgent) -> None:
    with Wire(open_agent.address) as wire:
        greeting = wire.hello(errors="text")
        assert (greeting["nonce"], greeting["proof"]) == (None, None)
        for method, params, told in (
            ("no_such", {}, "UnsupportedMethod: there is no method no_such"),
            (
                "evaluate",
                {"source": "[true] whileTrue", "time_limit_ms": 50},
                "Timeout: the time limit of 50 ms was reached",
            ),
        ):
            number = wire.request(method, **params)
            while number not in wire.answers:
                wire.receive()
            assert wire.answers.pop(number) == (told, None)
    with Wire(open_agent.address) as wire:
        with pytest.raises(RemoteError, match="errors: map or text was expected"):
            wire.hello(errors="loud")
        assert wire.hello(errors="map")["auth"] == "none"
        with pytest.raises(RemoteError, match="there is no method no_such"):
            wire.call("no_such")


NEOVIM = """
local address = vim.env.AGENT:gsub('tcp://', '')
local channel = vim.fn.sockconnect('tcp', address, {rpc = 1})
local function try(...) local ok, told = pcall(vim.rpcrequest, channel, ...) return told end
local hello = try('hello', {protocol = 1, client = 'nvim', client_id = 'nvim', errors = 'text'})
local made = try('create_session', {session_id = 'n', name = 'n', description = 'from Neovim'})
local found = try('evaluate', {session_id = 'n', source = '3 + 4', time_limit_ms = 5000, print_limit = 100})
vim.fn.writefile({vim.fn.json_encode({
  auth = hello.auth, status = try('ping', {}).status, name = made.name, value = found.value.print,
  refused = tostring(try('no_such', {}))})}, 'told')
vim.cmd('qall!')
"""


def test_neovim(open_agent: RunningAgent, tmp_path: Path) -> None:
    """Its empty table is an empty array, and it shows an error only where it is one text."""
    (tmp_path / "client.lua").write_text(NEOVIM)
    nvim = [program("nvim"), "--headless", "--clean", "-n", "+luafile client.lua"]
    environment = {"AGENT": open_agent.address, "HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(nvim, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (tmp_path / "told").is_file(), done.stderr
    told = json.loads((tmp_path / "told").read_text())
    refused = told.pop("refused")
    assert told == {"auth": "none", "status": "ok", "name": "n", "value": "7"}
    assert "UnsupportedMethod: there is no method no_such" in refused


PERL = r"""
use strict; use Data::MessagePack; use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => shift, Proto => 'tcp') or die $!;
my $packer = Data::MessagePack->new; my $unpacker = Data::MessagePack::Unpacker->new; my $id = 0; my $data = '';
sub ask {
    my ($method, $params) = @_;
    syswrite $socket, $packer->pack([0, $id++, $method, [$params]]);
    while (1) {
        sysread $socket, my $piece, 65536 or die 'the end';
        $data .= $piece;
        my $answer = eval { $packer->unpack($data) } or next;
        $data = '';
        return $answer->[2] ? "$answer->[2]{code}: $answer->[2]{message}" : $answer->[3];
    }
}
ask('hello', {protocol => 1, client => 'perl', client_id => 'p'});
ask('create_session', {session_id => 's', name => 'p', description => ''});
print ask('evaluate', {session_id => 's', source => "'caf\xc3\xa9' size", time_limit_ms => 5000, print_limit => 100})
    ->{value}{print}, "\n", ask('ping', {message => 1})->{status}, "\n", ask('no_such', {}), "\n";
"""


def test_perl(open_agent: RunningAgent) -> None:
    """Its Data::MessagePack writes all text, and the keys of maps, as bytes."""
    perl = program("perl")
    if subprocess.run([perl, "-MData::MessagePack", "-e", "1"], capture_output=True, check=False).returncode:
        missing("Perl's Data::MessagePack is not installed")
    address = open_agent.address.removeprefix("tcp://")
    done = subprocess.run([perl, "-e", PERL, address], capture_output=True, text=True, timeout=20, check=False)
    assert (done.stdout.splitlines(), done.stderr) == (
        ["5", "ok", "UnsupportedMethod: there is no method no_such"],
        "",
    )
