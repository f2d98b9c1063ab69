"""The options of a command that say how a tls:// address is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from stui_cli.model.images import TlsTerms
from stui_cli.option_types import FileName, option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS = (
    option("--ca-file", type=FileName(), help="tls://: the CAs to trust, instead of this machine's (PEM)."),
    option("--fingerprint", metavar="SHA256", help="tls://: trust the certificate with this SHA-256 alone."),
    option("--cert", type=FileName(), help="tls://: our certificate, for a server that asks for one (PEM)."),
    option("--cert-key", type=FileName(), help="The key of --cert, where it is in a file of its own."),
)


def tls_options(function: F) -> F:
    """Add them; they come as the fields of TlsTerms."""
    for added in reversed(_OPTIONS):
        function = added(function)
    return function


def terms_of(options: Mapping[str, Any]) -> TlsTerms:
    """What the options say, with paths that hold in any folder; what is not named, or empty, is None."""
    if not any(options.get(field) for field in TlsTerms._fields):
        return TlsTerms()
    from pathlib import Path  # 3 ms

    files = {f: str(Path(options[f]).absolute()) for f in ("ca_file", "cert", "cert_key") if options.get(f)}
    return TlsTerms(**files, fingerprint=options.get("fingerprint") or None)
