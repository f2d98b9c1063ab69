#!/usr/bin/env bash
# tomlkit 0.15.2 (PyPI), the TOML library that keeps comments and layout: a key added behind a last line that has no line
# end, where that line is a dotted key.
#
# Such a file is valid TOML: the last line of a file needs no end, and editors leave it out.
# Seen:     behind `a = 1` and `"y z" = 1` without a line end the new key comes on a line of its own. Behind the dotted
#           `x.y.q = 1` and `x."y z".q = 1` it comes on the same line, and what dumps() gives is no TOML.
# Expected: a line of its own for each of the four.
# So whoever changes a person's file with it adds the missing line end first, and parses the result before it is kept.
#
# Needs python3 (3.11 or newer) and a package index. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q 'tomlkit==0.15.2'
seen=$("$work/venv/bin/python" - <<'PY'
import tomlkit
import tomllib

for text in ("a = 1", "x.y.q = 1", '"y z" = 1', 'x."y z".q = 1'):
    document = tomlkit.parse(text)
    document["new"] = 2
    written = tomlkit.dumps(document)
    try:
        print("added" if tomllib.loads(written)["new"] == 2 else "lost")
    except tomllib.TOMLDecodeError:
        print("broken")
PY
)
echo "seen: ${seen//$'\n'/ }"
[[ ${seen//$'\n'/ } == 'added broken added broken' ]]
