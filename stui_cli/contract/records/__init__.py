"""Items as typed records, for programs that are written in Python: the same keys as `-o json`, checked against them.

They stand apart from the files of their kinds because no command needs them: making these classes takes 8 ms.
"""
