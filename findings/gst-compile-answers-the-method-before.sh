#!/usr/bin/env bash
# GNU Smalltalk 3.2.5 (Debian packages gnu-smalltalk and gnu-smalltalk-common of the suite bullseye): Behavior compile:.
#
# Its comment: "If there are parsing errors, answer nil. Else, return a CompiledMethod result of compilation". And
# compile:notifying:, built upon it, takes any answer but nil for success.
# Seen:     Of a text with an undefined variable the answer is nil. Of one that lacks a parenthesis it is the method
#           that was compiled last, here that of the statement itself, UndefinedObject>>executeStatements; nothing
#           is installed, and compile:notifying: sends its requestor no error:.
# Expected: nil in both cases, and the error:.
# So whoever compiles a text that may be wrong has to use compile:ifError: and to trust the block alone.
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

cat >"$work/compile.st" <<'ST'
Object subclass: #Target instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'findings'!
(Target compile: 'good [ ^1 ]') displayNl!
(Target compile: 'undefined [ ^thereIsNone ]') displayNl!
(Target compile: 'open [ ^(2 ]') displayNl!
([Target compile: 'open [ ^(2 ]' notifying: nil. 'no error'] on: Error do: [:each | each return: each messageText]) displayNl!
([Target compile: 'undefined [ ^thereIsNone ]' notifying: nil. 'no error'] on: Error do: [:each | each return: each messageText]) displayNl!
(Target compile: 'open [ ^(2 ]' ifError: [:file :line :text | 'the block was told']) displayNl!
Target selectors asArray displayNl!
ST
seen=$(HOME=$work "$gst" -q -g -i -I "$work/private.im" --kernel-directory "$kernel" "$work/compile.st" </dev/null 2>/dev/null |
    grep -v '^a Smalltalk string:' | tr '\n' ',')
echo "seen: $seen"
[[ $seen == 'Target>>good,nil,UndefinedObject>>executeStatements,no error,Compilation failed,the block was told,(#good ),' ]]
