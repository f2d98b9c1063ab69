"""How a byte stream to an image is opened: one file per scheme of an address (model/addresses.py).

Each has `connect(address, where, deadline, ...)`, which returns a connected socket, or raises what outcomes.py makes of
the system's errors. link.py has one arm for each, and imports it when it is wanted.
"""
