#!/usr/bin/env bash
# GNU Smalltalk 3.2.5 (Debian packages gnu-smalltalk and gnu-smalltalk-common of the suite bullseye): Processor yield.
#
# A process that yields lets others of its own priority run; where there is none, it goes on at once, and whoever has a
# lower priority waits on (ANSI Smalltalk; Pharo, Squeak and Cuis do so).
# Seen:     The process that runs a file of statements yields, alone at its priority: a process of userBackgroundPriority
#           runs before it goes on: before, lower, after. In a forked process the same code runs as expected.
# Expected: before, after in both; the lower one when nothing else wants to run.
# So whatever code relies on its priority while it yields has to run in a process of its own, not in that of the file.
#
# Needs apt-get and dpkg-deb (a Debian-like system) and the network of its mirror. Fails when the behaviour changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts,packages,unpacked}
touch "$work/status"
mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main" >"$work/sources.list"
options=(-o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=$work/parts" -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o "Dir::State::status=$work/status" -o APT::Sandbox::User=root -o Acquire::Languages=none)
apt-get "${options[@]}" -qq update
(cd "$work/packages" && apt-get "${options[@]}" -qq download \
    gnu-smalltalk gnu-smalltalk-common libgst7 libffi7 libsigsegv2 libltdl7)
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/unpacked"; done
LD_LIBRARY_PATH=$(find "$work/unpacked" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH
gst=$(find "$work/unpacked" -name gst -type f -perm -u+x | head -n 1)
kernel=$work/unpacked/usr/share/gnu-smalltalk/kernel

[[ $("$gst" --version) == *3.2.5* ]]

cat >"$work/yield.st" <<'ST'
| log |
log := WriteStream on: String new.
[log nextPutAll: 'lower '] forkAt: Processor userBackgroundPriority.
log nextPutAll: 'before '.
Processor yield.
log nextPutAll: 'after'.
log contents displayNl!
| log done |
log := WriteStream on: String new.
done := Semaphore new.
[[log nextPutAll: 'lower '] forkAt: Processor userBackgroundPriority.
log nextPutAll: 'before '.
Processor yield.
log nextPutAll: 'after'.
done signal] forkAt: Processor userInterruptPriority.
done wait.
log contents displayNl!
ST
seen=$(HOME=$work "$gst" -q -g -i -I "$work/private.im" --kernel-directory "$kernel" "$work/yield.st" </dev/null | tr '\n' ',')
echo "seen: $seen"
[[ $seen == 'before lower after,before after,' ]]
