"""The store: registry, contexts, session records, operation log, audit and history (DESIGN section 7).

Everything above speaks to `stui_cli.store.store.Store`. What keeps a store is behind the seam in backend.py: files/ is
the one of one machine.
"""
