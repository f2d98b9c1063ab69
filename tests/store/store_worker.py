"""One of many processes that change the same store: run with the store, its name, the first number and the end.

Acknowledges each change with its number on stdout, after it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from store_tools import ACTOR, Heard, change_image, change_session, switch

from stui_cli.model.times import now_ms
from stui_cli.store.files.location import Home
from stui_cli.store.store import open_store


def main(folder: str, name: str, first: int, end: int) -> None:
    actor = ACTOR._replace(command=f"worker {name}")
    store = open_store(Home.find(Path(folder), {}), actor, now_ms, lock_timeout=300, announce=Heard())
    for number in range(first, end):
        match number % 3:
            case 0:
                store.commit(change_image(name, metadata={"count": str(number)}))
            case 1:
                store.commit(change_session(name, "work", description=str(number)))
            case _:
                store.commit(switch(name, str(number), scope=name))
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
