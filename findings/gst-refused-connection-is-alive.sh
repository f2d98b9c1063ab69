#!/usr/bin/env bash
# GNU Smalltalk 3.2.5 (Debian packages gnu-smalltalk and gnu-smalltalk-common of the suite bullseye): package Sockets,
# StreamSocket remote:port: to where nobody listens.
#
# It is the way to connect, by its comment to create a socket connected to the host.
# Seen:     a socket is answered whether somebody listens or not, for a TCP port of loopback that refuses and for the path
#           of a unix socket that is not there; 0.3 s later isPeerAlive is true of both. The first read of the TCP one
#           raises "Connection refused"; after that isPeerAlive is still true, and writing and flushing raises nothing.
#           The first read of the unix one answers nil, and from then on isPeerAlive is false; writing raises nothing there
#           either.
# Expected: an error from remote:port:, or isPeerAlive false once the refusal came; the same for both families.
# So whoever wants to know whether a connection came about has to read an answer from the other side.
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

plugins=$(find "$work/unpacked" -path '*gnu-smalltalk/*' -name 'tcp.so' -printf '%h\n' | head -n 1)
export LTDL_LIBRARY_PATH=$plugins LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$plugins
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$work/refused.st" <<ST
PackageLoader fileInPackage: 'Sockets'!
| look |
look := [:make | | socket |
	socket := make on: Error do: [:each | each return: nil].
	socket notNil displayNl.
	(Delay forMilliseconds: 300) wait.
	socket isPeerAlive displayNl.
	([socket next] on: Error do: [:each | each return: each messageText]) displayNl.
	socket isPeerAlive displayNl.
	([socket nextPutAll: 'hello'; flush. 'written'] on: Error do: [:each | each return: each messageText]) displayNl].
look value: [Sockets.StreamSocket remote: '127.0.0.1' port: $port].
look value: [Sockets.StreamSocket remote: Sockets.UnixAddress uniqueInstance port: '$work/none']!
ST
seen=$(HOME=$work "$gst" -q -g -i -I "$work/private.im" --kernel-directory "$kernel" "$work/refused.st" </dev/null 2>/dev/null |
    grep -v '^Loading' | tr '\n' ',')
echo "seen: $seen"
[[ $seen == 'true,true,Connection refused,true,written,true,true,nil,false,written,' ]]
