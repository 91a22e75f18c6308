# catalog.awk - make the journal's message catalog of the page of events
#
#	awk -f conf/catalog.awk common/base/event.h common/base/journal.c \
#	    man/fourpost-events.8 >fourpost.catalog
#
# An entry of the catalog (journalctl -x) has the identifier that journal.c
# sends with the event, the text of the event, and what fourpost-events(8) says.

# spaced - join the arguments of a macro; punctuation closes up, No is nothing
function spaced(from,    i, text) {
	for (i = from; i <= NF; i++) {
		if ($i ~ /^(No|Nm|Ns|Em|Cm|Ic|Li|Pa|Fl|Dq|Pq)$/)
			continue
		text = text ($i ~ /^[.,;:)]+$/ || text == "" ? "" : " ") $i
	}
	gsub(/\\\(dq/, "\"", text)
	return text
}

# say - add words to the paragraph
function say(words) {
	paragraph = paragraph (paragraph == "" ? "" : " ") words
}

# break_off - print the paragraph, an empty line before it
function break_off() {
	if (number != "" && paragraph != "")
		print "\n" paragraph
	paragraph = ""
}

# quoted - get the argument of a macro that has others behind its closing mark
function quoted(open, close_with,    text, mark) {
	text = spaced(2)
	if (match(text, /[.,;:]+$/)) {
		mark = substr(text, RSTART)
		text = substr(text, 1, RSTART - 1)
	}
	return open text close_with mark
}

FILENAME ~ /event\.h$/ && /^\tX\(/ {
	line = $0
	if (line !~ /"/) {
		getline rest
		line = line rest
	}
	split(line, columns, /, */)
	match(line, /".*"/)
	texts[columns[2]] = substr(line, RSTART + 1, RLENGTH - 2)
}
FILENAME ~ /journal\.c$/ && /^#define MESSAGE_ID_PREFIX/ {
	prefix = $3
	gsub(/"/, "", prefix)
}
FILENAME !~ /\.8$/ { next }

/^\.Sh/ { break_off(); number = "" }
/^\.It Sy / {
	break_off()
	number = $3
	printf "%s-- %s%08x\n", started++ ? "\n" : "", prefix, number
	print "Subject: " texts[number]
	print "Defined-By: Fourpost"
	print "Documentation: man:fourpost-events(8)"
	next
}
number == "" { next }
/^\.(Pp|Bl|El|Ss|Bd|Ed)/ { break_off(); next }
/^\.It/ { break_off(); say("- " spaced(2)); next }
/^\.Xr/ {
	say($2 "(" $3 ")" ($4 ~ /^[.,;:]$/ ? $4 : ""))
	next
}
/^\.Dq/ { say(quoted("\"", "\"")); next }
/^\.Pq/ { say(quoted("(", ")")); next }
/^\.Fl/ { say("-" spaced(2)); next }
/^\./ { say(spaced(2)); next }
{ gsub(/\\\(dq/, "\""); say($0) }
END { break_off() }
