"""Whose unix socket an image may listen on, as it comes into the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.addresses import UnixAddress, parse_address
from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from stui_cli.model.images import Image


def with_socket_owner(image: Image, owner: str | None) -> Image:
    """The entry with that user; None or an empty one takes it away. Raises UsageProblem for an unknown one, and where
    it would mean nothing."""
    if not owner:
        return image._replace(socket_owner=None)
    if not isinstance(parse_address(image.address), UnixAddress):
        raise UsageProblem(
            f"--socket-owner would do nothing for {image.address}: only unix:// addresses have one",
            todo="leave it out, or write its address as unix:///PATH",
        )
    from stui_cli.image.transports.ownership import user_id

    try:
        user_id(owner)
    except (KeyError, ValueError):
        raise UsageProblem(f"there is no user {owner!r} on this machine", todo="name one, or give its number") from None
    return image._replace(socket_owner=owner)
