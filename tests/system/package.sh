#!/bin/sh
# package.sh - install, use and purge the packages on a Debian of its own
#
#	tests/system/package.sh DIRECTORY
#
# Makes the packages, a Debian 12 in DIRECTORY by debootstrap, and boots it with
# systemd in namespaces of its own, without a network.  There it installs the
# package beside Postfix, edits one file, starts the service, sends a message,
# passes mail between X.400 and Postfix as INSTALL says,
# reads the journal, stops master until the watchdog acts, upgrades with a message
# in the queue, and purges.
# Exit: 0, 1 what failed is printed, 77 not possible here, and why.
set -eu

skip() {
	echo "skipped: $1"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
for tool in debootstrap systemd-nspawn nsenter dh lintian git; do
	command -v $tool >/dev/null || skip "no $tool on this machine"
done
root=$1/debian
make deb >"$1/deb.log" 2>&1 || { tail -n 20 "$1/deb.log"; exit 1; }
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,postfix \
    bookworm "$root" >"$1/debootstrap.log" 2>&1 ||
	skip "debootstrap found no mirror"
cp build/deb/fourpost_*.deb "$root/srv/fourpost.deb"
# The same package as the next version, to upgrade to.
dpkg-deb -R "$root/srv/fourpost.deb" "$1/newer"
sed -i 's/^Version: .*/&+next/' "$1/newer/DEBIAN/control"
dpkg-deb --root-owner-group -b "$1/newer" "$root/srv/newer.deb" >"$1/newer.log"
cp tests/system/package_inside.sh "$root/srv/inside.sh"
cp INSTALL tests/system/install_section.sh "$root/srv"
# What the package needs comes while there is a network.
chroot "$root" sh -c 'apt-get update -qq
    apt-get install -y -qq --no-install-recommends /srv/fourpost.deb &&
    apt-get purge -y -qq fourpost' >"$1/apt.log" 2>&1 ||
	{ tail -n 20 "$1/apt.log"; exit 1; }

systemd-nspawn --register=no --keep-unit --quiet --boot --private-network \
    --directory="$root" >"$1/boot.log" 2>&1 </dev/null &
nspawn=$!
trap 'kill $nspawn 2>/dev/null; wait' EXIT
# The first process of the new system is the one below that is called systemd.
init=
for second in $(seq 60); do
	for pid in $(pgrep -P "$nspawn" || true); do
		for child in "$pid" $(pgrep -P "$pid" || true); do
			[ "$(cat "/proc/$child/comm")" = systemd ] && init=$child
		done
	done
	[ -n "$init" ] && nsenter -t "$init" -m -p systemctl is-system-running \
	    2>/dev/null | grep -Eq 'running|degraded' && break
	kill -0 "$nspawn" 2>/dev/null || skip "systemd-nspawn cannot boot here"
	sleep 1
	[ "$second" -lt 60 ] || skip "systemd does not come up here"
done
nsenter -t "$init" -m -u -i -n -p -r -w sh /srv/inside.sh
