#!/usr/bin/env python3
"""Ask whether an installed package has a known vulnerability, and tell what was really asked.

python .ci/audit_packages.py SITE_PACKAGES     exit 1 if there is one

pip-audit asks a service on the network. Where that cannot be reached, or knows none of the packages, nothing was
learnt: that is said, and is no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_OWN = "stui-cli"
_LONGEST_S = 120


def main(folder: str) -> int:
    command = [sys.executable, "-m", "pip_audit", "--path", folder, "--format", "json", "--progress-spinner", "off"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        print(f"could not ask for known vulnerabilities: no answer within {_LONGEST_S} s")
        return 0
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (asked.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        print(f"could not ask for known vulnerabilities: {why}")
        return 0
    return _judge([each for each in packages if each["name"] != _OWN])


def _judge(packages: list[dict[str, Any]]) -> int:
    known = [each for each in packages if "skip_reason" not in each]
    if not known:
        print(f"could not ask for known vulnerabilities: the service knows none of {len(packages)} packages")
        return 0
    found = [(each, flaw) for each in known for flaw in each["vulns"]]
    for each, flaw in found:
        mended = ", ".join(flaw.get("fix_versions") or ["none"])
        print(f"{each['name']} {each['version']}: {flaw['id']}; mended in: {mended}", file=sys.stderr)
    print(f"{len(known)} of {len(packages)} packages were asked about, {len(found)} known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
