"""The standard streams of a command, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

# Lines, and interrupts all the time: one that comes while a line is written may lose it, but not write it twice.
_INTERRUPTED = """
import signal, sys
from stui_cli.output.streams import open_standard_streams

def interrupt(number, frame):
    raise KeyboardInterrupt

open_standard_streams()
signal.signal(signal.SIGALRM, interrupt)
for number in range(3_000):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.000_05)
        for stream in (sys.stderr, sys.stdout):
            stream.write(f"{number}\\n")
            stream.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        pass
"""


def test_an_interrupt_while_a_line_is_written_does_not_write_it_twice() -> None:
    done = subprocess.run([sys.executable, "-c", _INTERRUPTED], capture_output=True, text=True, check=True)
    for written in (done.stdout.split(), done.stderr.split()):
        assert written
        assert len(set(written)) == len(written)
