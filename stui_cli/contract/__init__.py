"""What stui prints, kind by kind: the keys of an item in JSON, how people see each, its columns, and its name.

Keys are a contract with every script that reads `-o json`: more may be added, none renamed.
"""
