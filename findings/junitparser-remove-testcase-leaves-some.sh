#!/usr/bin/env bash
# junitparser 5.0.3 (Python): TestSuite.remove_testcase with cases that are equal.
#
# Its docstring: "Remove testcase *testcase* from the testsuite." Equal cases are valid: a test that ran several times.
# Seen:     Of two, three or four equal cases one stays, and a second call removes it: the list is walked while it
#           shrinks. A case of a suite within the suite is walked and counted too, but not removed; nothing says so.
# Expected: none stays; or one is removed, whatever their number.
# So whoever removes cases has to call it until none is left.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3

seen=$("$work/venv/bin/python" - <<'PYTHON'
from junitparser import TestCase, TestSuite


def left(number, calls=1):
    suite = TestSuite("suite")
    suite.add_testcases([TestCase("same") for _ in range(number)])
    for _ in range(calls):
        suite.remove_testcase(TestCase("same"))
    return len(suite)


outer, inner = TestSuite("outer"), TestSuite("inner")
inner.add_testcase(TestCase("same"))
outer.add_testsuite(inner)
outer.remove_testcase(TestCase("same"))
print([left(number) for number in (1, 2, 3, 4)], left(4, calls=2), len(outer))
PYTHON
)
echo "seen (left of 1, 2, 3 and 4; after a second call; left inside): $seen"
[[ $seen == '[0, 1, 1, 1] 0 1' ]]
