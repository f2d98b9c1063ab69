"""The program of the dialect `playground`: see agent/program.py."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Started by its path, whatever the current folder is, in which nothing is to be found by accident.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from stui_cli.playground.agent.program import main

    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None))
