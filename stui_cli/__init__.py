"""stui: one command for many running Smalltalk images."""

__version__ = "0.1.0"
