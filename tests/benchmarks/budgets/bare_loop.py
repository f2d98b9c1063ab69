"""What no `stui status` can do without: connect to each image, greet it and ping it, in one loop of sockets.

Reads addresses (host:port), one a line; prints how many answered. It shows nothing, keeps nothing and waits for all.
"""

from __future__ import annotations

import selectors
import socket
import sys

import msgpack

HELLO = msgpack.packb([0, 1, "hello", [{"protocol": 1, "client": "bare", "client_id": "bare"}]])
PING = msgpack.packb([0, 2, "ping", []])
AT_ONCE = 512


class Talk:
    """One connection: what it hears, and how many answers it had."""

    def __init__(self, address: str) -> None:
        host, port = address.split(":")
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex((host, int(port)))
        self.heard = msgpack.Unpacker(strict_map_key=False)
        self.answers = 0

    def read(self) -> bool:
        """Whether the ping was answered."""
        self.heard.feed(self.socket.recv(65536))
        for _ in self.heard:
            self.answers += 1
            if self.answers == 1:
                self.socket.send(PING)
        return self.answers == 2


def main() -> None:
    waiting = sys.stdin.read().split()
    answered, open_now = 0, 0
    with selectors.DefaultSelector() as selector:
        while waiting or open_now:
            while waiting and open_now < AT_ONCE:
                talk = Talk(waiting.pop())
                selector.register(talk.socket, selectors.EVENT_WRITE, talk)
                open_now += 1
            for key, events in selector.select():
                talk = key.data
                if events & selectors.EVENT_WRITE:
                    talk.socket.send(HELLO)
                    selector.modify(talk.socket, selectors.EVENT_READ, talk)
                elif talk.read():
                    selector.unregister(talk.socket)
                    talk.socket.close()
                    answered, open_now = answered + 1, open_now - 1
    print(answered)


if __name__ == "__main__":
    main()
