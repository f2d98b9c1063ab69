"""Images come into the registry, change there, and leave it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.addresses import TcpAddress, UnixAddress, format_address, is_loopback, parse_address
from stui_cli.model.errors import Refused, StuiError, Unreachable
from stui_cli.model.images import NO_TLS_TERMS, TlsTerms
from stui_cli.model.names import checked_name
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.state import image_of_id
from stui_cli.work.images.adding import before_it_is_registered
from stui_cli.work.images.tls import sound_terms, with_terms
from stui_cli.work.meant.entry import change_image, check_texts, pinned_to, refuse_if_changed
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft

# How plain text fails where TLS is spoken, mostly when no time is left; and how long it is looked whether it is.
_MUTE = {ProbeOutcome.TIMED_OUT, ProbeOutcome.BROKEN}
_LOOK_S = 1.0


def add_image(bench: Workbench, image: Image, *, offline: bool) -> Image:
    """Register `image`, after a contact that pins its id unless `offline`.

    The key of a local agent is found through its runtime file. Raises Refused for a name, or an image, that is
    registered already; the contact's failures as they are.
    """
    checked_name(image.name, "an image")
    image = sound_terms(image._replace(address=format_address(parse_address(image.address))))
    check_texts(image)
    _refuse_taken(bench.store.read(), image)
    if image.key_file is None:
        image = _with_local_key(bench, image)
    if not offline:
        image = identified(bench, image)

    def change(draft: Draft) -> ImageDetails:
        _refuse_taken(draft.state, image)
        draft.images[image.name] = image
        return ImageDetails(Kind.IMAGE_ADD, image.name, {"address": image.address})

    bench.store.commit(change)
    return image


class EntryChanges(NamedTuple):
    """What of an entry is to change: its labels (one that is empty goes), fields by name, and terms of TLS, those to be
    taken away by name. `socket_owner` is a user, or "" for none."""

    labels: Mapping[str, str]
    fields: Mapping[str, object]
    terms: TlsTerms = NO_TLS_TERMS
    dropped: Collection[str] = ()
    socket_owner: str | None = None


def set_image(bench: Workbench, name: str, changes: EntryChanges) -> tuple[Image, Image]:
    """Change the entry of an image; return it as it was and as it is. What is known of another address is forgotten.

    Raises UsageProblem for terms that cannot hold together, and for text that no file of ours could hold.
    """
    before = known_image(bench.store.read(), name)

    def change(image: Image) -> Image:
        merged = {**image.metadata, **changes.labels}
        metadata = {key: value for key, value in merged.items() if changes.labels.get(key) != ""}
        image = image._replace(metadata=metadata, **changes.fields)  # type: ignore[arg-type]  # named by our callers
        if "key_file" in changes.fields and "key_id" not in changes.fields:
            image = _with_a_key_of_its_file(image)
        if changes.socket_owner is not None:
            from stui_cli.work.images.socket_owner import with_socket_owner

            image = with_socket_owner(image, changes.socket_owner)
        if not any(changes.terms) and not changes.dropped:
            return image
        return with_terms(image, changes.terms, changes.dropped)

    changed = change_image(bench, name, change)
    if changed.address != before.address:
        from stui_cli.work.images.monitor import forget_old_address

        forget_old_address(bench, changed)
    if (changed.key_file, changed.key_id) != (before.key_file, before.key_id):
        from stui_cli.work.images.monitor import forget_role

        forget_role(bench, changed)
    return before, changed


def _with_a_key_of_its_file(image: Image) -> Image:
    """The name of a key was said of the file before: it counts no more where the file that there is now has another."""
    from stui_cli.image.keys import read_key

    if image.key_file is None or image.key_id is None:
        return image
    try:
        read_key(image.key_file, image.key_id)
    except StuiError:
        with suppress(StuiError):
            read_key(image.key_file, None)
            return image._replace(key_id=None)
    return image


def identified(bench: Workbench, image: Image) -> Image:
    """The image with the id and description that it gives itself; raises StuiError if it cannot be contacted."""
    from stui_cli.image.contact import contact

    state = bench.store.read()
    try:
        with contact(image, state.client_id, bench.deadline.rest()) as client:
            greeting = client.greeting
    except StuiError as error:
        told = _in_tls(bench, image, error) or error
        if image.name not in state.images:
            told.todo = before_it_is_registered(told.todo, image)
        raise told from error.__cause__
    return pinned_to(image, greeting)


def _in_tls(bench: Workbench, image: Image, error: StuiError) -> StuiError | None:
    """The failure of an image whose address says tcp:// where TLS is spoken: silence, as a rule. None for another."""
    address = parse_address(image.address)
    if not isinstance(error, Unreachable) or not isinstance(address, TcpAddress) or error.outcome not in _MUTE:
        return None
    from stui_cli.image.transports.tls import speaks_tls
    from stui_cli.image.transports.tls_refusals import not_plain

    if not speaks_tls(address, bench.deadline.at_least(_LOOK_S).at_most(_LOOK_S)):
        return None
    failure = not_plain(image.address, address).about(image.name)
    failure.todo = failure.todo.replace("NAME", image.name)
    return failure


def remove_image(bench: Workbench, confirmed: Image) -> None:
    """Take an image out of the registry. Its sessions stay in the store until cleanup.

    Contexts that mean it stay as they are: a command there then fails and says why, where falling back to another
    image would run code in the wrong one. Raises Refused if it is not any more what was `confirmed`.
    """
    name = confirmed.name

    def change(draft: Draft) -> ImageDetails:
        image = known_image(draft.state, name)
        refuse_if_changed(confirmed, image)
        del draft.images[name]
        if image.image_id is not None and image.image_id in draft.state.shards:
            sessions = draft.sessions(image.image_id)
            for key, session in list(sessions.items()):
                sessions[key] = session._replace(registered_as=name)
        return ImageDetails(Kind.IMAGE_REMOVE, name)

    bench.store.commit(change)


def trust_image(bench: Workbench, confirmed: Image, found: Image) -> Image:
    """Pin an image to the one that was `found` at its address; `confirmed` is the entry that was looked at.

    Raises Refused if the entry changed since, or if another name has that image already.
    """

    def accept(image: Image) -> Image:
        refuse_if_changed(confirmed, image)
        return pinned_to(image, found)

    return change_image(bench, confirmed.name, accept)


def _refuse_taken(state: State, image: Image) -> None:
    known = state.images.get(image.name)
    if known is not None and image.image_id is not None and known.image_id == image.image_id:
        raise Refused(
            f"{image.name} is registered already, and is that very image, at {known.address}",
            todo=f"see it: stui images show {image.name}",
            image=image.name,
        )
    if known is not None:
        raise Refused(
            f"the name {image.name!r} is taken by {known.address}",
            todo=f"choose another, or first: stui images remove {image.name}",
            image=image.name,
        )
    if image.image_id is not None and (other := image_of_id(state, image.image_id)) is not None:
        raise Refused(
            f"the image at {image.address} is registered already, as {other.name}",
            todo=f"use that name, or: stui images rename {other.name} {image.name}",
            image=other.name,
        )


def _with_local_key(bench: Workbench, image: Image) -> Image:
    """The image with the key file that the agent at its address told in its runtime file, if it runs here."""
    address = parse_address(image.address)
    match address:
        case TcpAddress(host, _) if is_loopback(host):
            pass
        case UnixAddress():
            pass
        case _:
            return image
    from stui_cli.local.runtime_files import running_agents, runtime_directory

    for agent in running_agents(runtime_directory(bench.environ)):
        if agent.address == image.address and agent.key_file:
            return image._replace(key_file=agent.key_file, key_id=agent.key_id)
    return image


def rename_image(bench: Workbench, name: str, new_name: str) -> Image:
    """Give an image another name; contexts that mean it follow. Its own name again changes nothing.

    Raises Refused for a taken one.
    """
    checked_name(new_name, "an image")
    made: list[Image] = []

    def change(draft: Draft) -> ImageDetails:
        image = known_image(draft.state, name)
        made.append(image._replace(name=new_name))
        if new_name == name:
            return ImageDetails(Kind.IMAGE_RENAME, name)
        _refuse_taken(draft.state, image._replace(name=new_name, image_id=None))
        renamed = {(new_name if n == name else n): i for n, i in draft.images.items()}
        renamed[new_name] = made[-1]
        draft.images.clear()
        draft.images.update(renamed)
        for scope, context in draft.contexts.items():
            draft.contexts[scope] = context._replace(
                target=_followed(context.target, name, new_name),
                trail=tuple(_followed(target, name, new_name) for target in context.trail),
            )
        return ImageDetails(Kind.IMAGE_RENAME, name, {"name": new_name})

    bench.store.commit(change)
    return made[-1]


def _followed(target: Target, name: str, new_name: str) -> Target:
    return target._replace(image=new_name) if target.image == name else target
