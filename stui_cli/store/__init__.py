"""The store: registry, contexts, session records, operation log, audit and history, as files (DESIGN section 7).

Everything above speaks to `stui_cli.store.store.Store`; nothing above knows files.
"""
