"""What the manual says beside the command tree: exit codes, environment, files."""

from __future__ import annotations

import command_tree  # noqa: F401  puts the checkout on sys.path

from stui_cli.model.checks import CheckState
from stui_cli.model.exits import Exit
from stui_cli.model.sessions import SessionState
from stui_cli.model.settings import SETTINGS
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

EXITS = {
    Exit.DONE: "Done. An empty list is done, too, and so is a status that tells of dead images.",
    Exit.FAILED: "Another failure.",
    Exit.USAGE: "The command line cannot be meant so, or a question had to be asked where nobody can answer.",
    Exit.NOT_FOUND: "A named thing does not exist.",
    Exit.NOT_PERMITTED: "The image did not accept the key, or the key's role does not allow the request.",
    Exit.UNREACHABLE: "The image could not be reached; nothing ran.",
    Exit.TIMED_OUT: "Timed out. What was asked for may have happened, or may still happen.",
    Exit.CODE_FAILED: "The code raised in the image, or did not compile.",
    Exit.PARTLY_DONE: "Partly done, or the condition asked for is false.",
    Exit.REFUSED: "Refused: a name is taken, another image answers, or the image restarted meanwhile.",
    Exit.STORE: "The store is locked, damaged, not writable, or was written by a newer stui.",
    Exit.HUNG_UP: "Ended by a HUP signal: its terminal was closed.",
    Exit.INTERRUPTED: "Interrupted from the keyboard.",
    Exit.TERMINATED: "Ended by a TERM signal.",
}

# Of commands that say more by a code than the table above.
OWN_EXITS: dict[str, dict[Exit, str] | dict[CheckState, str]] = {
    "stui check": {
        CheckState.OK: "OK: all images that were asked are well, or left alone on purpose.",
        CheckState.WARNING: "WARNING: one is slow by -w, or not in good health.",
        CheckState.CRITICAL: "CRITICAL: one does not answer in time, refuses, is another one, or is slow by -c.",
        CheckState.UNKNOWN: "UNKNOWN: a wrong command, no image to check, or no network on this machine.",
    },
    "stui doctor": {
        Exit.DONE: "All is well; or there are warnings alone.",
        Exit.UNREACHABLE: "Nobody listens at the address of the image.",
        Exit.PARTLY_DONE: "Something failed.",
    },
    "stui test": {
        Exit.DONE: "All tests that were run passed.",
        Exit.TIMED_OUT: "The time limit was over in an image, or an image did not answer in time. It is 6 also where "
        "tests had failed: some were not run at all, so that those told are not all that fail, which 8 would say.",
        Exit.CODE_FAILED: "An error outside of any test, and no test failed.",
        Exit.PARTLY_DONE: "Some did not pass; or an image of several could not be asked.",
    },
}

# By state, so that a new one is missed here at once.
_WHEN_A_SESSION_IS = {
    SessionState.ACTIVE: "while it lives there",
    SessionState.PARKED: "while its image is",
    SessionState.LOST: "when its image does not know it any more, as after a restart",
    SessionState.CLOSED: "when it was ended and its record kept",
}
assert list(_WHEN_A_SESSION_IS) == list(SessionState)

GLOSSARY = {
    "image": "A running Smalltalk system that is reachable at an address.",
    "image id": "A UUID that an image keeps. It survives restarts and moves.",
    "incarnation": "A random id that is made at every start of the image's process.",
    "agent": "The Smalltalk code inside an image that speaks with stui.",
    "dialect": "Which Smalltalk it is: gst, pharo, squeak, cuis or playground.",
    "session": "A named workspace inside one image. It is "
    + "; ".join(f"{state} {when}" for state, when in _WHEN_A_SESSION_IS.items())
    + ".",
    "binding": "A variable of a session, with its value.",
    "it, @REF": "In source, the last result of a session, and the one of a number; stui-source(7) tells of both.",
    "checkpoint": "The bindings of a session as text, kept in the store. A session is restored from it.",
    "label": "A pair key=value that you give to an image. `-l key=value` selects images by it.",
    "context": "The image, and the session, that a command means when it names none.",
    "probe": "One timed contact with an image.",
    "parked": "An image that `stui images disconnect` leaves alone, or a session in it. It is not probed.",
    "status": f"Whether an image can be reached: {', '.join(ConnectionStatus)}.",
    "health": f"How well an image is: {', '.join(ConnectionHealth)}.",
    "orphan": "A session whose image is provably gone, or which its image does not know any more.",
    "sweep": "To remove orphans: `stui cleanup`.",
    "store": "The folder of yours in which stui keeps what it knows.",
    "operation": "One change of the store. The operation log keeps them all, so that `stui undo` can take one back.",
    "audit log": "Who did what to which image. It only grows, and nothing of it is undone.",
}

UNWRITABLE = (
    "The code speaks of what was asked. A command that only tells, and cannot write what it has to tell (a full disk, "
    "a closed standard output), has failed: 1. One that acts has acted: its code is that of the act, and a warning "
    "says that nothing could be printed. `stui eval` and `stui inspect` are partly done then (8): the code ran, its "
    "answer is lost. What becomes of standard error decides nothing, and a closed standard input is no empty one."
)

# Tests compare them with what the source asks for.
ENVIRONMENT = {
    "STUI_HOME": "The directory of the store, instead of the two XDG ones below, or the address of a team's store "
    "(stui-teams(7)).",
    "STUI_IMAGE": "The image meant, or `IMAGE/SESSION`; stronger than every context, weaker than `-i`.",
    "STUI_SESSION": "The session meant; weaker than `-s`.",
    "STUI_SSH": "The ssh by which ssh:// addresses are reached, instead of the one on the PATH.",
    **{
        row.variable: f"As `{row.option}`, which is stronger; `{row.key}` in config.toml is weaker."
        for row in SETTINGS.values()
        if row.variable and row.variable.startswith("STUI_")
    },
    "XDG_STATE_HOME": "The store is `stui` in it; without it, `~/.local/state/stui`.",
    "XDG_CONFIG_HOME": "The settings are in `stui` in it; without it, `~/.config/stui`.",
    "XDG_RUNTIME_DIR": "Agents tell in `stui` in it where they listen, and ssh shares connections by it; without it, "
    "`stui-UID` in `$TMPDIR` or /tmp.",
    "NO_COLOR": "If set and not empty, no colours where `--color` says nothing; stronger than `color` in config.toml.",
    "FORCE_COLOR, CLICOLOR_FORCE": "If one is set, not empty and not 0, colours in a pipe too; weaker than NO_COLOR.",
    "CLICOLOR": "0 means no colours, as NO_COLOR does.",
    "TERM, COLORTERM": "`dumb` means no colours and no pager. 256 colours are used where TERM has `256color` or "
    "COLORTERM is `truecolor`, else the usual sixteen, without those that a light or a dark ground hides.",
    "COLUMNS": "The width of tables, instead of the terminal's.",
    "VISUAL, EDITOR": "The editor of `stui config edit`, with its arguments; without both, `editor`, `vi` or `nano`.",
    "STUI_PAGER, PAGER": "The pager, with its arguments, for what is longer than the terminal; empty or `cat` for "
    "none, `less` without both. `pager` in config.toml is weaker than the first and stronger than the second.",
    "LESS": "The options of less; FRX without it.",
    "PATH": "Where ssh, the Smalltalks, fzf, editors and pagers are looked for.",
    "HOME": "Where the folders above are, and Pharo Launcher's images, where nothing else says so.",
    "TMPDIR": "The temporary folder, /tmp without it.",
    "USER, LOGNAME": "Who acts, for the operation log and the audit log; without both, the name of the user's id.",
    "SUDO_USER": "Another name that `stui doctor` hides in what it prints.",
    "SHELL": "The shell whose completion `stui doctor` looks at.",
    "BASH_COMPLETION_USER_DIR, FPATH, XDG_DATA_DIRS, XDG_DATA_HOME, ZDOTDIR": "Where `stui doctor` looks for the "
    "completion of that shell.",
    "PGCONNECT_TIMEOUT": "For how many seconds each host of a team's store is waited for, where neither its address "
    "nor a service file says; 10 without all three. libpq reads its other variables (PGUSER, PGPASSFILE, "
    "PGSERVICE...) by itself.",
    "LOCALAPPDATA, USERPROFILE, USERNAME": "On Windows, what XDG_STATE_HOME, HOME and USER are elsewhere.",
}

FILES = {
    "config.toml": "Your settings; only `stui config` changes it. A command reads it once, before anything is sent: "
    "what cannot be used is exit 2, a key that means nothing is a warning.",
    "state.toml": "The registered images, the contexts, and which session records are the current ones.",
    "operations/": "Every change, one file each: the operation log.",
    "objects/": "Session records and checkpoints; never changed, only added and pruned.",
    "history/": "The evaluations of each session.",
    "probes.msgpack": "What the last probes said.",
    "audit.jsonl": "Who did what to which image; each line carries the hash of the line before. Code has a line when "
    "it is about to be sent (`began`), and one of how it ended. They are written twice a second at most: "
    "a command that was killed leaves a line `began` with none behind it, and what it ran in its last half second may "
    "be missing. Where they cannot be written a warning says so, and what was asked is done; `stui eval --must-record` "
    "sends nothing then.",
    "audit.jsonl.1, ...": "Full files of the audit log (`audit_limit` in config.toml), the oldest first; the chain of "
    "hashes goes on over all of them, so one that is taken away is missed by `stui audit --verify`.",
    "audit.mark": "How many lines the audit log had, and the hash of the last one: so a missing end is noticed.",
    "names/images, names/sessions, names/labels": "Plain names, one per line, for completion; names/made_for says of "
    "which operation they are.",
    "names/contexts": "What each terminal means, and the default, as of the operation in its first line: for prompts "
    "(`stui_here` of the completion scripts).",
    "names/operations": "The numbers of the last changes with what they did, for completion.",
    "names/keys": "Which keys of images `stui keys` saw last, for completion: their names alone.",
    "keys/IMAGE/WHO.key": "The key of somebody, as `stui keys new` made it, to be handed over; mode 0600.",
    "failed_tests/": "Which tests of each image did not pass last time, for `stui test --rerun-failed`.",
    "lock": "Held while something is changed; never deleted.",
    "cache.msgpack": "state.toml as quick to read as it can be; made again when it is missing.",
    "crashes/": "Tracebacks of unexpected failures.",
    ".stui.toml": "In a project's folder: the image and session meant below it. It may only name registered images. "
    "One that belongs to another user, or that everybody may write, is not followed.",
    "$XDG_RUNTIME_DIR/stui/NAME-PID.toml": "Written by a running agent: where it listens, its image id and key.",
}
