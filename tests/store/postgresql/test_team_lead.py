"""The lead of a team's monitors: held by one session, written by no other, and read with no trust."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zlib import compress

import pytest
from shell import wait_until
from store_tools import Clock, add_image, image_id, open_store, probed

from stui_cli.model.leads import Lead
from stui_cli.store.envelope import pack

if TYPE_CHECKING:
    from team_server import Team

    from stui_cli.store.postgresql.leading import PostgresSharing
    from stui_cli.store.sharing import Sharing
    from stui_cli.store.store import Store

LEAD = Lead("ada", "host", "place", 2000, 2000, 1_700_000_000_000)


def sharing(team: Team) -> Sharing:
    """What one monitor has."""
    found = open_store(team).sharing
    assert found is not None
    return found


def test_one_leads_whoever_tries_and_the_next_when_that_ends(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    images = store.read().images
    several = [sharing(team) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        terms = list(threads.map(lambda each: each.take_lead(LEAD), several))
    assert sorted(term for term in terms if term is not None) == [1]
    leader = several[terms.index(1)]
    others = [each for each in several if each is not leader]
    assert leader.tell(LEAD, images, {"alpha": probed("alpha")})
    found = others[0].findings(images)
    assert found is not None
    assert (found.lead, found.term, set(found.records)) == (LEAD, 1, {"alpha"})
    assert 0 <= found.age < 60_000
    assert not others[0].tell(LEAD, images, {}), "who does not lead tells nothing"
    leader.give_up()
    assert others[0].findings(images) is None
    assert others[0].take_lead(LEAD) == 2


def test_one_whose_connection_is_gone_writes_nothing_any_more(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    images = store.read().images
    old, new = sharing(team), sharing(team)
    assert old.take_lead(LEAD) == 1
    team.sql("select pg_terminate_backend(backend, 10000) from {schema}.lead")
    assert new.findings(images) is None, "the lock went with the connection"
    assert new.take_lead(LEAD._replace(user="bob")) == 2
    assert not old.tell(LEAD, images, {"alpha": probed("alpha")}), "its connection is another one now"
    assert not old.tell(LEAD, images, {"alpha": probed("alpha")}), "it knows by now"
    assert old.take_lead(LEAD) is None
    found = new.findings(images)
    assert found is not None
    assert (found.lead.user, found.records) == ("bob", {})


def test_one_that_believes_it_leads_and_has_another_session_is_refused(team: Team, store: Store) -> None:
    """As one whose connection was made again behind its back: by its number it still leads, by the lock it does not."""
    store.commit(add_image("alpha"))
    images = store.read().images
    old: PostgresSharing = sharing(team)  # type: ignore[assignment]
    assert old.take_lead(LEAD) == 1
    old._leading.close()
    assert old.tell(LEAD, images, {"alpha": probed("alpha")}) is False
    # The row of one that let go of the lock alone. The server takes a moment to notice that the other session ended.
    wait_until(lambda: old.take_lead(LEAD) == 2, "the lead")
    old._leading.rows("select pg_advisory_unlock_all()")
    assert old.tell(LEAD, images, {"alpha": probed("alpha")}) is False
    ((backend, found),) = team.sql("select backend, length(found) from {schema}.lead")
    assert sharing(team).findings(images) is None, (backend, found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        compress(b"\xc1"),
        compress(b"\x91" * 5000),
        compress(pack([])),
        compress(pack({"lead": {}, "records": {}})),
        compress(pack({"lead": LEAD._asdict() | {"interval": "soon"}, "records": {}})),
        compress(b"\0" * (64 * 1024 * 1024 + 1)),
    ],
)
def test_what_no_monitor_wrote_is_no_finding(team: Team, store: Store, content: bytes) -> None:
    leader = sharing(team)
    assert leader.take_lead(LEAD) == 1
    team.sql(f"update {{schema}}.lead set found = '\\x{content.hex()}'")
    assert store.sharing is not None
    assert store.sharing.findings({}) is None


def test_records_that_are_none_are_left_out(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    store.commit(add_image("beta"))
    images = store.read().images
    leader = sharing(team)
    assert leader.take_lead(LEAD) == 1
    assert leader.tell(LEAD, images, {"alpha": probed("alpha"), "beta": probed("beta")})
    whole = {f"id:{image_id('alpha')}": {"status": "connected"}, "id:of-nobody": 5, f"id:{image_id('beta')}": []}
    for records in (whole, [], 7):
        content = compress(pack({"lead": LEAD._asdict(), "records": records}))
        team.sql(f"update {{schema}}.lead set found = '\\x{content.hex()}'")
        found = sharing(team).findings(images)
        assert found is not None
        assert found.records == {}


def test_what_was_heard_is_kept_apart_from_what_was_found_here(team: Team, store: Store) -> None:
    store.commit(add_image("alpha"))
    images = store.read().images
    assert store.sharing is not None
    with store.held():
        store.sharing.keep_heard(images, {"alpha": probed("alpha")._replace(seen_by="host/ada")})
    assert store.probes() == {}
    assert open_store(team, clock=Clock()).heard() == {}, "nothing is read yet, so whose names these are is not known"
    again = open_store(team)
    again.read()
    assert again.heard()["alpha"].seen_by == "host/ada"
    (team.folder / "heard.msgpack").write_bytes(b"\x00")
    assert again.heard() == {}
