"""`stui images set`: an image's metadata, key, address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.labels import labels
from stui_cli.commands.tls_options import terms_of, tls_options
from stui_cli.contract.image import IMAGE, image_item
from stui_cli.global_options import complete_image, complete_label
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.addresses import format_address, parse_address
from stui_cli.model.errors import UsageProblem
from stui_cli.model.images import TlsTerms, tls_terms
from stui_cli.model.results import Result
from stui_cli.model.visible import visible
from stui_cli.option_types import FileName, option
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from collections.abc import Mapping


@command("image", name="set", purpose=Purpose.ACT)
@click.argument("name", shell_complete=complete_image)
@click.argument("metadata", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete_label)
@option("--address", help="Where it listens now; its id stays pinned.")
@option("--key-file", type=FileName(), help="The file with the key to prove.")
@option("--key-id", help="Which key of that file.")
@option("--no-key", is_flag=True, help="The image asks for no key any more.")
@option("--allow-plaintext/--no-allow-plaintext", default=None, help="Whether tcp:// may leave this machine.")
@option("--socket-owner", metavar="USER", help="Trust the unix:// socket of this user, too; empty: no more.")
@tls_options
@option("--no-ca-file", is_flag=True, help="Trust the CAs of this machine again.")
@option("--no-fingerprint", is_flag=True, help="Pin no certificate any more: trust CAs.")
@option("--no-cert", is_flag=True, help="Show no certificate of ours any more.")
def cli(
    invocation: Invocation,
    name: str,
    metadata: tuple[str, ...],
    address: str | None,
    key_file: str | None,
    key_id: str | None,
    no_key: bool,
    allow_plaintext: bool | None,
    socket_owner: str | None,
    **tls: str | bool | None,
) -> int:
    """Change what is recorded of the image NAME. KEY=VALUE sets a label, KEY= removes it.

    A tls:// address is trusted by the CAs of this machine, or by those of --ca-file, or by the --fingerprint of its
    very certificate: each takes the place of the other. An empty value takes one away.
    """
    from stui_cli.work.images.register import EntryChanges, set_image

    bench = invocation.bench
    known_image(bench.store.read(), name)  # an unknown one is told before wrong words
    wanted = labels(metadata)
    changes: dict[str, object] = {}
    if address is not None:
        changes["address"] = format_address(parse_address(address))
    if key_file is not None:
        from pathlib import Path  # 3 ms

        changes["key_file"] = str(Path(key_file).absolute())
    if key_id is not None:
        changes["key_id"] = key_id
    if no_key:
        changes |= {"key_file": None, "key_id": None}
    if allow_plaintext is not None:
        changes["allow_plaintext"] = allow_plaintext
    terms, dropped = terms_of(tls), _dropped(tls)
    if not changes and not wanted and not any(terms) and not dropped and socket_owner is None:
        raise UsageProblem("nothing to change was named", todo="see stui images set --help")

    before, changed = set_image(bench, name, EntryChanges(wanted, changes, terms, dropped, socket_owner))
    item = image_item(changed, bench.store.probes().get(name), bench.clock())
    told = sorted((*changes, *(["socket_owner"] if socket_owner else [])))
    told += [field for field, value in tls_terms(changed)._asdict().items() if value and getattr(terms, field)]
    gone = [f for f in TlsTerms._fields if getattr(changed, f) is None and (f in dropped or getattr(before, f))]
    gone += ["socket_owner"] if socket_owner == "" else []
    parts = [f"{', '.join(fields)} {done}" for fields, done in ((told, "set"), (gone, "taken away")) if fields]
    parts += [_label_words(key, value, before.metadata.get(key)) for key, value in wanted.items()]
    return invocation.show(Result(IMAGE, [item], text=f"{name}: {'; '.join(parts)}"))


def _label_words(key: str, wanted: str, before: str | None) -> str:
    """What became of a label that was `before`."""
    if wanted == "":
        return f"label {visible(key)} was not set" if before is None else f"label {visible(key)} removed"
    return f"label {visible(key)} is {visible(wanted)}" + (" already" if wanted == before else "")


def _dropped(tls: Mapping[str, str | bool | None]) -> set[str]:
    """The terms of TLS that are to be taken away: by --no-..., or by an empty value."""
    dropped = {field for field in TlsTerms._fields if tls[field] == "" or tls.get(f"no_{field}")}
    return dropped | {"cert_key"} if "cert" in dropped else dropped
