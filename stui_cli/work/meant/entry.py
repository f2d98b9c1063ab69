"""The entry of an image in the registry, changed by what is found of it under the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused
from stui_cli.model.images import TlsTerms
from stui_cli.model.names import checked_text
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.protocol.greeting import Greeting
    from stui_cli.store.transaction import Draft


def change_image(bench: Workbench, name: str, change: Callable[[Image], Image]) -> Image:
    """Let a registered image be what `change` makes of it as it is found under the lock; return it as it is then.

    What `change` raises means that nothing happened. Raises Refused if two names would mean one image.
    """
    made: list[Image] = []

    def under_lock(draft: Draft) -> ImageDetails:
        before = known_image(draft.state, name)
        after = change(before)
        check_texts(after, before)
        if after.image_id != before.image_id:
            refuse_second_name(draft.state, after)
        draft.images[name] = after
        made.append(after)
        return ImageDetails(Kind.IMAGE_CHANGE, name, _changed_fields(before, after))

    bench.store.commit(under_lock)
    return made[-1]


def pinned_to(image: Image, found: Image | Greeting) -> Image:
    """The entry once it means the image that was `found`, with what that says of itself."""
    return image._replace(
        image_id=found.image_id,
        dialect=found.dialect,
        image_name=found.image_name,
        image_version=found.image_version,
    )


def refuse_if_changed(seen: Image, image: Image) -> None:
    """Raises Refused, saying what changed, if an entry means another image or another place than it did."""
    for what, before, now in (("image id", seen.image_id, image.image_id), ("address", seen.address, image.address)):
        if before != now:
            raise Refused(
                f"another command changed {image.name} meanwhile: its {what} was {before or 'not known'} and is "
                f"{now or 'not known'} now; nothing was done",
                todo=f"look at it, then repeat the command: stui images show {image.name}",
                image=image.name,
            )


def refuse_second_name(state: State, image: Image) -> None:
    """Raises Refused, naming the other, if another name has the image already: two names would share its sessions."""
    other = next((i for i in state.images.values() if i.image_id == image.image_id and i.name != image.name), None)
    if image.image_id is not None and other is not None:
        raise Refused(
            f"at {image.address} answers the image that is registered as {other.name}; {image.name} cannot mean it too",
            todo=f"use the name {other.name}; if {image.name} is not needed: stui images remove {image.name}",
            image=image.name,
        )


def check_texts(image: Image, before: Image | None = None) -> None:
    """Raises UsageProblem for text that no file of ours could hold; what was so `before` is not looked at again."""
    for name in ("address", "key_file", "key_id", *TlsTerms._fields):
        value = getattr(image, name)
        if value is not None and (before is None or value != getattr(before, name)):
            checked_text(value, f"the {name.replace('_', ' ')} of {image.name}")
    for key, label in image.metadata.items():
        if before is None or before.metadata.get(key) != label:
            checked_text(f"{key}={label}", f"a label of {image.name}")


def _changed_fields(before: Image, after: Image) -> dict[str, str]:
    """What an operation says of a change: each field with its new text, of the labels those that changed."""
    fields = {name: value for name, value in after._asdict().items() if value != getattr(before, name)}
    if "metadata" in fields:
        fields["metadata"] = " ".join(_changed_labels(before.metadata, after.metadata))
    return {name: str(value) for name, value in fields.items()}


def _changed_labels(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    changed = [f"{key}={value}" for key, value in after.items() if before.get(key) != value]
    return [*changed, *(f"{key}=" for key in before if key not in after)]
