"""Registered images: what the store knows of each."""

from collections.abc import Mapping

from stui_cli.named_tuples import NamedTuple


class TlsTerms(NamedTuple):
    """Whom to trust behind a tls:// address, and as whom to go there.

    A server is trusted by the system's CAs; or, where `ca_file` is known, by the certificates in it alone; or, where
    `fingerprint` is known, if its certificate is the one with that SHA-256, whoever issued it. `cert` and `cert_key`
    are the files of our own certificate and of its key, which may stand in one file.
    """

    ca_file: str | None = None
    fingerprint: str | None = None
    cert: str | None = None
    cert_key: str | None = None


NO_TLS_TERMS = TlsTerms()


class Image(NamedTuple):
    """One registered image.

    `image_id` is None until the first contact pins it (`images add --offline`). `metadata` is the seed's
    image_metadata: the user's own labels. `launch_directory` is set for images that `images launch` started. `ca_file`
    to `cert_key` are the terms of a tls:// address; `fingerprint` is as model/fingerprints.py writes it. `socket_owner`
    is the user, by name or number, whose unix socket is trusted as one of our own. `extra` keeps fields that a newer
    stui wrote.
    """

    name: str
    address: str
    added_at: int
    image_id: str | None = None
    dialect: str | None = None
    image_name: str | None = None
    image_version: str | None = None
    metadata: Mapping[str, str] = {}
    key_file: str | None = None
    key_id: str | None = None
    allow_plaintext: bool = False
    parked: bool = False
    launch_directory: str | None = None
    ca_file: str | None = None
    fingerprint: str | None = None
    cert: str | None = None
    cert_key: str | None = None
    socket_owner: str | None = None
    extra: Mapping[str, object] = {}


def tls_terms(image: Image) -> TlsTerms:
    """What the entry of an image says of TLS."""
    return TlsTerms(image.ca_file, image.fingerprint, image.cert, image.cert_key)
