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
