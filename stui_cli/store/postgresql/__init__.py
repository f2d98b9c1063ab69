"""The store of a team, in PostgreSQL (DESIGN section 7, "Teams"): the one place that speaks with libpq."""
