"""The embedded image: a small Smalltalk in Python behind the same protocol (DESIGN section 6)."""
