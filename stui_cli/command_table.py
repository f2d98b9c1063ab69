"""Every command of stui: its module, imported when it is named, and its summary for help, manual and completion."""

from __future__ import annotations


class CommandRow:
    """One command, or a group of them with the one that is meant when none is named. `session` says that -s has a
    meaning for it; every other command refuses it."""

    # Written out: a named tuple costs every start 0.2 ms.
    __slots__ = ("default", "module", "session", "subcommands", "summary")

    def __init__(
        self,
        module: str,
        summary: str,
        subcommands: dict[str, CommandRow] | None = None,
        default: str | None = None,
        session: bool = False,
    ) -> None:
        self.module = module
        self.summary = summary
        self.subcommands = subcommands or {}
        self.default = default
        self.session = session


def _at(path: str, summary: str, *, session: bool = False) -> CommandRow:
    return CommandRow(f"stui_cli.commands.{path}", summary, session=session)


IMAGES = {
    "list": _at("images.list", "List the registered images."),
    "add": _at("images.add", "Register an image by its address."),
    "show": _at("images.show", "Show all that is known of one image."),
    "set": _at("images.set", "Change an image's metadata, key or address."),
    "rename": _at("images.rename", "Give an image another name."),
    "remove": _at("images.remove", "Take an image out of the registry."),
    "connect": _at("images.connect", "Take a parked image up again, and probe it."),
    "disconnect": _at("images.disconnect", "Park an image: leave it alone on purpose."),
    "trust": _at("images.trust", "Accept another image at a known address."),
    "export": _at("images.export", "Write the registry as TOML."),
    "import": _at("images.import_", "Register the images that a TOML file lists."),
    "discover": _at("images.discover", "Find agents that run on this machine."),
    "launch": _at("images.launch", "Start an image with an agent and register it."),
    "save": _at("images.save", "Save a launched image with its sessions."),
    "stop": _at("images.stop", "End an image that was launched here."),
    "restart": _at("images.restart", "Stop an image and launch it again, with its sessions."),
    "logs": _at("images.logs", "Show what a launched image has printed."),
    "agent": _at("images.agent", "Tell where the agent of a dialect is, and how to load it."),
}

SESSIONS = {
    "list": _at("sessions.list", "List the sessions of all images or of one.", session=True),
    "create": _at("sessions.create", "Make a session in an image.", session=True),
    "show": _at("sessions.show", "Show a session's variables, checkpoint and history.", session=True),
    "set": _at("sessions.set", "Change what a session is for.", session=True),
    "restore": _at("sessions.restore", "Make a session live again after its image restarted.", session=True),
    "rename": _at("sessions.rename", "Give a session another name.", session=True),
    "close": _at("sessions.close", "End a session's live state; its record stays.", session=True),
    "remove": _at("sessions.remove", "Remove a session's record; an undo brings it back.", session=True),
    "history": _at("sessions.history", "Show what was evaluated in a session.", session=True),
    "stats": _at("sessions.stats", "Count the sessions of images."),
    "export": _at("sessions.export", "Put a session into one file.", session=True),
    "import": _at("sessions.import_", "Make a session of a file.", session=True),
}

KEYS = {
    "list": _at("keys.list", "List who has a key of an image, and as what."),
    "new": _at("keys.new", "Give somebody a key of an image."),
    "show": _at("keys.show", "Show one key, and what its holder runs."),
    "revoke": _at("keys.revoke", "Take a key back."),
    "rotate": _at("keys.rotate", "Put fresh bytes in the place of a key."),
}

LOG = {
    "list": _at("log.list", "List the changes of the store, newest first."),
    "show": _at("log.show", "Show what one operation changed."),
}

CONFIG = {
    "list": _at("config.list", "List every setting, and what says so."),
    "get": _at("config.get", "Print what one setting is here."),
    "set": _at("config.set", "Change a setting in config.toml."),
    "path": _at("config.path", "Print where config.toml is."),
    "edit": _at("config.edit", "Edit config.toml, and check it before it counts."),
}

STORE = {
    "show": _at("store.show", "Tell which store this is, and how it is."),
    "init": _at("store.init", "Make the tables of a team's store."),
    "copy": _at("store.copy", "Copy the whole store to another place."),
}

COMMANDS = {
    "images": CommandRow("", "Register, start and look after images.", IMAGES, "list"),
    "sessions": CommandRow("", "Make, list and close sessions.", SESSIONS, "list"),
    "switch": _at("switch", "Go to an image or a session.", session=True),
    "context": _at("context", "Tell what a command here would mean, and why.", session=True),
    "status": _at("status", "Probe images and tell how they are."),
    "cleanup": _at("cleanup", "Sweep the sessions that are left behind."),
    "eval": _at("eval", "Run an expression in an image.", session=True),
    "inspect": _at("inspect", "Look into an object, page by page.", session=True),
    "load": _at("load", "Load files of source into images.", session=True),
    "test": _at("test", "Run the tests of images."),
    "browse": _at("browse", "Browse the code of an image."),
    "jobs": _at("jobs", "List what runs in images."),
    "interrupt": _at("interrupt", "Stop what runs in an image.", session=True),
    "keys": CommandRow("", "Give and take back the keys of images.", KEYS, "list"),
    "ping": _at("ping", "Ping images."),
    "check": _at("check", "Check images as a plug-in of Nagios."),
    "log": CommandRow("", "The changes of the store, newest first.", LOG, "list"),
    "undo": _at("undo", "Take back one change."),
    "redo": _at("redo", "Take back the last undo."),
    "rollback": _at("rollback", "Take back every change after one."),
    "audit": _at("audit", "Tell who did what to which image."),
    "config": CommandRow("", "The settings: list, get, set and edit.", CONFIG, "list"),
    "store": CommandRow("", "The place that keeps everything.", STORE, "show"),
    "doctor": _at("doctor", "Check an image's agent, or this machine."),
    "help": _at("help", "Show the manual of a command or on a topic."),
    "completion": _at("completion", "Print the completion script of a shell."),
    "playground": _at("playground", "Serve a small Smalltalk until Ctrl-C."),
    "demo": _at("demo", "Try stui on two images in a temporary home."),
}
