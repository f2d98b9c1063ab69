"""The table: every row of it, in the order in which it is printed."""

from __future__ import annotations

from budgets import agents, commits, evaluating, growth, long_lists, many_images, prompts, starting, team_store, writers

ROWS = [
    *starting.ROWS,
    *prompts.ROWS,
    *evaluating.ROWS,
    *agents.ROWS,
    *many_images.ROWS,
    *long_lists.ROWS,
    *growth.ROWS,
    *commits.ROWS,
    *writers.ROWS,
    *team_store.ROWS,
]
