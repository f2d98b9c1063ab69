"""One of many processes that change the same store: run with a folder, the address of a team's store or -, its name,
the first number and the end. Of a team each is a person of his own.

Acknowledges each change with its number on stdout, after it is committed.
"""

from __future__ import annotations

import os
import sys
import time

from store_tools import ACTOR, Heard, change_image, change_session, switch

from stui_cli.model.times import now_ms
from stui_cli.store.files.location import Home
from stui_cli.store.problems import Away
from stui_cli.store.store import Store


def main(folder: str, team: str, name: str, first: int, end: int) -> None:
    actor = ACTOR._replace(command=f"worker {name}")
    home = Home(folder, folder, "--home")
    if team != "-":
        own = os.path.join(folder, name)
        home = Home(own, own, "--home", team)
    store = Store(home, actor, now_ms, lock_timeout=300, announce=Heard())
    _wait_for(store)
    for number in range(first, end):
        match number % 3:
            case 0:
                store.commit(change_image(name, metadata={"count": str(number)}))
            case 1:
                store.commit(change_session(name, "work", description=str(number)))
            case _:
                store.commit(switch(name, str(number), scope=name))
        print(number, flush=True)


def _wait_for(store: Store) -> None:
    """A server that is just starting is waited for, as who starts at such a moment would begin again."""
    for _ in range(600):
        try:
            store.read()
        except Away:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not come")


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5]))
