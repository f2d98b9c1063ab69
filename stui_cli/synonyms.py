"""The words that people type from the habit of other tools, and which command of stui does that.

Asked before spelling distance, which knows letters and no meaning: `stop` is no misspelt `store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.names import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.command_table import CommandRow

# By the group in which the word was typed: "" is stui itself. What is meant is written as it follows `stui`.
SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "": {
        **dict.fromkeys(("run", "exec", "execute", "evaluate", "do", "print", "repl"), "eval"),
        **dict.fromkeys(("ls", "ps", "list", "image"), "images"),
        **dict.fromkeys(("start", "up", "boot"), "images launch"),
        **dict.fromkeys(("halt", "down", "shutdown", "quit"), "images stop"),
        **dict.fromkeys(("reboot", "relaunch"), "images restart"),
        **dict.fromkeys(("register",), "images add"),
        **dict.fromkeys(("rm", "remove", "delete", "unregister"), "images remove"),
        **dict.fromkeys(("mv", "rename"), "images rename"),
        **dict.fromkeys(("show", "info", "describe"), "images show"),
        **dict.fromkeys(("set", "label"), "images set"),
        **dict.fromkeys(("log-file", "tail"), "images logs"),
        **dict.fromkeys(("find", "scan"), "images discover"),
        **dict.fromkeys(("export",), "images export"),
        **dict.fromkeys(("import",), "images import"),
        **dict.fromkeys(("session", "workspace", "workspaces"), "sessions"),
        **dict.fromkeys(("new", "create"), "sessions create"),
        **dict.fromkeys(("resume",), "sessions restore"),
        **dict.fromkeys(("attach", "use", "go", "cd", "select", "checkout"), "switch"),
        **dict.fromkeys(("current", "where", "whoami", "pwd"), "context"),
        **dict.fromkeys(("health", "top", "monitor", "watch"), "status"),
        **dict.fromkeys(("kill", "cancel", "abort"), "interrupt"),
        **dict.fromkeys(("clean", "prune", "gc", "sweep"), "cleanup"),
        **dict.fromkeys(("filein", "install"), "load"),
        **dict.fromkeys(("classes", "methods", "source", "senders", "implementors"), "browse"),
        **dict.fromkeys(("processes", "tasks"), "jobs"),
        **dict.fromkeys(("key", "users"), "keys"),
        **dict.fromkeys(("grant", "invite"), "keys new"),
        **dict.fromkeys(("operations", "oplog"), "log"),
        **dict.fromkeys(("revert",), "undo"),
        **dict.fromkeys(("settings", "configure", "options"), "config"),
        **dict.fromkeys(("diagnose",), "doctor"),
        **dict.fromkeys(("complete", "completions"), "completion"),
        **dict.fromkeys(("serve", "server"), "playground"),
        **dict.fromkeys(("tutorial", "example"), "demo"),
        "version": "--version",
        **dict.fromkeys(("man", "manual", "topics"), "help"),
    },
    "images": {
        **dict.fromkeys(("ls", "ps", "all"), "images list"),
        **dict.fromkeys(("new", "create", "register"), "images add"),
        **dict.fromkeys(("start", "run", "up", "boot"), "images launch"),
        **dict.fromkeys(("reboot", "relaunch"), "images restart"),
        **dict.fromkeys(("halt", "kill", "end", "shutdown", "down", "quit"), "images stop"),
        **dict.fromkeys(("rm", "delete", "unregister"), "images remove"),
        **dict.fromkeys(("mv",), "images rename"),
        **dict.fromkeys(("info", "describe", "get"), "images show"),
        **dict.fromkeys(("label", "edit", "change"), "images set"),
        **dict.fromkeys(("find", "scan", "search"), "images discover"),
        **dict.fromkeys(("park", "pause"), "images disconnect"),
        **dict.fromkeys(("unpark", "resume"), "images connect"),
        **dict.fromkeys(("snapshot",), "images save"),
        **dict.fromkeys(("log", "tail", "output"), "images logs"),
        **dict.fromkeys(("use", "select", "go"), "switch"),
        **dict.fromkeys(("exec",), "eval"),
    },
    "sessions": {
        **dict.fromkeys(("ls", "all"), "sessions list"),
        **dict.fromkeys(("new", "add", "start"), "sessions create"),
        **dict.fromkeys(("rm", "delete"), "sessions remove"),
        **dict.fromkeys(("mv",), "sessions rename"),
        **dict.fromkeys(("kill", "end", "stop", "quit"), "sessions close"),
        **dict.fromkeys(("attach", "enter", "open", "use", "select", "go"), "switch"),
        **dict.fromkeys(("resume", "reopen"), "sessions restore"),
        **dict.fromkeys(("describe", "edit", "label"), "sessions set"),
        **dict.fromkeys(("info", "get", "variables"), "sessions show"),
        **dict.fromkeys(("logs",), "sessions history"),
        **dict.fromkeys(("count", "statistics"), "sessions stats"),
        **dict.fromkeys(("run", "exec"), "eval"),
    },
    "keys": {
        **dict.fromkeys(("ls",), "keys list"),
        **dict.fromkeys(("add", "create", "grant", "invite", "generate"), "keys new"),
        **dict.fromkeys(("rm", "delete", "remove"), "keys revoke"),
        **dict.fromkeys(("renew", "replace", "roll"), "keys rotate"),
        **dict.fromkeys(("info", "get"), "keys show"),
    },
    "log": {
        **dict.fromkeys(("ls",), "log list"),
        **dict.fromkeys(("info", "diff"), "log show"),
    },
    "config": {
        **dict.fromkeys(("ls",), "config list"),
        **dict.fromkeys(("show", "read"), "config get"),
        **dict.fromkeys(("unset", "add", "remove"), "config set"),
        **dict.fromkeys(("where", "file"), "config path"),
        **dict.fromkeys(("open",), "config edit"),
    },
}

# What takes something away is never guessed from letters: a slip of the fingers must not lead there.
DESTRUCTIVE = frozenset({"undo", "remove", "rollback", "cleanup", "revoke"})

# Where a name is typed in the place of a command, as in `stui images alpha`. Whether there is one of that name is not
# known here: it is not repeated.
SHOWS: Mapping[str, str] = {
    "images": "images show NAME",
    "sessions": "sessions show NAME; those of an image: stui sessions list IMAGE",
    "keys": "keys show WHO",
    "log": "log show NUMBER",
    "config": "config get KEY",
}


def hint_for(word: str, group: str, commands: Mapping[str, CommandRow]) -> str:
    """What to say of `word`, which is no command of `group` ("" is stui itself); empty where nothing comes near.

    `commands` are those of stui itself. What the word means by the table comes first, then the command of that very
    name elsewhere, then names of this group that are spelt like it, but for the destructive ones; else it may be the
    name of what the group shows.
    """
    meant = SYNONYMS.get(group, {}).get(word.lower()) or _elsewhere(word.lower(), commands)
    if meant:
        return f"that is: stui {meant}"
    here = commands[group].subcommands if group else commands
    spelt = nearest(word, [name for name in here if name not in DESTRUCTIVE])
    if spelt or group not in SHOWS or nearest(word, here):
        return spelt
    return f"to see one: stui {SHOWS[group]}"


def _elsewhere(word: str, commands: Mapping[str, CommandRow]) -> str:
    """The command called `word` outside its group: stui's own, or that of one group alone."""
    if word in commands:
        return word
    owners = [name for name, row in commands.items() if word in row.subcommands]
    return f"{owners[0]} {word}" if len(owners) == 1 else ""
