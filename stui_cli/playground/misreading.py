"""What is wrong with a source text, in plain words, by what the grammar would have accepted at that place."""

from __future__ import annotations

CLOSING = {"_CLOSE": ")", "_BLOCK_CLOSE": "]", "_BRACE_CLOSE": "}"}
_AFTER_SEMICOLON = {"NAME", "KEYWORD", "BINARY", "BAR"}
_AFTER_PARAMETERS = {"_COLON", "BAR", "_BLOCK_CLOSE"}


def token_trouble(accepted: set[str], kind: str, text: str) -> str:
    """Of a token that does not fit; `kind` is $END at the end of the source."""
    if accepted <= {"BAR", "NAME"}:
        return "name expected" if accepted == {"NAME"} else "missing | after the temporaries"
    if accepted == _AFTER_SEMICOLON:
        return "a message expected after ;"
    if accepted == _AFTER_PARAMETERS:
        return "| or ] expected after the arguments of the block"
    closing = next((mark for name, mark in CLOSING.items() if name in accepted), None)
    if closing is not None and (kind == "$END" or kind in CLOSING or "_PERIOD" not in accepted):
        return f"missing {closing}"
    if "_OPEN" in accepted:
        return f"{text} closes nothing" if kind in CLOSING and "_CARET" in accepted else "expression expected"
    return _surplus(accepted, kind, text)


def _surplus(accepted: set[str], kind: str, text: str) -> str:
    """Of a token that comes after what could have been the end."""
    match kind:
        case "_CLOSE" | "_BLOCK_CLOSE" | "_BRACE_CLOSE":
            return f"{text} closes nothing"
        case "_SEMICOLON":
            return "a message expected before ;"
        case "_ASSIGN":
            return "only a variable can be assigned to"
        case "_COLON":
            return "expression expected before a keyword"
        case "$END":
            return "more expected"
        case _:
            shown = text if len(text) <= 20 else text[:20] + "..."
            return f"full stop or message expected before {shown}" if "_PERIOD" in accepted else f"{shown} unexpected"


def character_trouble(what: str) -> str:
    """Of a character at which no token begins."""
    match what:
        case "'":
            return "the string has no end: ' expected"
        case '"':
            return 'the comment has no end: " expected'
        case "$":
            return "a character expected after $"
        case "#":
            return "a symbol or array expected after #"
        case "!":
            return "! ends a piece of a file; it means nothing here"
        case _:
            shown = what if what.isprintable() else f"a character of code {ord(what)}"
            return f"{shown} means nothing here"
