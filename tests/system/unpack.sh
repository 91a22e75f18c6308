#!/bin/sh
# unpack.sh - lay the programs of a package of Debian's into a directory
#
#	tests/system/unpack.sh PACKAGE DIRECTORY LIBRARIES
#
# The package is fetched and unpacked, not installed: to install a mail server or
# a database would start one, or remove the one that a machine has.  Libraries that
# it needs and that are not there are fetched likewise, and lie in LIBRARIES below
# the directory.  A package that only names another one stands for that one.  Exit
# 1: apt has none.
set -eu
package=$1
libraries=$3

# apt - run apt-get without waiting for long where there is no network
apt() {
	apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 \
	    -o APT::Sandbox::User=root "$@" 2>/dev/null
}

# depends - the packages that a package depends on
depends() {
	apt-cache depends "$1" | sed -n 's/^ *Depends: \([^ <]*\)$/\1/p'
}

# missing - the libraries that a package needs and that are not installed; the
# compiler of PostgreSQL's queries is not among them
missing() {
	depends "$1" | grep '^lib' | grep -v '^libllvm' | while read -r library; do
		dpkg -s "$library" >/dev/null 2>&1 || echo "$library"
	done
}

mkdir -p "$2.new/debs"
new=$(cd "$2.new" && pwd)
cd "$new/debs"
real=$(depends "$package" | grep "^$package-[0-9]" || true)
package=${real:-$package}
apt download "$package" || { apt update && apt download "$package"; }
for library in $(missing "$package"); do
	apt download "$library"
done
for archive in *.deb; do
	dpkg-deb -x "$archive" ..
done
cd ..
mkdir -p "$libraries"
for directory in usr/lib/*-linux-gnu* lib/*-linux-gnu*; do
	[ ! -d "$directory" ] || cp -P "$directory"/*.so* "$libraries"
done
rm -rf debs
rm -rf "${new%.new}"
mv "$new" "${new%.new}"
