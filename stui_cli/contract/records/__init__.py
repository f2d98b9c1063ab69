"""Items as typed records, for programs that are written in Python: the same keys as `-o json`, checked against them.

They stand apart from the files of their kinds because no command needs them: to make these classes takes four fifths of
the time of `import click`.
"""
