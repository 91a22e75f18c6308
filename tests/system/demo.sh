#!/bin/sh
# demo.sh - the main job, end to end, for somebody to watch
#
#   tests/system/demo.sh BUILD-DIRECTORY
#
# Two suites on loopback, in a temporary directory: a file dropped into one
# Microsoft Mail postoffice becomes an X.400 message, crosses a P1
# association, and arrives as a file in the other; one for a mailbox that is
# not there comes back as a non-delivery report.  Then two programs exchange a
# message over both suites, with the Python client of examples/.
set -eu

build=$(cd "$1" && pwd)
PATH=$build/bin:$PATH
dir=$(mktemp -d "${TMPDIR:-/tmp}/fourpost-demo-XXXXXX")
chmod 755 "$dir"
relay=
users=
[ "$(id -u)" != 0 ] || users='user = "daemon"  network-user = "nobody"'

finish() {
	status=$?
	trap - EXIT INT TERM
	for s in a b; do
		x4ctl -c "$dir/$s/fourpost.conf" stop >/dev/null 2>&1 || true
	done
	[ -z "$relay" ] || kill "$relay" 2>/dev/null || true
	if [ "$status" -ne 0 ]; then
		echo "the demo failed; the ends of the logs:"
		tail -n 20 "$dir"/*/state/log 2>/dev/null || true
	fi
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

bold='' plain=''
[ ! -t 1 ] || bold=$(printf '\033[1m') plain=$(printf '\033[0m')
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
show() { printf '$ %s\n' "$*"; "$@" || true; }

# A port that was free a moment ago: a peer is given one, tells it, and goes.
free_port() {
	"$build/peers/x4sink" >"$dir/port" &
	sink=$!
	until [ -s "$dir/port" ]; do sleep 0.05; done
	kill "$sink"
	wait "$sink" 2>/dev/null || true
	head -n 1 "$dir/port"
	: >"$dir/port"
}

# wait_for DIRECTORY: until it holds a file, which is then $found
wait_for() {
	tries=0
	while :; do
		found=$(find "$1" -maxdepth 1 -type f ! -name '.*' | head -n 1)
		[ -z "$found" ] || return 0
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || { echo "nothing came to $1"; exit 1; }
		sleep 0.1
	done
}

# suite NAME DOMAIN PORT PO MAILBOX PEER PEER-PORT PEER-SPACE APPLICATION
suite() {
	mkdir -p "$dir/$1/po/P1" "$dir/$1/po/OUT" "$dir/$1/po/BAD" "$dir/$1/desk"
	[ "$(id -u)" != 0 ] || chown -R nobody "$dir/$1/po" "$dir/$1/desk"
	echo "$2;O=$4;S=$5 = ACME/$4/$5" >"$dir/$1/po.map"
	cat >"$dir/$1/fourpost.conf" <<-EOF
		mta {
		  name = "MTA-$1"  domain = "$2"  password = "secret-$1"
		  listen = {"127.0.0.1:$3"}
		  state-directory = "$dir/$1/state"
		  run-directory = "$dir/$1/run"
		  $users
		}
		link "$6" {
		  remote-mta = "MTA-$6"  remote-password = "secret-$6"
		  address = {"127.0.0.1:$7"}  address-space = {"$8"}
		}
		msmail "po" {
		  postoffice = "$dir/$1/po"  network = "ACME"  name = "$4"
		  address-space = {"$2;O=$4"}  directory = "$dir/$1/po.map"
		}
		application "desk" {
		  $9  address-space = {"$2;O=DESK"}
		}
	EOF
	chmod 600 "$dir/$1/fourpost.conf"
}

# letter FILE TO SUBJECT TEXT: into A's postoffice, whole at once
letter() {
	printf 'VERSION:3.00\r\nTO:X400:%s\r\nFROM:CSI:ACME/PO1/ALICE\r\nSUBJECT:%s\r\nTEXT:%d\r\n%s' \
	    "$2" "$3" "${#4}" "$4" >"$dir/a/po/P1/.$1.TMP"
	mv "$dir/a/po/P1/.$1.TMP" "$dir/a/po/P1/$1"
}

# program PLACE ARGUMENT...: the Python client at a directory or a socket
cp "$(dirname "$0")/../../examples/fourpost_client.py" "$dir/client.py"
chmod 644 "$dir/client.py"
program() {
	printf '$ fourpost_client.py %s\n' "$*" >&2
	# The directory is nobody's, the socket is for who started the suite.
	if [ "$(id -u)" = 0 ] && [ -d "$1" ]; then
		# root's own Python may be in a directory of root's.
		setpriv --reuid=nobody --regid=nogroup --clear-groups \
		    env PATH="/usr/bin:/bin:$PATH" python3 "$dir/client.py" "$@"
	else
		python3 "$dir/client.py" "$@"
	fi
}

# brief: the members of an object that say the most
brief() {
	python3 -m json.tool --no-ensure-ascii |
	    grep -E '"(kind|mts_id|originator|subject|submission|result|text)":'
}

a="-c $dir/a/fourpost.conf"
b="-c $dir/b/fourpost.conf"
port_a=$(free_port)
port_b=$(free_port)
"$build/peers/record" -w "$dir/wire.pcap" -t "127.0.0.1:$port_b" >"$dir/relay" &
relay=$!
until [ -s "$dir/relay" ]; do sleep 0.05; done
suite a "C=DE;A=VIAT;P=ALPHA" "$port_a" PO1 ALICE b "$(head -n 1 "$dir/relay")" "C=FR;A=ATLAS" "path = \"$dir/a/desk\""
suite b "C=FR;A=ATLAS;P=BETA" "$port_b" PO2 BOB a "$port_a" "C=DE;A=VIAT" "socket = \"desk\""

say "Two suites start: A (C=DE;A=VIAT;P=ALPHA) and B (C=FR;A=ATLAS;P=BETA)"
# shellcheck disable=SC2086 # an option and its file
{
show x4ctl $b start
show x4ctl $a start

say "Can A reach B?  Each step of an association"
show x4ping $a b

say "A file is dropped into A's postoffice"
letter 1.MSG "C=FR;A=ATLAS;P=BETA;O=PO2;S=Bob" "Greetings" "Dear Bob, this crossed X.400.  Alice"
wait_for "$dir/b/po/OUT"

say "It has arrived in B's postoffice as ${found##*/}"
tr -d '\r' <"$found"
echo

say "A file for a mailbox that is not there"
letter 2.MSG "C=FR;A=ATLAS;P=BETA;O=PO2;S=Nobody" "Hello?" "Is anybody there?"
wait_for "$dir/a/po/OUT"

say "A non-delivery report has come back into A's postoffice"
tr -d '\r' <"$found"
echo

say "A program submits a message at a directory of A, and asks for a report"
ann="C=DE;A=VIAT;P=ALPHA;O=DESK;S=Ann"
bea="C=FR;A=ATLAS;P=BETA;O=DESK;S=Bea"
echo "Dear Bea, a program wrote this." |
    program "$dir/a/desk" submit -f "$ann" -t "$bea" -s "From a program" --report --name order-7

say "Another one takes it from a socket of B, and answers: delivered"
program "$dir/b/run/desk" take --wait 60 | brief

say "The report has come back to the first"
program "$dir/a/desk" take --wait 60 | brief

say "The suite, its link, and its queue"
show x4ctl $a status
show x4queue $a summary

say "What crossed the wire, by an independent decoder"
tshark -r "$dir/wire.pcap" -d "tcp.port==$port_b,tpkt" -Y 'tpkt' \
    -T fields -e frame.time_relative -e _ws.col.Protocol -e _ws.col.Info 2>/dev/null |
    head -n 24

say "A's log"
head -n 20 "$dir/a/state/log"

say "Both stop; both queues are checked"
show x4ctl $a stop
show x4ctl $b stop
x4check $a
x4check $b
}
say "Done."
