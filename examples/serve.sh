#!/bin/sh
# SPDX-License-Identifier: ISC
# serve.sh - a shell loop that serves the directory of an application
#
#   serve.sh DIRECTORY COMMAND [ARGUMENT...]
#
# For each object COMMAND is run with two more arguments: the file of the object
# (JSON, see fourpost-json(5)) and the file of its content (BER; empty for a
# probe).  Its exit status is the answer for all recipients:
#
#   0   delivered
#   75  perhaps later: the object comes again
#   any other: failed, with the first line that it wrote to standard error
#
# Objects that were claimed when the loop ended are served first, so COMMAND
# may see an object twice.  SIGTERM ends the loop when COMMAND has ended.
set -u
umask 007
[ $# -ge 2 ] || {
	echo "usage: serve.sh DIRECTORY COMMAND [ARGUMENT...]" >&2
	exit 64
}
cd "$1" || exit 66
shift
ending=
trap 'ending=1' TERM INT

# first_line FILE: its first line as the text of a JSON string
first_line() {
	head -n 1 "$1" | cut -c 1-200 | tr -d '\000-\037' |
	    sed 's/\\/\\\\/g; s/"/\\"/g'
}

# serve FILE COMMAND...: run COMMAND on a claimed object, and answer
serve() {
	object=$1
	id=$(basename "$object" .json)
	shift
	content=out/new/$id.content
	[ -e "$content" ] || content=
	if "$@" "$object" "$content" 2>"out/done/.$id.text"; then
		answer='"result":"delivered"'
	elif [ $? = 75 ]; then
		answer='"result":"transient"'
	else
		answer='"result":"failed","reason":1,"text":"'
		answer="$answer$(first_line "out/done/.$id.text")\""
	fi
	rm -f "out/done/.$id.text"
	echo "{\"all\":{$answer}}" >"out/done/.$id"
	mv "out/done/.$id" "out/done/$id.json"
}

for claimed in out/cur/*.json; do
	# One that is answered waits for its commit.
	[ ! -e "$claimed" ] || [ -e "out/done/$(basename "$claimed")" ] ||
	    serve "$claimed" "$@"
done
while [ -z "$ending" ]; do
	for new in out/new/*.json; do
		claimed=out/cur/$(basename "$new")
		mv "$new" "$claimed" 2>/dev/null || continue
		serve "$claimed" "$@"
		[ -z "$ending" ] || exit 0
	done
	sleep 1
done
