#!/usr/bin/env bash
# libpq 17.0.11, the client library of PostgreSQL, as psycopg2-binary 2.9.13 (Python) brings it.
#
# An address may name several hosts, which are tried in turn until one is connected to; the manual names a refused
# authentication as what ends that. The first host here takes the connection and closes it without a word, as a proxy
# does whose server is down.
# Seen:     "server closed the connection unexpectedly", and the second host is never asked. Where nobody listens on the
#           first one the second is asked, as it should be.
# Expected: that the second host is asked in both cases.
# So whoever has a proxy among several hosts has to go on to the next by himself.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip --quiet --disable-pip-version-check install psycopg2-binary==2.9.13

seen=$("$work/venv/bin/python" - <<'PYTHON'
import socket
import threading

import psycopg2


def closing():
    """The port of who closes each connection, and the list that grows with each."""
    listener, asked = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            connection, _ = listener.accept()
            asked.append(connection.close())

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1], asked


with socket.create_server(("127.0.0.1", 0)) as listener:
    nobody = listener.getsockname()[1]
for what, first in (("nobody listens", nobody), ("it closes", closing()[0])):
    second, asked = closing()
    try:
        psycopg2.connect(
            f"host=127.0.0.1,127.0.0.1 port={first},{second} user=ada dbname=team sslmode=disable gssencmode=disable"
        )
    except psycopg2.OperationalError:
        print(f"{what}: the second was asked {len(asked)} times", end="; ")
PYTHON
)
echo "seen: $seen"
[[ $seen == "nobody listens: the second was asked 1 times; it closes: the second was asked 0 times; " ]]
