"""One file per command: its result, the work, the rows, and a thin click command. Found by `command_table`."""
