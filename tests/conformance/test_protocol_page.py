"""The pages of section 7 say what the code does: generated parts, examples, settings, what an adapter answers."""

from __future__ import annotations

import hashlib
import hmac
import re
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest
from needs import program

ROOT = Path(__file__).parents[2]
PROTOCOL, AGENT = (ROOT / "man" / name for name in ("stui-protocol.7", "stui-agent.7"))
CORE = ROOT / "stui_cli" / "agents" / "core"


def examples() -> dict[str, bytes]:
    """The hexadecimal examples of the page, by what stands above each."""
    found = re.findall(r"^\.Pp\n(.+):\n\.Bd -literal -offset indent\n([0-9a-f \n]+)\.Ed$", PROTOCOL.read_text(), re.M)
    return {f"{number} {name}": bytes.fromhex(data) for number, (name, data) in enumerate(found, 1)}


def test_the_generated_parts_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "protocol_page.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proofs_can_be_made_with_nothing_but_the_page() -> None:
    key, client, server, image_id, server_proof, client_proof = list(examples().values())[:6]
    assert hmac.new(key, b"stui-server" + client + server + image_id, hashlib.sha256).digest() == server_proof
    assert hmac.new(key, b"stui-client" + server + client + image_id, hashlib.sha256).digest() == client_proof


def test_the_example_messages_are_what_a_foreign_library_reads() -> None:
    messages = [msgpack.unpackb(data) for data in list(examples().values())[6:]]
    assert [message[:3] for message in messages[::2][:2]] == [[0, 1, "hello"], [0, 2, "authenticate"]]
    assert messages[0][3][0]["nonce"] == list(examples().values())[1]
    assert messages[1][3]["auth"] == "hmac-sha256"
    assert messages[3] == [1, 2, None, {"role": "admin"}]
    assert messages[-1] == [2, "interrupt", [{"id": 3}]]


def test_every_setting_of_the_agent_is_told_with_its_default() -> None:
    source = (CORE / "settings.st").read_text()
    found = re.search(r"^defaults\n\t\^#\((.*?)\)!", source, re.M | re.S)
    assert found is not None
    words = found[1].split()
    settings = dict(zip(words[::2], words[1::2], strict=True))
    page = AGENT.read_text()
    section = page[page.index(".Ss Settings") : page.index(".Sh FILES")]
    told = dict(re.findall(r"^\.It Va (\w+)\n((?:(?!\.It|\.El).*\n)+)", section, re.M))
    assert list(told) == [name.removeprefix("#") for name in settings]
    for name, default in settings.items():
        if default not in ("#unset", "'hmac-sha256'"):
            assert default.strip("'") in told[name.removeprefix("#")], name


def test_every_message_of_an_adapter_is_told() -> None:
    source = (CORE / "dialect.st").read_text()
    body = source[source.index("!StuiDialect methodsFor: 'identity'!") :]
    methods = re.findall(r"^([a-z][\w: ]*)\n((?:\t.*\n?)+)", body.replace("! !", "!"), re.M)
    required = {selector_of(head) for head, text in methods if "subclassResponsibility" in text}
    optional = {selector_of(head) for head, text in methods} - required
    page = AGENT.read_text().replace("\\&", "")
    section = page[page.index("These messages are answered") : page.index(".Sh SECURITY")]
    must, _, may = section.partition("These have an answer in the core")
    assert set(re.findall(r"^\.Li (\S+)", must, re.M)) == required
    assert set(re.findall(r"^\.Li (\S+)", may, re.M)) == optional


def selector_of(head: str) -> str:
    """Of a method's first line, such as `at: index put: value`."""
    keywords = re.findall(r"\w+:", head)
    return "".join(keywords) if keywords else head.strip()


def test_the_runtime_file_is_told() -> None:
    source = (CORE / "agent.st").read_text()
    body = source[source.index("runtimeFacts\n\t|") :]
    keys = re.findall(r"map at: '(\w+)'", body[: body.index("^map!")])
    page = AGENT.read_text()
    section = page[page.index(".Ss The runtime file") : page.index(".Sh WRITING")]
    assert re.findall(r"^\.It Va (\w+)", section, re.M) == keys


@pytest.mark.parametrize("page", [PROTOCOL, AGENT], ids=lambda page: page.name)
def test_mandoc_has_no_complaint(page: Path) -> None:
    done = subprocess.run([program("mandoc"), "-T", "lint", page], capture_output=True, text=True)
    complaints = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    assert complaints == []


@pytest.mark.parametrize("page", [PROTOCOL, AGENT], ids=lambda page: page.name)
def test_groff_has_no_complaint(page: Path) -> None:
    done = subprocess.run(
        [program("groff"), "-man", "-mdoc", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True
    )
    assert done.stderr == ""
