"""The terms of a tls:// address as they come into the registry: what contradicts itself is refused there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.addresses import TlsAddress, parse_address
from stui_cli.model.errors import UsageProblem
from stui_cli.model.images import tls_terms

if TYPE_CHECKING:
    from collections.abc import Collection

    from stui_cli.model.images import Image, TlsTerms


def sound_terms(image: Image) -> Image:
    """The image with its fingerprint in the one spelling. Raises UsageProblem for terms that cannot hold together."""
    if image.fingerprint is not None:
        from stui_cli.model.fingerprints import parse_fingerprint

        image = image._replace(fingerprint=parse_fingerprint(image.fingerprint))
    if image.fingerprint is not None and image.ca_file is not None:
        raise UsageProblem(
            f"{image.name} cannot be trusted both by a CA and by the fingerprint of its certificate",
            todo="a pinned certificate is taken whoever issued it: leave out --fingerprint or --ca-file",
        )
    if image.cert_key is not None and image.cert is None:
        raise UsageProblem(f"{image.name} has a key without its certificate", todo="name that as well: --cert FILE")
    return image


def refuse_without_tls(image: Image, named: Collection[str]) -> None:
    """Raises UsageProblem where terms of TLS were `named` for an address without it: they would protect nothing."""
    if named and not isinstance(parse_address(image.address), TlsAddress):
        options = ", ".join(f"--{field.replace('_', '-')}" for field in named)
        raise UsageProblem(
            f"{options} would do nothing for {image.address}: only tls:// addresses speak TLS",
            todo="write its address as tls://HOST:PORT, with the port of what speaks TLS there",
        )


def with_terms(image: Image, changes: TlsTerms, dropped: Collection[str]) -> Image:
    """The entry with the terms of `changes` that are no None, and without those `dropped`. A CA takes the place of a
    pinned certificate, and that the place of a CA, since only one of them is asked. Raises UsageProblem."""
    wanted = {field: value for field, value in changes._asdict().items() if value is not None}
    gone = set(dropped)
    if "fingerprint" in wanted and "ca_file" not in wanted:
        gone.add("ca_file")
    if "ca_file" in wanted and "fingerprint" not in wanted:
        gone.add("fingerprint")
    terms = tls_terms(image)._asdict() | dict.fromkeys(gone) | wanted
    changed = sound_terms(image._replace(**terms))
    refuse_without_tls(changed, list(wanted))
    return changed
