"""The tables of a team's store, and who may do what with them: SQL for people to read, and for `stui store init`.

    reader    sees everything, changes nothing
    member    commits: adds operations, objects, lines of audit and history; moves the head
    admin     also prunes
    owner     who made the tables: makes them newer

Nobody but the owner of the tables may change or delete a line of the audit log or an operation, but the admin, who
prunes operations: so a member cannot rewrite what was done.

The tables have versions, each made of the one before by a step. A step that was released is never changed: so older
tables become the same ones as new tables are, by the same SQL. An older stui is refused as soon as the tables are
newer; this one goes on with older tables where it needs nothing that they lack.
"""

from __future__ import annotations


class SchemaStep:
    """What makes the tables of one version newer. `sql` has no $step$ in it; `stui` is the version of stui that
    knows them from then on, told to an older one. A plain class: every command over such a store reads this file."""

    __slots__ = ("sql", "stui")

    def __init__(self, sql: str, stui: str) -> None:
        self.sql = sql
        self.stui = stui


# The first version. All of it may be run again.
_FIRST = """\
create schema if not exists {schema};

-- What made these tables. One row.
create table if not exists {schema}.about (
    one boolean primary key default true check (one),
    version integer not null
);
-- Session shards and checkpoints, by the SHA-256 of their content. Never changed.
create table if not exists {schema}.objects (
    sha256 text primary key,
    content bytea not null
);
-- The operation log. `id` is drawn by who commits: by it a commit is found whose answer was lost.
create table if not exists {schema}.operations (
    number bigint primary key,
    id uuid not null unique,
    content bytea not null,
    made_at timestamptz not null default now(),
    made_by text not null default session_user
);
-- The state as it is now. One row, swapped by comparing `number` and `fence`.
create table if not exists {schema}.head (
    one boolean primary key default true check (one),
    number bigint not null,
    fence bigint not null default 0,
    state bytea
);
-- Evaluations of sessions. `at` is in ms since the epoch.
create table if not exists {schema}.history (
    image_id text not null,
    session_id text not null,
    number bigint generated always as identity,
    at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
    content bytea not null,
    primary key (image_id, session_id, number)
);
-- The audit log: each line carries the hash of the line before.
create table if not exists {schema}.audit (
    line bigint primary key,
    content bytea not null,
    written_at timestamptz not null default now(),
    written_by text not null default session_user
);
-- How far the audit log was after the last line, so that a missing end is noticed. One row.
create table if not exists {schema}.audit_mark (
    one boolean primary key default true check (one),
    lines bigint not null,
    sha256 text not null
);
insert into {schema}.head (number) values (0) on conflict do nothing;
insert into {schema}.about (version) values (1) on conflict do nothing;
"""

# Steps to the second version and on, in order.
_STEPS = (
    SchemaStep(
        """\
-- Which stui knows these tables: told by an older one, which must leave them alone.
alter table {schema}.about add column "stui" text not null default '0.1.0';
""",
        "0.1.0",
    ),
    SchemaStep(
        """\
-- Who probes for all, and what he found last. One row. Who leads holds a lock of the session `backend` (pg_locks,
-- advisory), and writes with that session alone; `term` counts those who led.
create table {schema}.lead (
    one boolean primary key default true check (one),
    term bigint not null default 0,
    backend integer,
    found bytea,
    found_at timestamptz,
    found_by text
);
insert into {schema}.lead default values;
""",
        "0.1.0",
    ),
)

# The version that this stui makes. `stui store init` brings older tables up to it.
VERSION = 1 + len(_STEPS)

# All of it or nothing. Two at once: one waits, and finds it done (each statement sees what was committed before it).
# Nobody waits for long behind it: who asks for a table that is being changed stands in line.
_BEGIN = """\
begin isolation level read committed;
set local lock_timeout = '10s';
do $$ begin perform pg_advisory_xact_lock(hashtext('tables of the store {schema}')); end $$;
"""

# A change that another is just making, with what it read of the older tables, fails by the fence: it is made anew by
# who knows the newer ones.
_STEP = """\
do $step$ begin
if (select version from {schema}.about) = {before} then
{sql}
update {schema}.about set version = {version}, stui = '{stui}';
update {schema}.head set fence = fence + 1;
end if;
end $step$;
"""

_ROLES = """\
do $$ begin
    create role {schema}_reader nologin;
exception when duplicate_object then null; end $$;
do $$ begin
    create role {schema}_member nologin;
exception when duplicate_object then null; end $$;
do $$ begin
    create role {schema}_admin nologin;
exception when duplicate_object then null; end $$;
grant {schema}_reader to {schema}_member;
grant {schema}_member to {schema}_admin;
revoke all on schema {schema} from public;
grant usage on schema {schema} to {schema}_reader;
grant select on all tables in schema {schema} to {schema}_reader;
grant insert on {schema}.objects, {schema}.operations, {schema}.history, {schema}.audit to {schema}_member;
grant insert, update on {schema}.audit_mark to {schema}_member;
grant update on {schema}.head to {schema}_member;
grant delete on {schema}.history to {schema}_member;
do $$ begin
    grant update on {schema}.lead to {schema}_member;
exception when undefined_table then null; end $$;
grant delete on {schema}.operations, {schema}.objects to {schema}_admin;
-- Now give each person one of the three: grant {schema}_member to ada;
"""


def tables_sql(schema: str, there: int = 0) -> str:
    """What makes the tables, or brings those of the version `there` up to this one: all of it or nothing. Run again it
    changes nothing; empty where nothing is to be done."""
    if there >= VERSION:
        return ""
    first = [_FIRST.format(schema=schema)] if there == 0 else []
    steps = [
        _STEP.format(schema=schema, before=version - 1, version=version, stui=step.stui, sql=step.sql.strip()).replace(
            "{schema}", schema
        )
        for version, step in enumerate(_STEPS, 2)
        if version > there
    ]
    return "".join((_BEGIN.format(schema=schema), *first, *steps, "commit;\n"))


def grants_sql(schema: str) -> str:
    """What makes the three roles and lets them do what they may; run again it changes nothing."""
    return _ROLES.format(schema=schema)
