"""`python -m stui_cli` is `stui`."""

from stui_cli.main import main

main()
