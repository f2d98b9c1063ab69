"""The system's own ssh, as this user has set it up: what it says of a host, one connection per host, its failures.

A connection to a host is made once and shared (ssh_config(5), ControlMaster): by the user's own master where there is
one, else by one of ours, whose socket lies in the runtime folder and which ends by itself when it is idle.
"""
