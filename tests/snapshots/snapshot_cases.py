"""How each command is called for its snapshots."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """How a command is called here, whether it changes the image, and what is done before."""

    line: str
    live: bool = False
    before: tuple[str, ...] = ()


CLOSED = ("sessions close alpha/work -y",)

CASES = {
    "images list": Case("images list"),
    "images add": Case("images add extra tcp://127.0.0.1:9 --offline"),
    "images show": Case("images show alpha"),
    "images set": Case("images set ghost team=core"),
    "images rename": Case("images rename ghost geist"),
    "images remove": Case("images remove ghost -y"),
    "images connect": Case("images connect alpha", True, ("images disconnect alpha",)),
    "images disconnect": Case("images disconnect ghost"),
    "images trust": Case("images trust alpha"),
    "images export": Case("images export"),
    "images import": Case("images import images.toml"),
    "images discover": Case("images discover"),
    "images launch": Case("images launch alpha"),  # what starts a process is in the run in a terminal
    "images save": Case("images save ghost"),
    "images stop": Case("images stop ghost"),
    "images restart": Case("images restart ghost"),
    "images logs": Case("images logs ghost"),
    "images agent": Case("images agent pharo"),
    "sessions list": Case("sessions list"),
    "sessions create": Case("sessions create alpha/new --switch", True),
    "sessions show": Case("sessions show alpha/work"),
    "sessions set": Case("sessions set alpha/work --description clean", True),
    "sessions restore": Case("sessions restore alpha/work", True, CLOSED),
    "sessions rename": Case("sessions rename alpha/work job", True),
    "sessions close": Case("sessions close alpha/work -y", True),
    "sessions remove": Case("sessions remove alpha/work -y", True),
    "sessions history": Case("sessions history alpha/work"),
    "sessions stats": Case("sessions stats alpha"),
    "sessions export": Case("sessions export alpha/work"),
    "sessions import": Case("sessions import work.toml --as copy", True, ("sessions export alpha/work -f work.toml",)),
    "switch": Case("switch ghost"),
    "context": Case("context"),
    "status": Case("status"),
    "cleanup": Case("cleanup -y --grace 0s", True, ("images remove alpha -y --keep-running",)),
    "eval": Case("eval --no-history x+1 1/0"),
    "inspect": Case("inspect x", True),
    "test": Case("test OddTest", True, ("load tests.st",)),
    "load": Case("load code.st"),
    "browse": Case("browse classes --pattern Magn*"),
    "jobs": Case("jobs alpha"),
    "interrupt": Case("interrupt alpha"),
    "keys list": Case("keys list --file agent.keys"),
    "keys new": Case("keys new bob --role observer --file agent.keys --to bob.key"),
    "keys show": Case("keys show ada --file agent.keys"),
    "keys revoke": Case("keys revoke eve --file agent.keys"),
    "keys rotate": Case("keys rotate eve --file agent.keys --to bob.key"),
    "ping": Case("ping alpha ghost"),
    "check": Case("check alpha ghost"),
    "log list": Case("log list"),
    "log show": Case("log show 1"),
    "undo": Case("undo"),
    "redo": Case("redo", before=("undo",)),
    "rollback": Case("rollback 2 -y"),
    "audit": Case("audit"),
    "store show": Case("store show"),
    "store init": Case("store init"),
    "store copy": Case("store copy stui copied"),
    "config list": Case("config list"),
    "config get": Case("config get timeout"),
    "config set": Case("config set timeout 5s"),
    "config path": Case("config path"),
    "config edit": Case("config edit"),
    "doctor": Case("doctor alpha --case list_image_sessions"),
    "help": Case("help exit-codes"),
    "completion": Case("completion --help"),
    "playground": Case("playground --help"),  # it serves until it is ended
    "demo": Case("demo --help"),  # it makes a home and images of its own
}
