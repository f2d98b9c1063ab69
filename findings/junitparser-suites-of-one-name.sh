#!/usr/bin/env bash
# junitparser 5.0.3 (Python): JUnitXml.add_testsuite with two suites of one name.
#
# A report may hold several suites of one name (one for each run, or each machine).
# Seen:     Two suites of one name, with one case each, are added to a report: the cases of the second move into the
#           first, whose count stays as it was. The text has <testsuite tests="1"> with two <testcase> in it. With
#           names that differ there are two suites, each with tests="1". `+=` of two such reports counts two.
# Expected: a count that agrees with the cases, or two suites.
# So whoever adds suites whose names may be the same has to call update_statistics before writing.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3

seen=$("$work/venv/bin/python" - <<'PYTHON'
from junitparser import JUnitXml, TestCase, TestSuite


def written(*names):
    report = JUnitXml()
    for name in names:
        suite = TestSuite(name)
        suite.add_testcase(TestCase("case"))
        report.add_testsuite(suite)
    read = JUnitXml.fromstring(report.tostring())
    return [(suite.tests, len(list(suite))) for suite in read]


print(written("one", "two"), written("same", "same"))
PYTHON
)
echo "seen (tests=, cases): $seen"
[[ $seen == '[(1, 1), (1, 1)] [(1, 2)]' ]]
