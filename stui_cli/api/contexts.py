"""Which image and session is meant where none is named, and going elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.api.opened import Opened
from stui_cli.contract.records.sessions import ContextRecord

if TYPE_CHECKING:
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.names import Target
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.sessions.switch import ContextSwitch


class Contexts(Opened):
    """The part of the manager that is about contexts."""

    @property
    def current_image_context(self) -> str | None:
        """The name of the image that a command here means; None if nothing gives one."""
        from stui_cli.model.errors import NotFound
        from stui_cli.work.meant.target import Asked

        try:
            return self.target(Asked()).target.image
        except NotFound:
            return None

    def context(self) -> ContextRecord:
        """What a command here means, and what gave it. Raises NotFound where nothing does, and for an image or a
        session that does not exist."""
        from stui_cli.contract.context import effective_item
        from stui_cli.work.meant.target import Asked, existing

        return ContextRecord.of(effective_item(existing(self.bench, Asked())))

    def target(self, asked: Asked) -> EffectiveTarget:
        """What a command means here."""
        from stui_cli.work.meant.target import resolve

        return resolve(self.read(), asked, self.bench)

    def switch_image_context(
        self, target: str | Target, scope: str | None = None, *, preserve: bool = True
    ) -> ContextSwitch:
        """Go to an image or a session, named as `IMAGE` or `IMAGE/SESSION`, in this terminal or in `scope`: "default",
        or the key of a terminal. Raises UsageProblem for another scope."""
        from stui_cli.work.meant.target import target_of
        from stui_cli.work.sessions.switch import switch

        wanted = target_of(target) if isinstance(target, str) else target
        wanted = wanted._replace(image=self._image(wanted.image).name)
        return switch(self.bench, wanted, self._scope(scope), preserve=preserve)

    def switch_image_context_back(self, scope: str | None = None, *, preserve: bool = True) -> ContextSwitch:
        """Go to where this terminal, or `scope`, was before."""
        from stui_cli.work.sessions.switch import switch_back

        return switch_back(self.bench, self._scope(scope), preserve=preserve)

    def unset_image_context(self, scope: str | None = None) -> ContextSwitch:
        """Forget the context of this terminal, or of `scope`."""
        from stui_cli.work.sessions.switch import unset

        return unset(self.bench, self._scope(scope))

    def image_context_trail(self, scope: str | None = None) -> list[Target]:
        """Where this terminal, or `scope`, was before, the latest first."""
        from stui_cli.work.sessions.switch import trail_of

        return list(trail_of(self.bench, self._scope(scope)))

    def _scope(self, scope: str | None) -> str:
        """This terminal's for None, which is the default one without a terminal. Raises UsageProblem."""
        from stui_cli.work.meant.terminals import checked_scope
        from stui_cli.work.sessions.switch import scope_of_switch

        here = scope_of_switch(self.bench, default=False)
        return here if scope in (None, here) else checked_scope(scope or "")
