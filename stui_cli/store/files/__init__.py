"""The one-machine store: a folder of files, a lock, and a disk that is told to keep them (DESIGN section 7)."""
