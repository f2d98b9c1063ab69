"""Registered images: what the store knows of each."""

from collections.abc import Mapping
from typing import NamedTuple


class Image(NamedTuple):
    """One registered image.

    `image_id` is None until the first contact pins it (`images add --offline`). `metadata` is the seed's
    image_metadata: the user's own labels. `launch_directory` is set for images that `images launch` started.
    `extra` keeps fields that a newer stui wrote.
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
    extra: Mapping[str, object] = {}
