#!/bin/sh
# unpack_postfix.sh - lay the programs of Debian's Postfix into a directory
#
#	tests/system/unpack_postfix.sh DIRECTORY
#
# Its package is fetched and unpacked, not installed: to install it would remove
# the mail server that a machine has, or start one.  Libraries that it needs and
# that are not there are fetched likewise.  Exit 1: apt has none.
set -eu

# apt - run apt-get without waiting for long where there is no network
apt() {
	apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 \
	    -o APT::Sandbox::User=root "$@" 2>/dev/null
}

# missing - the libraries that Postfix needs and that are not installed
missing() {
	apt-cache depends postfix | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p' |
	    while read -r library; do
		dpkg -s "$library" >/dev/null 2>&1 || echo "$library"
	    done
}

mkdir -p "$1.new/debs"
new=$(cd "$1.new" && pwd)
cd "$new/debs"
apt download postfix || { apt update && apt download postfix; }
for library in $(missing); do
	apt download "$library"
done
for package in *.deb; do
	dpkg-deb -x "$package" ..
done
cd ..
# Where its own libraries are, these are found too.
for directory in usr/lib/*-linux-gnu* lib/*-linux-gnu*; do
	[ ! -d "$directory" ] || cp -P "$directory"/*.so* usr/lib/postfix
done
rm -rf debs
rm -rf "${new%.new}"
mv "$new" "${new%.new}"
