"""What a key lets its holder do, the weakest first (DESIGN section 4)."""

ROLES = ("observer", "developer", "admin")
