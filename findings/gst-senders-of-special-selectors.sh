#!/usr/bin/env bash
# GNU Smalltalk 3.2.5 (Debian packages gnu-smalltalk and gnu-smalltalk-common of the suite bullseye):
# Behavior whichSelectorsReferTo:.
#
# It answers, by its comment, a Set of the selectors that refer to the object; of a Symbol those are also the methods
# that send it. Messages that are sent often have a number of their own (CompiledCode specialSelectors), so that the
# Symbol is not among the literals of a method that sends one.
# Seen:     The sender of #mumble (a literal) and the one of #value (number 23) are found. Those of #printString
#           (number 44) and #printOn: (number 106) are not; nor is that of any unary message with a number above 27.
# Expected: all four: each of them sends the message.
# So whoever lists the senders of a message in this system has to look through the byte codes as well.
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

cat >"$work/senders.st" <<'ST'
Object subclass: #Sender instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'findings'!
!Sender methodsFor: 'sending'!
sendsMumble
	^self mumble!
sendsValue
	^self value!
sendsPrintString
	^self printString!
sendsPrintOn
	^self printOn: nil! !
| unary |
unary := ((28 to: 256) collect: [:each | CompiledCode specialSelectors at: each])
	select: [:each | each notNil and: [each numArgs = 0 and: [each ~~ #thisContext]]].
(unary anySatisfy: [:each |
	Sender compile: 'sendsIt [ ^self ', each, ' ]' ifError: [:file :line :text | text displayNl].
	(Sender whichSelectorsReferTo: each) includes: #sendsIt]) displayNl!
#(#mumble #value #printString #printOn:) do: [:each | (Sender whichSelectorsReferTo: each) asArray displayNl]!
ST
seen=$(HOME=$work "$gst" -q -g -i -I "$work/private.im" --kernel-directory "$kernel" "$work/senders.st" </dev/null | tr '\n' ',')
echo "seen: $seen"
[[ $seen == 'false,(#sendsMumble ),(#sendsValue ),(),(),' ]]
