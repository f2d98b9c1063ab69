#!/usr/bin/env bash
# GNU Smalltalk 3.2.5 (Debian packages gnu-smalltalk and gnu-smalltalk-common of the suite bullseye): chunk format.
#
# In a chunk file an exclamation mark ends a chunk, and one that belongs to the text is written twice; whoever reads the
# file back takes one of the two. That is how Squeak, Pharo and Cuis write and read every file-out.
# Seen:     `'a!!b' size printNl!` prints 4, and `'a!b' size printNl!` prints 3: inside a literal string the reader
#           knows no doubling, so a text that another dialect wrote comes back with a mark too many.
# Expected: 3 for the first, as the other dialects read it.
# So whoever writes a path or any other text into a chunk file for this system must not double the marks in it.
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

printf '%s\n' "'a!!b' size printNl!" "'a!b' size printNl!" >"$work/bangs.st"
seen=$(HOME=$work "$gst" -q -g -i -I "$work/private.im" --kernel-directory "$kernel" "$work/bangs.st" </dev/null | tr '\n' ' ')
echo "seen: $seen"
[[ $seen == '4 3 ' ]]
