"""What every agent takes at most with a request that runs code. Agents check the same (agents/core, DESIGN section 4);
known here too, so that a command refuses what no agent would take before anything is sent."""

LONGEST_TIME_LIMIT_MS = 86_400_000
LARGEST_PRINT_LIMIT = 1_048_576
LONGEST_ONCE = 200
LARGEST_START = 1_000_000_000
