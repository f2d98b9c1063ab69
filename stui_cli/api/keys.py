"""Who may do what in an image: the keys that its agent takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.api.opened import Opened
from stui_cli.contract.records.images import KeyRecord

if TYPE_CHECKING:
    import os

    from stui_cli.work.keys.give import Given
    from stui_cli.work.keys.place import KeyPlace
    from stui_cli.work.keys.users import AgentKey


class Keys(Opened):
    """The part of the manager that is about keys."""

    def list_keys(self, image: str | None = None) -> list[KeyRecord]:
        """The keys that the agent of an image, or of the current one, takes. The bytes of a key are in no answer."""
        from stui_cli.work.keys.listing import list_keys

        keys, failures = list_keys(self.bench, [self._key_place(image, "stui keys list")])
        if failures:
            raise failures[0]
        return [_key(key) for key in keys]

    def show_key(self, who: str, image: str | None = None) -> KeyRecord:
        """One of them. Raises NotFound."""
        from stui_cli.work.keys.listing import show_key

        return _key(show_key(self.bench, self._key_place(image, f"stui keys show {who}"), who))

    def give_key(
        self, who: str, role: str, image: str | None = None, *, file: str | os.PathLike[str] | None = None
    ) -> KeyRecord:
        """Give somebody a key of a role, observer, developer or admin, in `file` or in one of the store's folder: hand
        over what `key_file` names. Raises PartlyDone for a name that has one."""
        from os import fspath

        from stui_cli.work.keys.give import give_key

        place = self._key_place(image, f"stui keys new {who} --role {role}")
        return _given(give_key(self.bench, place, who, role, None if file is None else fspath(file)))

    def rotate_key(
        self, who: str | None = None, image: str | None = None, *, file: str | os.PathLike[str] | None = None
    ) -> KeyRecord:
        """Put fresh bytes in the place of a key, or of the one that this store proves with."""
        from os import fspath

        from stui_cli.work.keys.rotate import own_key_id, rotate_key

        place = self._key_place(image, f"stui keys rotate {who or 'WHO'}")
        key_id = own_key_id(place) if who is None else who
        return _given(rotate_key(self.bench, place, key_id, None if file is None else fspath(file)))

    def revoke_key(self, who: str, image: str | None = None, *, force: bool = False) -> KeyRecord:
        """Take a key back; who is connected by it is sent away. Raises Refused for the last one of an admin without
        `force`."""
        from stui_cli.work.keys.revoke import revoke_key

        revoked = revoke_key(self.bench, self._key_place(image, f"stui keys revoke {who}"), who, force=force)
        return _key(revoked.held, revoked.proved)

    def _key_place(self, image: str | None, command: str) -> KeyPlace:
        from stui_cli.work.keys.place import place_of

        return place_of(self.bench, self._image(self._target(image).image), None, command)


def _key(key: AgentKey, accepted: bool | None = None) -> KeyRecord:
    from stui_cli.work.keys.listing import held_item

    return KeyRecord.of(held_item(key, accepted))


def _given(given: Given) -> KeyRecord:
    return _key(given.held, given.proved)
