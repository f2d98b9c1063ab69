"""What any agent of stui protocol 1 must do, as cases that talk to a running one (DESIGN section 5).

The cases know the wire and portable Smalltalk, no dialect and no agent of ours: a porter's agent is held to the
same table as the one that we ship. `table` lists them all, `run` runs them.
"""
