"""Clean-ups that somebody reviews first: the plan as a file, and what of it still holds when it is applied."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stui_cli.model.errors import UsageProblem
from stui_cli.model.orphans import Orphan, OrphanReason, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stui_cli.work.sweeping.survey import Finding, Survey

SCHEMA = "stui/cleanup-plan/v1"

Item = dict[str, object]


def plan_of(survey: Survey) -> list[Item]:
    """The orphans as a plan holds them: who they are, why they go, and what would be seen if they changed."""
    return [_item(finding) for finding in survey.orphans]


def planned(survey: Survey, plan: Sequence[Mapping[str, object]]) -> tuple[Survey, list[str]]:
    """What of a plan still holds: the survey of exactly those, and why the others do not."""
    now = {_key(item): (item, finding) for finding in survey.orphans for item in (_item(finding),)}
    held: list[Finding] = []
    changed: list[str] = []
    for item in plan:
        found = now.get(_key(item))
        if found is None:
            changed.append(f"{item.get('session')} is not left behind any more")
        elif fields := [name for name, value in found[0].items() if name not in _TOLD and _said(item, name) != value]:
            changed.append(f"{item.get('session')} changed since the plan was made ({', '.join(fields)})")
        else:
            held.append(found[1])
    return replace(survey, findings=tuple(held)), changed


def write_plan(path: Path, survey: Survey, rules: Rules) -> None:
    """Write the orphans down with the rules that made them such. Raises UsageProblem if that cannot be."""
    document = {"schema": SCHEMA, "rules": vars(rules), "orphans": plan_of(survey)}
    try:
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(
            f"the plan cannot be written to {path}: {error.strerror}", todo="name another file"
        ) from error


def read_plan(path: Path) -> tuple[Rules, list[Item]]:
    """The rules and the orphans of a plan file; raises UsageProblem for any other file."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageProblem(f"{path} cannot be read as a plan: {error}", todo=_MAKE_ONE) from error
    match raw:
        case {"schema": str(schema), "rules": dict(rules), "orphans": [*orphans]} if schema == SCHEMA and all(
            isinstance(orphan, dict) for orphan in orphans
        ):
            return _rules(path, rules), orphans
        case _:
            raise UsageProblem(f"{path} is no plan of this version", todo=_MAKE_ONE)


_MAKE_ONE = "make one: stui cleanup --plan FILE"

# What a plan says for the reader; the rest must be as it was. What a further probe counts up is no change.
_TOLD = frozenset({"session", "evidence", "since"})


def _said(item: Mapping[str, object], name: str) -> object:
    """A field of a plan; the reasons of earlier versions were words."""
    said = item.get(name)
    return OrphanReason.of_word(said) or said if name == "reason" and isinstance(said, str) else said


def _key(item: Mapping[str, object]) -> tuple[object, object]:
    return item.get("image_id"), item.get("session_id")


def _item(finding: Finding) -> Item:
    verdict, session, live = finding.verdict, finding.session, finding.live
    assert isinstance(verdict, Orphan)
    used = live.last_activity if live is not None else session.last_activity if session is not None else None
    return {
        "session": finding.label,
        "image": finding.image,
        "image_id": finding.image_id,
        "session_id": finding.session_id,
        "reason": str(verdict.reason),
        "evidence": verdict.evidence,
        "since": verdict.since,
        "found_image_id": verdict.found_image_id,
        "found_incarnation": verdict.incarnation,
        "state": str(session.state) if session is not None else None,
        "incarnation": session.incarnation if session is not None else None,
        "last_activity": used,
        "live": live is not None,
    }


def _rules(path: Path, raw: Mapping[str, Any]) -> Rules:
    match raw:
        case {
            "grace": int(grace),
            "older_than": int() | None as older_than,
            "unreachable_for": int() | None as unreachable_for,
            "force": bool(force),
            "preserve_active": bool(preserve_active),
        }:
            return Rules(grace, older_than, unreachable_for, force, preserve_active)
        case _:
            raise UsageProblem(f"the rules in {path} are no rules of a plan", todo=_MAKE_ONE)
