"""Whatever may be in a store, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import (
    CleanupDetails,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Removal,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.sessions import Session, SessionState
from stui_cli.model.state import State

texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["", "a\nb", '"', "\\", "\x00\x7f", "'''"])
names = st.text("abcé-_.@+0", min_size=1, max_size=8)
ids = st.text("0123456789abcdef-", min_size=1, max_size=36)
numbers = st.integers(-(2**63), 2**63 - 1)
scalars = texts | numbers | st.booleans() | st.floats(allow_nan=False) | st.datetimes() | st.dates() | st.times()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3), max_leaves=6)
unknown = st.dictionaries(st.text("xyz", min_size=3, max_size=5), values, max_size=3)
maybe = st.none() | texts
images = st.builds(
    Image, names, texts, numbers, maybe, maybe, maybe, maybe, st.dictionaries(texts, texts, max_size=3),
    maybe, maybe, st.booleans(), st.booleans(), maybe, maybe, maybe, maybe, maybe, maybe, extra=unknown,
)  # fmt: skip
targets = st.builds(Target, names, st.none() | names)
contexts = st.builds(Context, targets, numbers, st.lists(targets, max_size=3).map(tuple), unknown)
states = st.builds(
    State,
    st.integers(0, 10**6),
    ids,
    st.lists(images, max_size=4).map(lambda found: {image.name: image for image in found}),
    st.dictionaries(texts, contexts, max_size=3),
    st.dictionaries(ids, ids, max_size=3),
    unknown,
)
sessions = st.builds(
    Session,
    session_id=ids,
    name=names,
    image_id=st.just("image"),
    incarnation=texts,
    created_at=numbers,
    last_activity=numbers,
    state=st.sampled_from(SessionState),
    description=maybe,
    bindings=numbers,
    checkpoint=st.none() | ids,
    checkpoint_at=st.none() | numbers,
    registered_as=maybe,
    extra=unknown,
)
changed = st.dictionaries(texts, texts, max_size=2)
details = st.one_of(
    st.builds(ImageDetails, st.sampled_from([k for k in Kind if k.startswith("image.")]), names, changed),
    st.builds(
        SessionDetails, st.sampled_from([k for k in Kind if k.startswith("session.")]), names, names, changed,
        st.none() | st.builds(KeptCheckpoint, ids, ids, numbers),
    ),
    st.builds(SwitchDetails, st.just(Kind.SWITCH), texts, maybe, maybe),
    st.builds(
        CleanupDetails, st.just(Kind.CLEANUP),
        st.lists(st.builds(Removal, texts, texts, texts), max_size=3).map(tuple),
    ),
    st.builds(
        ReversalDetails, st.sampled_from([Kind.UNDO, Kind.REDO, Kind.ROLLBACK]),
        st.lists(st.integers(0, 99), max_size=3).map(tuple), st.integers(0, 99),
        st.lists(texts, max_size=2).map(tuple),
    ),
    st.builds(RepairDetails, st.just(Kind.REPAIR), st.lists(texts, max_size=3).map(tuple), st.integers(0, 99)),
)  # fmt: skip
