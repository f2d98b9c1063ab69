"""Undo, redo and rollback: verbs.py says what they are, the other files do a part each."""
