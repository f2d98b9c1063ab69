#!/usr/bin/env bash
# junitparser 5.0.3 (Python): TestSuite.add_testcase.
#
# Its docstring: "Add a testcase *testcase* to the testsuite." It is the first way its manual shows to build a report.
# Seen:     Each call counts the whole suite anew: twice as many cases take about four times as long; 400 and 800 in
#           a row, for one. add_testcases, which counts once, takes twice as long for them.
# Expected: twice as long for twice as many in both.
# So whoever writes a report of many cases should add them all at once.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3

seen=$("$work/venv/bin/python" - <<'PYTHON'
from time import process_time

from junitparser import TestCase, TestSuite


def one_by_one(suite, cases):
    for case in cases:
        suite.add_testcase(case)


def at_once(suite, cases):
    suite.add_testcases(cases)


def took(add, number):
    """The best of three, in seconds of this process: others on the machine do not count."""
    best = float("inf")
    for _ in range(3):
        cases = [TestCase(f"case {index}") for index in range(number)]
        began = process_time()
        add(TestSuite("suite"), cases)
        best = min(best, process_time() - began)
    return best


single = took(one_by_one, 800) / took(one_by_one, 400)
bulk = took(at_once, 8000) / took(at_once, 4000)
print(f"one by one {single:.1f} times, at once {bulk:.1f} times;", single > 3, bulk < 3)
PYTHON
)
echo "seen: $seen"
[[ $seen == *'; True True' ]]
