#!/bin/sh
# package_inside.sh - what package.sh does on the Debian that it booted
set -eu
output=$(mktemp)

# check - fail with these words unless the command succeeds
check() {
	words=$1
	shift
	"$@" >"$output" 2>&1 && return
	echo "$words: $*"
	cat "$output"
	journalctl -u fourpost -n 20 --no-pager
	exit 1
}

# within - fail with these words unless a command succeeds within two minutes
within() {
	words=$1
	shift
	for second in $(seq 120); do
		"$@" >"$output" 2>&1 && return
		sleep 1
		[ "$second" -lt 120 ] || check "$words" "$@"
	done
}

has() {
	"$@" | grep -q .
}

main_pid() {
	systemctl show -p MainPID --value fourpost
}

# Whether master is another process than before.
replaced() {
	[ "$(main_pid)" != "$before" ] && systemctl -q is-active fourpost
}

me="C=DE;A=VIAT;P=ACME;O=PO1;S=Postmaster"
check "not installed" dpkg -i /srv/fourpost.deb
check "no user" getent passwd fourpost fourpost-net
check "started without a configuration" \
    sh -c '! systemctl -q is-active fourpost'
cat >/etc/fourpost/fourpost.conf <<CONF
mta {
	name = "MTA-BERLIN"
	domain = "C=DE;A=VIAT;P=ACME"
	password = "secret"
	postoffice-group = "fourpost-mail"
	postmaster = "$me"
}
msmail "po1" {
	postoffice = "/srv/maildata"
	network = "ACME"
	name = "PO1"
	address-space = {"C=DE;A=VIAT;P=ACME;O=PO1"}
	directory = "/srv/po1.map"
}
CONF
chmod 600 /etc/fourpost/fourpost.conf
{
	echo "$me = ACME/PO1/ADMIN"
	echo "C=DE;A=VIAT;P=ACME;O=PO1;S=Doe;G=Jo = ACME/PO1/JDOE"
} >/srv/po1.map
for d in . P1 OUT BAD ATT; do
	install -d -o root -g fourpost-mail -m 2770 /srv/maildata/$d
done
check "configuration" x4conf check
check "not enabled" systemctl enable --now fourpost
check "Postfix is disturbed" systemctl -q is-active postfix
check "not sent" sh -c "echo Hello | x4send -f '$me' -t '$me' -s Test"
within "not delivered" has find /srv/maildata/OUT -name '*.P1'

# X.400 beside Postfix, whose lmtp runs chrooted, word for word.
section="X.400 beside Postfix"
sh /srv/install_section.sh "$section" config </srv/INSTALL \
    >>/etc/fourpost/fourpost.conf
sh /srv/install_section.sh "$section" commands </srv/INSTALL >/srv/commands
check "INSTALL cannot be followed" sh -ex /srv/commands
within "mail is not delivered to X.400" \
    grep -rq '^TO:ACME/PO1/JDOE' /srv/maildata/OUT
check "an unknown recipient is not refused" bash -c \
    'exec 3<>/dev/tcp/127.0.0.1/25
     printf "%s\r\n" "EHLO t" "MAIL FROM:<kim@example.org>" \
         "RCPT TO:<none@x400.example.net>" QUIT >&3
     grep -q "^550 5.1.1" <&3'
check "not sent" sh -c "echo Hello | x4send -f '$me' -s Test \
    -t 'C=DE;A=VIAT;P=ACME;O=GW;DDA:RFC-822=kim(a)example.org'"
within "mail of X.400 is not at Postfix" \
    sh -c 'postqueue -p | grep -q kim@example.org'
rm /srv/maildata/OUT/*

# The journal: who, how grave, and what to do.
within "no entry of the program" has journalctl -q -t fourpost-qmgr \
    FOURPOST_EVENT=271 --no-pager
check "no catalog" sh -c \
    'journalctl -x FOURPOST_EVENT=271 --no-pager | grep -q "Defined-By: Fourpost"'

# A master that stands still is replaced by the service manager.
before=$(main_pid)
kill -STOP "$before"
within "the watchdog did not act" replaced
check "no reload" systemctl reload fourpost

# An upgrade restarts the service and keeps what is queued.
check "not disabled" x4ctl disable msmail/po1
check "not sent" sh -c "echo Kept | x4send -f '$me' -t '$me' -s Kept"
queued=$(x4queue -j list)
check "not upgraded" dpkg -i /srv/newer.deb
check "not of the next version" sh -c \
    "dpkg-query -W -f '\${Version}' fourpost | grep -q +next"
within "not running after the upgrade" \
    sh -c "x4ctl status workers; [ \$? -le 2 ]"
check "the queue is another after the upgrade" \
    [ "$(x4queue -j list | sed 's/"next_try":[0-9]*//')" = \
    "$(echo "$queued" | sed 's/"next_try":[0-9]*//')" ]
check "not enabled" x4ctl enable msmail/po1
within "what was queued is not delivered" has \
    find /srv/maildata/OUT -name '*.P1'

check "not purged" apt-get purge -y -q fourpost
for left in /etc/fourpost /var/lib/fourpost /run/fourpost \
    /usr/libexec/fourpost /usr/share/doc/fourpost /etc/logrotate.d/fourpost; do
	check "purge left" [ ! -e $left ]
done
check "purge left a user" \
    sh -c '! getent passwd fourpost fourpost-net && ! getent group fourpost-mail'
check "Postfix is disturbed" systemctl -q is-active postfix
echo "figure: installed, used, replaced by the watchdog and purged"
