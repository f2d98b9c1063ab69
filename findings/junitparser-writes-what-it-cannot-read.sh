#!/usr/bin/env bash
# junitparser 5.0.3 (Python, with the XML of its standard library): a message with a control character.
#
# The message of a failed test is any text; one of a tool that colours what it says has escape characters in it.
# Seen:     TestCase and Failure take it, and write makes a file without a complaint. XML 1.0 has no place for that
#           character, not even as a reference: the file is not well-formed, and JUnitXml.fromfile refuses what
#           JUnitXml.write wrote.
# Expected: an error where the text is given or written, or a file that can be read back.
# So whoever writes texts of others into a report has to replace such characters first.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3

seen=$(cd "$work" && "$work/venv/bin/python" - <<'PYTHON'
from xml.etree.ElementTree import ParseError

from junitparser import Failure, JUnitXml, TestCase, TestSuite


def reads_back(message):
    case = TestCase("case")
    case.result = [Failure(message)]
    suite = TestSuite("suite")
    suite.add_testcase(case)
    report = JUnitXml()
    report.add_testsuite(suite)
    report.write("report.xml")
    try:
        JUnitXml.fromfile("report.xml")
    except ParseError as error:
        return str(error).split(":")[0]
    return "read"


print(reads_back("plain"), reads_back("\x1b[31mred\x1b[0m"), sep=", ")
PYTHON
)
echo "seen: $seen"
[[ $seen == 'read, not well-formed (invalid token)' ]]
