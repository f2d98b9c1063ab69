#!/usr/bin/env bash
# junitparser 5.0.3 (Python) against the schema junit-10.xsd, which CI servers go by and pytest 8.3.3 has among its tests.
#
# The report of a test run is one <testsuites> with the counts of all its suites.
# Seen:     JUnitXml.update_statistics, for a report with one suite and one case, writes the attribute skipped="0" on
#           <testsuites>; the schema allows it on <testsuite> only, and refuses the document for it, and for nothing else.
# Expected: a document that the schema takes (name, time, tests, failures, disabled and errors are allowed there).
# So whoever writes for a server that validates has to take the attribute away again.
#
# Needs python3 (3.10 or newer, with venv) and the network of its package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
pip=("$work/venv/bin/python" -m pip --quiet --disable-pip-version-check)
"${pip[@]}" install junitparser==5.0.3 xmlschema==4.3.2
"${pip[@]}" download --no-deps --no-binary pytest --dest "$work" pytest==8.3.3
tar --extract --gzip --file "$work"/pytest-8.3.3.tar.gz --directory "$work"

seen=$("$work/venv/bin/python" - "$work/pytest-8.3.3/testing/example_scripts/junit-10.xsd" <<'PYTHON'
import io
import sys

import xmlschema
from junitparser import JUnitXml, TestCase, TestSuite

report = JUnitXml("all")
suite = TestSuite("one")
suite.add_testcase(TestCase("case", "Class", 0.5))
report.add_testsuite(suite)
report.update_statistics()
schema = xmlschema.XMLSchema(sys.argv[1])
print([(error.path, error.reason) for error in schema.iter_errors(io.BytesIO(report.tostring()))])
PYTHON
)
echo "seen: $seen"
[[ $seen == "[('/testsuites', \"'skipped' attribute not allowed for element\")]" ]]
