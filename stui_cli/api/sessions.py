"""Sessions: made, listed, counted, restored, renamed, closed, removed, and carried elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.api.opened import Opened
from stui_cli.contract.records.sessions import (
    ExportedSession,
    HistoryRecord,
    RestoredSession,
    RestoredSessions,
    SessionDescription,
    SessionRecord,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection

    from stui_cli.model.names import Target
    from stui_cli.model.sessions import ImageSessionStats, Session, SessionMetadata
    from stui_cli.work.sessions.restore import Restoration

# Characters of the values that a replay prints, which nobody sees.
_REPLAY_PRINT_LIMIT = 1_000


class Sessions(Opened):
    """The part of the manager that is about sessions."""

    @property
    def image_session_map(self) -> dict[str, list[str]]:
        """The session ids of each image, by image id."""
        state = self.store.read()
        return {
            image_id: [session.session_id for session in self.store.sessions(state, image_id).values()]
            for image_id in state.shards
        }

    @property
    def active_sessions(self) -> dict[str, list[SessionMetadata]]:
        """The sessions that are live, by image id."""
        found: dict[str, list[SessionMetadata]] = {}
        for metadata in self.list_image_sessions():
            if metadata.session.state == "active":
                found.setdefault(metadata.image_id, []).append(metadata)
        return found

    def create_session_for_image(
        self,
        image: str,
        image_address: str | None = None,
        session_name: str | None = None,
        description: str | None = None,
    ) -> str:
        """Make a session in an image and record it; return its id.

        A good name is found if none is given. `image_address`, where it is given, must be the registered one.
        """
        from stui_cli.model.addresses import format_address, parse_address
        from stui_cli.model.errors import Refused
        from stui_cli.work.sessions.create import create_session

        registered = self._image(image)
        if image_address is not None and format_address(parse_address(image_address)) != registered.address:
            from shlex import quote

            raise Refused(
                f"{registered.name} is registered at {registered.address}, not at {image_address}",
                todo=f"stui images set {registered.name} --address {quote(image_address)}",
                image=registered.name,
            )
        return create_session(self.bench, registered.name, session_name, description).session_id

    def list_image_sessions(self, image: str | None = None) -> list[SessionMetadata]:
        """The recorded sessions of one image, or of all, also of images that are no longer registered."""
        from stui_cli.work.sessions.listing import list_sessions

        return list_sessions(self.bench, image)

    def get_image_session_stats(self, image: str) -> ImageSessionStats:
        """The sessions of one image, counted by itself; from what is recorded where it does not answer."""
        from stui_cli.work.sessions.stats import session_stats

        return session_stats(self.bench, [self._image(image).name])[0]

    def session(self, image: str, name: str) -> SessionMetadata:
        """One recorded session with its image. Raises NotFound."""
        from stui_cli.model.names import Target
        from stui_cli.work.sessions.listing import metadata_called

        return metadata_called(self.bench, Target(image, name))

    def metadata_of(self, session: Session) -> SessionMetadata:
        """A session's record with its image, whatever both are called by now."""
        from stui_cli.work.sessions.listing import metadata_of

        return metadata_of(self.bench, session)

    def create_session(
        self, image: str | None = None, name: str | None = None, description: str | None = None, *, attach: bool = False
    ) -> SessionRecord:
        """Make a session in an image and record it; with `attach` the one of that name is used if it is there already.

        A good name is found if none is given. Raises Refused for a taken name.
        """
        from stui_cli.model.names import Target
        from stui_cli.work.sessions.create import create_or_attach, create_session

        where = self._target(image).image
        if attach and name is not None:
            made, _ = create_or_attach(self.bench, Target(where, name), description)
        else:
            made = create_session(self.bench, where, name, description)
        return self._record(made)

    def list_sessions(self, image: str | None = None, *, states: Collection[str] = ()) -> list[SessionRecord]:
        """The recorded sessions of one image, or of all; with `states` the active, parked, lost or closed ones.
        In place of an image stands IMAGE/SESSION, or a pattern of either. Contacts nobody."""
        from stui_cli.contract.session import sessions_block
        from stui_cli.model.errors import UsageProblem
        from stui_cli.model.sessions import SessionState
        from stui_cli.work.sessions.listing import SessionWish, wished_sessions

        if unknown := set(states) - set(SessionState):
            raise UsageProblem(
                f"{sorted(unknown)[0]!r} is no state of a session", todo=f"one of {', '.join(SessionState)}"
            )
        wish = SessionWish(() if image is None else (image,), states=frozenset(map(SessionState, states)))
        found = wished_sessions(self.bench, wish)
        return [SessionRecord.of(item) for sessions in found for item in sessions_block(sessions).items()]

    def show_session(self, session: str | Target | None = None, *, cached: bool = False) -> SessionDescription:
        """All that is known of a session (IMAGE/SESSION), or of the current one. Its image is asked for the variables
        unless `cached`; where it does not answer they are those of the last checkpoint."""
        from stui_cli.work.sessions.show import show_item, view_session

        view = view_session(self.bench, self._session(session), ask=not cached)
        return SessionDescription.of(show_item(view), warnings=view.notes)

    def restore_session(
        self,
        session: str | Target | None = None,
        *,
        replay: bool = False,
        strict: bool = False,
        time_limit: float = 30.0,
        on_output: Callable[[str], None] | None = None,
    ) -> RestoredSession:
        """Make a session live again from its last checkpoint; with `replay` its recorded sources run after that, each
        for `time_limit` seconds at most. What could not be made again is in `lost`, and a source that failed in
        `failure`. With `strict` a loss that is known beforehand is Refused, and one that was not is the `failure`."""
        from stui_cli.work.sessions.restore import restore_session
        from stui_cli.work.talking.evaluate import Limits

        limits = Limits(time_limit, _REPLAY_PRINT_LIMIT)
        found = restore_session(
            self.bench, self._session(session), replay=replay, strict=strict, limits=limits, on_output=on_output
        )
        return self._restored(found, strict=strict)

    def restore_sessions(
        self,
        image: str | None = None,
        *,
        replay: bool = False,
        strict: bool = False,
        time_limit: float = 30.0,
        on_output: Callable[[str], None] | None = None,
    ) -> RestoredSessions:
        """Make all sessions of an image, or of the current one, live again but those that are closed, each as
        `restore_session` does. One that fails is in `failures`; the rest is not tried if the image is not reached."""
        from stui_cli.model.errors import NotPermitted, StoreProblem, StuiError, Unreachable
        from stui_cli.model.names import Target
        from stui_cli.model.sessions import SessionState

        registered = self._image(self._target(image).image)
        states = set(SessionState) - {SessionState.CLOSED}
        done: list[RestoredSession] = []
        failures: list[StuiError] = []
        for each in self.list_sessions(registered.name, states=states):
            target = Target(registered.name, each.name)
            try:
                done.append(
                    self.restore_session(
                        target, replay=replay, strict=strict, time_limit=time_limit, on_output=on_output
                    )
                )
            except StuiError as error:
                failures.append(error.about(registered.name, str(target)))
                if isinstance(error, Unreachable | NotPermitted | StoreProblem):
                    break
        return RestoredSessions(sessions=tuple(done), failures=tuple(failures))

    def set_session(self, session: str | Target | None = None, *, description: str) -> SessionRecord:
        """Give a session, or the current one, another description; an empty one takes it away."""
        from stui_cli.work.sessions.describe import describe_session

        made, warnings = describe_session(self.bench, self._session(session), description)
        return self._record(made, *warnings)

    def rename_session(self, session: str | Target, new_name: str) -> SessionRecord:
        """Give a session another name; contexts that mean it follow. Raises Refused for a taken one."""
        from stui_cli.work.sessions.rename import rename_session

        made, warnings = rename_session(self.bench, self._session(session), new_name)
        return self._record(made, *warnings)

    def close_session(self, session: str | Target | None = None) -> SessionRecord:
        """End the live state of a session, or of the current one, with a last checkpoint; the record stays."""
        from stui_cli.work.sessions.close import close_session

        closing = close_session(self.bench, self._session(session))
        return self._record(closing.session, *closing.notes)

    def remove_session(self, session: str | Target | None = None) -> SessionRecord:
        """Remove the record of a session; a live one is closed first, if its image answers. `undo` brings it back.
        The answer is the record as it was."""
        from stui_cli.contract.session import session_item
        from stui_cli.work.sessions.close import remove_session
        from stui_cli.work.sessions.listing import metadata_called

        target = self._session(session)
        was = session_item(metadata_called(self.bench, target))
        return SessionRecord.of(was, warnings=remove_session(self.bench, target).notes)

    def session_history(self, session: str | Target | None = None, last: int | None = None) -> list[HistoryRecord]:
        """What was evaluated in a session, oldest first; the `last` of it. Contacts nobody."""
        from stui_cli.contract.history import history_item
        from stui_cli.work.meant.session import recorded_session

        found = recorded_session(self.bench, self.read(), self._session(session))
        entries = list(enumerate(self.store.history(found.session.image_id, found.session.session_id), 1))
        chosen = entries if last is None else entries[max(0, len(entries) - last) :]
        return [HistoryRecord.of(history_item(found.target, number, entry)) for number, entry in chosen]

    def export_session(
        self, session: str | Target | None, file: str | os.PathLike[str], *, overwrite: bool = False
    ) -> ExportedSession:
        """Put a session into a file, which its owner alone can read: .toml or .msgpack. A file that is there is
        replaced only with `overwrite`."""
        from pathlib import Path

        from stui_cli.contract.export import export_item
        from stui_cli.store.files.session_file import write_session_file
        from stui_cli.work.sessions.transfer import export_session

        exported = export_session(self.bench, self._session(session))
        write_session_file(Path(file), exported.file, overwrite=overwrite)
        item = export_item(exported.target, str(file), exported.file)
        return ExportedSession.of(item, warnings=exported.notes)

    def import_session(
        self,
        file: str | os.PathLike[str],
        image: str | None = None,
        *,
        name: str | None = None,
        replay: bool = False,
        strict: bool = False,
        time_limit: float = 30.0,
        on_output: Callable[[str], None] | None = None,
    ) -> RestoredSession:
        """Make a session of such a file: in the image that it comes from, or in the one named. As `restore_session`."""
        from pathlib import Path

        from stui_cli.store.files.session_file import read_session_file
        from stui_cli.work.sessions.transfer import import_session
        from stui_cli.work.talking.evaluate import Limits

        found = import_session(
            self.bench,
            read_session_file(Path(file)),
            into=None if image is None else self._image(image).name,
            name=name,
            replay=replay,
            strict=strict,
            limits=Limits(time_limit, _REPLAY_PRINT_LIMIT),
            on_output=on_output,
        )
        return self._restored(found, strict=strict)

    def _record(self, session: Session, *warnings: str) -> SessionRecord:
        from stui_cli.contract.session import session_item

        return SessionRecord.of(session_item(self.metadata_of(session)), warnings=warnings)

    def _restored(self, found: Restoration, *, strict: bool) -> RestoredSession:
        from stui_cli.work.sessions.restore import problem_of, restoration_item

        item = restoration_item(found, self.metadata_of(found.session))
        return RestoredSession.of(item, failure=problem_of(found, strict=strict))
