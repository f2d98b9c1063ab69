"""Undo, redo and rollback: what comes back, what is left alone, and what no store can take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import (
    Change,
    Clock,
    Kept,
    add_image,
    change_image,
    change_session,
    checkpoint_of,
    close_session,
    create_session,
    damage_operation,
    filled,
    image_id,
    log_numbers,
    lose_object,
    open_store,
    records,
    remove_image,
    remove_session,
    rename_image,
    switch,
)

from stui_cli.model.errors import NotFound, Refused
from stui_cli.model.names import Target
from stui_cli.model.operations import (
    FOUND,
    CleanupDetails,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Removal,
    ReversalDetails,
    SessionDetails,
)
from stui_cli.model.orphans import OrphanReason
from stui_cli.model.sessions import Session, SessionState
from stui_cli.model.state import State
from stui_cli.store.problems import Damaged
from stui_cli.store.undo import log as undo_log

if TYPE_CHECKING:
    from stui_cli.store.store import Store
    from stui_cli.store.transaction import Draft


# Elsewhere they are each person's own: no undo takes a move back, and nobody else's does.
CONTEXTS_IN_THE_STORE = pytest.mark.parametrize("kept", ["files", "memory"], indirect=True)


def test_undo_of_the_last_operation_is_the_state_before_it(store: Store) -> None:
    filled(store)
    for change in (
        add_image("gamma"),
        change_image("alpha", address="tcp://127.0.0.1:9"),
        rename_image("alpha", "omega"),
        remove_image("beta"),
        create_session("beta", "job", bindings=2),
        remove_session("beta", "other"),
    ):
        before = records(store)
        committed = store.commit(change)
        assert committed is not None
        changed = records(store)
        undone = store.undo()
        assert undone.taken_back == (committed.operation,)
        assert undone.left == ()
        assert records(store) == before
        assert undone.operation is not None
        details = undone.operation.details
        assert isinstance(details, ReversalDetails)
        assert details[:3] == (Kind.UNDO, (committed.operation.number,), committed.operation.parent or 0)
        assert details.images
        assert undo_log.undone(store.operations())[committed.operation.number] == undone.operation.number
        store.redo()
        assert records(store) == changed
        store.undo()
        assert records(store) == before


def test_undo_goes_on_backwards_and_redo_forwards(store: Store) -> None:
    states = [records(store)]
    for change in (
        add_image("alpha"),
        create_session("alpha", "work"),
        change_session("alpha", "work", description="mine"),
        add_image("beta"),
    ):
        store.commit(change)
        states.append(records(store))
    for state in reversed(states[:-1]):
        store.undo()
        assert records(store) == state
    with pytest.raises(NotFound, match="nothing to undo"):
        store.undo()
    for state in states[1:]:
        store.redo()
        assert records(store) == state
    with pytest.raises(NotFound, match="nothing to redo"):
        store.redo()
    store.undo()
    assert records(store) == states[-2]
    numbers = log_numbers(store)
    assert numbers == list(range(len(numbers), 0, -1))


def test_a_new_change_ends_redo_and_a_switch_does_not(store: Store) -> None:
    filled(store)
    store.commit(add_image("gamma"))
    store.undo()
    store.commit(switch("beta"))
    store.redo()
    assert "gamma" in store.read().images
    assert str(store.read().contexts["default"].target) == "beta"
    # What was done last goes first: the redone image, not the switch.
    assert [operation.number for operation in store.undo().taken_back] == [7]
    assert "gamma" not in store.read().images
    store.commit(add_image("delta"))
    with pytest.raises(NotFound, match="nothing to redo"):
        store.redo()


def test_undo_of_an_older_operation_takes_back_only_that(store: Store) -> None:
    filled(store)
    added = store.commit(add_image("gamma"))
    assert added is not None
    store.commit(change_image("alpha", address="tcp://127.0.0.1:9"))
    store.commit(create_session("beta", "job"))
    reversal = store.undo(added.operation.number)
    state = store.read()
    assert "gamma" not in state.images
    assert state.images["alpha"].address == "tcp://127.0.0.1:9"
    assert "job" in store.sessions(state, image_id("beta"))
    assert reversal.left == ()
    with pytest.raises(Refused, match="undone already, by operation 10"):
        store.undo(added.operation.number)


def test_what_was_changed_again_since_is_explained_and_left(store: Store) -> None:
    filled(store)
    first = store.commit(change_image("alpha", address="tcp://127.0.0.1:1", dialect="pharo"))
    store.commit(change_image("alpha", address="tcp://127.0.0.1:2"))
    assert first is not None
    reversal = store.undo(first.operation.number)
    image = store.read().images["alpha"]
    assert (image.address, image.dialect) == ("tcp://127.0.0.1:2", None)
    assert reversal.left == ("the image alpha was changed again since: its address stays 'tcp://127.0.0.1:2'",)

    removed = store.commit(remove_session("alpha", "play"))
    store.commit(create_session("alpha", "play", session_id="another"))
    assert removed is not None
    reversal = store.undo(removed.operation.number)
    assert reversal.left == ("the session alpha/play was changed again since and stays as it is",)

    created = store.commit(create_session("beta", "job"))
    store.commit(remove_session("beta", "job"))
    store.commit(create_session("beta", "job", session_id="yet another"))
    assert created is not None
    assert store.undo(created.operation.number).left == (
        "the session beta/job was changed again since and stays as it is",
    )


def test_labels_are_taken_back_key_by_key(store: Store) -> None:
    store.commit(add_image("alpha", metadata={"role": "build", "os": "linux"}))
    store.commit(change_image("alpha", metadata={"role": "test", "place": "attic"}))
    store.commit(change_image("alpha", metadata={"role": "test", "place": "cellar", "owner": "ada"}))
    reversal = store.undo(2)
    assert store.read().images["alpha"].metadata == {
        "role": "build", "os": "linux", "place": "cellar", "owner": "ada",
    }  # fmt: skip
    assert reversal.left == ("the image alpha was changed again since: its label place stays 'cellar'",)


def test_an_undo_gives_no_image_a_second_name(store: Store) -> None:
    store.commit(add_image("alpha", image_id="first"))
    store.commit(change_image("alpha", image_id="second"))
    store.commit(change_image("alpha", metadata={"role": "test"}))
    store.commit(add_image("beta", image_id="first"))
    reversal = store.undo(2)
    assert store.read().images["alpha"].image_id == "second"
    assert reversal.left == ("the image alpha keeps its image: the one before is called beta now",)


def test_using_a_session_is_no_change_that_stands_in_the_way(store: Store) -> None:
    filled(store)
    described = store.commit(change_session("alpha", "work", description="new", last_activity=20))
    store.commit(change_session("alpha", "work", last_activity=30, bindings=9))
    assert described is not None
    reversal = store.undo(described.operation.number)
    session = store.sessions(store.read(), image_id("alpha"))["work"]
    assert (session.description, session.last_activity, session.bindings) == (None, 30, 9)
    assert reversal.left == ()


def rename_session(image: str, name: str, new: str) -> Change:
    """As `stui sessions rename` does it: contexts follow."""

    def change(draft: Draft) -> SessionDetails:
        sessions = draft.sessions(image_id(image))
        sessions[new] = sessions.pop(name)._replace(name=new)
        for scope, context in draft.contexts.items():
            if context.target == Target(image, name):
                draft.contexts[scope] = context._replace(target=Target(image, new))
        return SessionDetails(Kind.SESSION_RENAME, image, name, {"name": new})

    return change


def contexts(store: Store) -> dict[str, str]:
    return {scope: str(context.target) for scope, context in store.read().contexts.items()}


def test_a_renaming_is_taken_back_though_the_session_was_used_since(store: Store) -> None:
    filled(store)
    renamed = store.commit(rename_session("alpha", "work", "wrok"))
    assert renamed is not None
    store.commit(switch("alpha", "wrok", "terminal"))
    store.commit(keep_checkpoint("alpha", "wrok", bindings=3, at=20))
    reversal = store.undo(renamed.operation.number)
    assert reversal.left == ()
    session = store.sessions(store.read(), image_id("alpha"))["work"]
    assert (session.name, session.checkpoint_at) == ("work", 20)
    assert contexts(store) == {"default": "alpha/work", "terminal": "alpha/work"}
    store.redo()
    assert set(store.sessions(store.read(), image_id("alpha"))) == {"wrok", "play"}
    assert contexts(store) == {"default": "alpha/wrok", "terminal": "alpha/wrok"}


def test_a_renaming_of_an_image_is_taken_back_though_it_was_changed_since(store: Store) -> None:
    filled(store)
    renamed = store.commit(rename_image("beta", "omega"))
    assert renamed is not None
    store.commit(change_image("omega", metadata={"role": "test"}))
    store.commit(switch("omega", "other", "terminal"))
    assert store.undo(renamed.operation.number).left == ()
    state = store.read()
    assert list(state.images) == ["alpha", "beta"]
    assert (state.images["beta"].name, state.images["beta"].metadata) == ("beta", {"role": "test"})
    assert contexts(store)["terminal"] == "beta/other"


def test_what_keeps_its_new_name_keeps_its_contexts(store: Store) -> None:
    filled(store)
    renamed = store.commit(rename_session("alpha", "work", "wrok"))
    assert renamed is not None
    store.commit(create_session("alpha", "work", session_id="another"))
    reversal = store.undo(renamed.operation.number)
    assert reversal.left == ("the session alpha/wrok keeps its name: another one is called work now",)
    assert reversal.operation is None
    assert contexts(store) == {"default": "alpha/wrok"}

    store.commit(rename_session("alpha", "wrok", "third"))
    reversal = store.undo(renamed.operation.number)
    assert reversal.left == ("the session alpha/wrok is called third now, and keeps that name",)
    assert contexts(store) == {"default": "alpha/third"}


def test_a_change_is_taken_back_under_the_name_that_its_record_has_now(store: Store) -> None:
    filled(store)
    described = store.commit(change_session("alpha", "work", description="new"))
    labelled = store.commit(change_image("beta", dialect="pharo"))
    created = store.commit(create_session("beta", "job"))
    assert described is not None
    assert labelled is not None
    assert created is not None
    store.commit(rename_session("alpha", "work", "wrok"))
    store.commit(rename_image("beta", "omega"))
    store.commit(rename_session("beta", "job", "task"))
    for operation in (described, labelled):
        assert store.undo(operation.operation.number).left == ()
    state = store.read()
    assert store.sessions(state, image_id("alpha"))["wrok"].description is None
    assert state.images["omega"].dialect is None
    assert store.undo(created.operation.number).left == ("the session omega/job is called task now, and stays",)


def test_a_rollback_gives_names_back_that_were_exchanged(store: Store) -> None:
    filled(store)
    before = records(store)
    for old, new in (("work", "free"), ("play", "work"), ("free", "play")):
        store.commit(rename_session("alpha", old, new))
    assert store.rollback(6).left == ()
    assert records(store) == before


@CONTEXTS_IN_THE_STORE
def test_a_move_that_another_followed_is_explained_and_left(store: Store) -> None:
    filled(store)
    switched = store.commit(switch("beta"))
    store.commit(switch("alpha"))
    assert switched is not None
    reversal = store.undo(switched.operation.number)
    assert reversal.operation is None
    assert reversal.left == ("the context default was changed again since and stays as it is",)


def test_an_image_does_not_come_back_beside_itself(store: Store) -> None:
    filled(store)
    removed = store.commit(remove_image("beta"))
    store.commit(add_image("other", image_id=image_id("beta")))
    assert removed is not None
    reversal = store.undo(removed.operation.number)
    assert reversal.left == ("the image beta stays away: it is called other now",)
    assert "beta" not in store.read().images


@CONTEXTS_IN_THE_STORE
def test_a_context_that_means_nothing_any_more_is_told(store: Store) -> None:
    filled(store)
    store.commit(add_image("gamma"))
    store.commit(switch("gamma"))
    switched = store.commit(switch("alpha"))
    store.commit(remove_image("gamma"))
    assert switched is not None
    reversal = store.undo(switched.operation.number)
    assert reversal.left == ("the context default means gamma again, which is not registered",)


def test_what_images_did_is_named_with_the_way_back(store: Store) -> None:
    filled(store)
    store.commit(close_session("alpha", "work"))
    (lasting,) = store.undo().lasting
    assert "alpha/work was ended inside its image" in lasting.what
    assert "can be made again" in lasting.what
    assert lasting.todo == "stui sessions restore -i alpha work"

    store.commit(remove_session("alpha", "play"))
    (lasting,) = store.undo().lasting
    assert "only the record of alpha/play is back" in lasting.what
    assert "no checkpoint of it was kept" in lasting.what

    store.commit(create_session("beta", "job"))
    (lasting,) = store.undo().lasting
    assert lasting.what == "beta/job still lives inside its image"
    assert lasting.todo == "stui cleanup beta"

    def rename(draft):  # type: ignore[no-untyped-def]
        from stui_cli.model.operations import SessionDetails

        sessions = draft.sessions(image_id("alpha"))
        sessions["job"] = sessions.pop("work")._replace(name="job")
        return SessionDetails(Kind.SESSION_RENAME, "alpha", "work", {"name": "job"})

    store.commit(rename)
    (lasting,) = store.undo().lasting
    assert lasting.what == "inside its image alpha/work is still called job"
    assert store.sessions(store.read(), image_id("alpha"))["work"].state is SessionState.LOST


def test_a_session_whose_restore_is_undone_still_lives_and_it_is_told_how_to_end_it(store: Store) -> None:
    def restore(name: str) -> object:
        state = {"state": SessionState.ACTIVE, "incarnation": "incarnation-2"}
        return store.commit(change_session("alpha", name, Kind.SESSION_RESTORE, **state))

    filled(store)
    restore("play")  # its image had restarted; the record says so by its incarnation alone
    (lasting,) = store.undo().lasting
    assert lasting.what == "alpha/play still lives inside its image, which restored it"
    assert lasting.todo == "stui sessions close -i alpha play"
    assert store.redo().lasting == ()
    assert [each.what for each in store.rollback(6).lasting] == [lasting.what]

    store.commit(close_session("alpha", "work"))
    restore("work")
    (lasting,) = store.undo().lasting  # to close one that is closed does nothing
    assert lasting.todo == "stui sessions restore -i alpha work, then: stui sessions close -i alpha work"

    store.commit(change_session("alpha", "work", state=SessionState.LOST))
    restore("work")
    (lasting,) = store.undo().lasting
    assert lasting.what == "alpha/work still lives inside its image, which restored it"

    restore("work")
    store.commit(remove_image("alpha"))
    (lasting,) = [each for each in store.undo(store.read().head - 1).lasting if "play" not in each.what]
    assert lasting.todo == "register its image again, then: stui sessions close -i IMAGE work"


def test_what_using_a_session_changed_is_no_restore(store: Store) -> None:
    filled(store)
    store.commit(change_session("alpha", "work", incarnation="incarnation-2", description="x"))
    assert store.undo().lasting == ()


def test_rollback_returns_to_an_operation_and_can_be_undone(store: Store) -> None:
    filled(store)
    at_two = {**records(store), "sessions": {}, "contexts": {}}
    store.commit(remove_image("alpha"))
    before = records(store)
    reversal = store.rollback(2)
    assert records(store) == at_two
    assert [operation.number for operation in reversal.taken_back] == [7, 6, 5, 4, 3]
    assert {each.what for each in reversal.lasting} == {
        f"{name} still lives inside its image" for name in ("alpha/work", "alpha/play", "beta/other")
    }
    store.undo()
    assert records(store) == before
    store.redo()
    assert records(store) == at_two
    client_id = store.read().client_id
    store.rollback(0)
    state = store.read()
    assert (state.images, state.shards) == ({}, {})
    assert state.contexts == {} or store._backend.is_shared
    assert state.client_id == client_id
    assert store.rollback(store.read().head).operation is None


def test_rollback_to_a_time(kept: Kept) -> None:
    clock = Clock()
    store = open_store(kept, clock=clock)
    for name in ("alpha", "beta", "gamma"):
        clock.now += 60_000
        store.commit(add_image(name))
    between = clock.now - 30_000
    store.rollback(before=between)
    assert list(store.read().images) == ["alpha", "beta"]
    store.rollback(before=5)
    assert list(store.read().images) == []


def test_rollback_to_a_time_passes_over_what_is_damaged_and_says_so(kept: Kept) -> None:
    store = open_store(kept)
    filled(store)
    store.commit(remove_session("alpha", "play"))
    damage_operation(store, 7)
    damage_operation(store, 6)
    reversal = store.rollback(before=2_000_000_000_000_000)
    assert reversal.operation is not None
    assert isinstance(reversal.operation.details, ReversalDetails)
    assert reversal.operation.details.state_of == 5
    assert [each.partition(":")[0] for each in reversal.left] == [
        "operation 7 cannot be returned to",
        "operation 6 cannot be returned to",
    ]
    with pytest.raises(Damaged, match=r"000006\.msgpack|operation 6"):
        store.rollback(6)


def test_what_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="nothing to undo") as refused:
        store.undo()
    assert refused.value.todo == "", "nothing is in the log yet"
    filled(store)
    for number in (99, -1):
        with pytest.raises(NotFound, match=f"no operation {number}"):
            store.undo(number)
        with pytest.raises(NotFound, match=f"no operation {number}"):
            store.rollback(number)
        with pytest.raises(NotFound, match=f"no operation {number}"):
            store.operation_state(number)
    assert store.operation_state(0) == State()


def test_an_undo_can_be_undone_by_its_number(store: Store) -> None:
    filled(store)
    changed = records(store)
    undone = store.undo()
    assert undone.operation is not None
    again = store.undo(undone.operation.number)
    assert again.kind is Kind.REDO
    assert records(store) == changed
    assert undo_log.undone(store.operations()) == {}
    assert again.operation is not None
    store.undo(again.operation.number)
    assert set(undo_log.undone(store.operations())) == {5}


def test_the_log_tells_what_changed(store: Store) -> None:
    filled(store)
    store.commit(change_image("alpha", address="tcp://127.0.0.1:9", metadata={"env": "prod"}))
    (difference,) = store.difference(7)
    assert (difference.section, difference.name) == ("image", "alpha")
    assert difference.fields == {
        "address": ("tcp://127.0.0.1:4005", "tcp://127.0.0.1:9"),
        "metadata": ({"env": "test"}, {"env": "prod"}),
    }
    (created,) = store.difference(3)
    assert (created.section, created.name, created.image_id) == ("session", "work", image_id("alpha"))
    assert created.before is None
    assert [each.name for each in store.difference(1)] == ["alpha"]


def test_an_undo_where_sessions_cannot_be_read_leaves_them_and_says_so(store: Store) -> None:
    filled(store)
    store.commit(create_session("alpha", "job"))
    older = store.operation_state(6).shards[image_id("alpha")]
    lose_object(store, older)
    reversal = store.undo()
    assert reversal.operation is None
    assert len(reversal.left) == 1
    assert reversal.left[0].startswith("the sessions of alpha stay as they are:")
    assert "job" in store.sessions(store.read(), image_id("alpha"))


def keep_checkpoint(image: str, name: str, bindings: int, at: int, kind: Kind = Kind.SESSION_CHANGE) -> Change:
    """A checkpoint as a close, a stop or a removal takes it; with SESSION_REMOVE the record goes."""

    def change(draft: Draft) -> SessionDetails:
        sessions = draft.sessions(image_id(image))
        session = sessions[name]._replace(bindings=bindings)
        sha256 = draft.put(checkpoint_of(session, f"as of {at}"))
        if kind is Kind.SESSION_REMOVE:
            del sessions[name]
            return SessionDetails(kind, image, name, kept=KeptCheckpoint(session.session_id, sha256, at))
        state = SessionState.CLOSED if kind is Kind.SESSION_CLOSE else session.state
        sessions[name] = session._replace(checkpoint=sha256, checkpoint_at=at, state=state)
        return SessionDetails(kind, image, name, {"checkpoint": "for a test"} if kind is Kind.SESSION_CHANGE else {})

    return change


def printed(store: Store, image: str, name: str) -> set[str]:
    """How the values of the session's checkpoint looked."""
    session = store.sessions(store.read(), image_id(image))[name]
    assert session.checkpoint is not None
    return {binding.printed for binding in store.checkpoint(session.checkpoint).bindings}


@pytest.mark.parametrize("kind", [Kind.SESSION_CLOSE, Kind.SESSION_REMOVE])
@pytest.mark.parametrize("how", ["undo", "by number", "rollback"])
def test_a_checkpoint_that_ended_a_session_is_never_taken_back(kind: Kind, how: str, store: Store) -> None:
    filled(store)
    committed = store.commit(keep_checkpoint("alpha", "work", 3, at=50, kind=kind))
    assert committed is not None
    store.prune()
    match how:
        case "undo":
            reversal = store.undo()
        case "by number":
            store.commit(add_image("gamma"))
            reversal = store.undo(committed.operation.number)
        case _:
            reversal = store.rollback(committed.operation.parent)
    session = store.sessions(store.read(), image_id("alpha"))["work"]
    assert session.state is SessionState.LOST
    assert printed(store, "alpha", "work") == {"as of 50"}
    assert reversal.left == ()
    assert "can be made again" in reversal.lasting[0].what
    store.redo() if how == "undo" else store.undo()
    store.undo()
    assert printed(store, "alpha", "work") == {"as of 50"}
    assert store.damage() == []


def test_the_checkpoint_of_a_removal_outlives_pruning(kept: Kept) -> None:
    store = open_store(kept)
    filled(store)
    store.commit(keep_checkpoint("alpha", "work", 3, at=50, kind=Kind.SESSION_REMOVE))
    store.prune()
    store.undo()
    store.prune()
    assert printed(store, "alpha", "work") == {"as of 50"}


def test_a_kept_checkpoint_is_no_change_to_take_back(store: Store) -> None:
    filled(store)
    kept = store.commit(keep_checkpoint("alpha", "work", 3, at=50))
    assert kept is not None
    assert [operation.number for operation in store.undo().taken_back] == [5]
    reversal = store.undo(kept.operation.number)
    assert reversal.operation is None
    assert reversal.left == ("the session alpha/work keeps its newest checkpoint",)


@CONTEXTS_IN_THE_STORE
def test_undo_passes_over_moves_of_context_and_by_number_takes_them_back(store: Store) -> None:
    filled(store)
    store.commit(add_image("gamma"))
    store.commit(switch("beta", scope="terminal:1"))
    moved = store.commit(switch("alpha", scope="terminal:1"))
    assert moved is not None
    assert [operation.number for operation in store.undo().taken_back] == [7]
    assert str(store.read().contexts["terminal:1"].target) == "alpha"
    reversal = store.undo(moved.operation.number)
    assert [(scope, str(before), str(after)) for scope, before, after in reversal.moves] == [
        ("terminal:1", "alpha", "beta")
    ]
    store.redo()
    assert str(store.read().contexts["terminal:1"].target) == "alpha"
    # What is done again is a switch all the same.
    assert [operation.number for operation in store.undo().taken_back] == [5]


def test_what_a_reversal_touched_is_recorded(store: Store) -> None:
    filled(store)
    store.commit(remove_session("alpha", "play"))
    for kind, reversal in (("undo", store.undo()), ("redo", store.redo()), ("rollback", store.rollback(1))):
        assert reversal.operation is not None
        details = reversal.operation.details
        assert isinstance(details, ReversalDetails)
        assert details.images == (("alpha",) if kind != "rollback" else ("alpha", "beta"))


def test_a_removed_image_is_named_as_it_was_and_nobody_is_sent_to_ask_it(store: Store) -> None:
    filled(store)
    store.commit(change_session("alpha", "play", registered_as="alpha"))
    store.commit(remove_image("alpha"))
    store.commit(remove_session("alpha", "play"))
    (lasting,) = store.undo().lasting
    assert "only the record of alpha/play is back" in lasting.what
    assert lasting.todo == "register its image again, then: stui sessions restore -i IMAGE play"
    assert store.redo().lasting == ()


def test_a_session_whose_live_state_was_ended_comes_back_as_lost(store: Store) -> None:
    """A record that says "active" would claim that its image has it."""
    filled(store)

    def session() -> Session:
        return store.sessions(store.read(), image_id("alpha"))["work"]

    def remove(draft: Draft) -> SessionDetails:
        gone = draft.sessions(image_id("alpha")).pop("work")
        return SessionDetails(Kind.SESSION_REMOVE, "alpha", "work", ended=gone.session_id)

    def sweep(draft: Draft) -> CleanupDetails:
        draft.sessions(image_id("alpha")).pop("work")
        return CleanupDetails(Kind.CLEANUP, (Removal("alpha", "work", OrphanReason.EXPIRED.word),))

    for change in (close_session("alpha", "work"), remove, sweep):
        committed = store.commit(change)
        assert committed is not None
        (lasting,) = store.undo().lasting
        assert "alpha/work was ended inside its image" in lasting.what
        back = session()
        assert back.state is SessionState.LOST
        assert back.last_activity >= committed.operation.time  # so that the next sweep waits
        assert store.redo().lasting == ()
        store.rollback(committed.operation.number - 1)
        assert session().state is SessionState.LOST
        store.commit(change_session("alpha", "work", state=SessionState.ACTIVE))


def test_a_session_that_nobody_ended_comes_back_as_it_was(store: Store) -> None:
    filled(store)
    created = store.commit(create_session("alpha", "job"))
    assert created is not None
    store.undo()
    for reversal in (store.redo(), (store.rollback(created.operation.number - 1), store.undo())[1]):
        (lasting,) = reversal.lasting
        assert lasting.what.startswith("only the record of alpha/job is back: its image may have lost it")
        assert store.sessions(store.read(), image_id("alpha"))["job"].state is SessionState.ACTIVE


def test_what_is_so_already_counts_as_taken_back(store: Store) -> None:
    """Else an undo without a number would come to the same operation for ever."""
    filled(store)
    store.commit(add_image("gamma"))
    changed = store.commit(change_image("alpha", address="tcp://127.0.0.1:9"))
    assert changed is not None
    before = changed.before.images["alpha"].address

    def find(draft: Draft) -> ImageDetails:  # as stui does, where it finds the image by itself
        draft.images["alpha"] = draft.images["alpha"]._replace(address=before)
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha", {"address": before, FOUND: "its runtime file"})

    store.commit(find)
    reversal = store.undo()
    assert (reversal.unchanged, reversal.left) == (True, ())
    assert undo_log.undone(store.operations())[changed.operation.number] == store.read().head
    store.undo()
    assert "gamma" not in store.read().images
