#!/bin/sh
# install_section.sh - what a section of INSTALL tells its reader to do
#
#	tests/system/install_section.sh TITLE config|commands <INSTALL
#
# config: the pieces of configuration, which begin with a word and "{" at the
# margin of examples.  commands: what root types, with here-documents and
# continued lines.
set -eu
awk -v title="$1" -v what="$2" '
/^[0-9]+\. / { on = $0 ~ title "$" }
!on { next }
here || more || /^    # / {
	line = $0
	sub(/^    (# )?/, "", line)
	if (what == "commands")
		print line
	if (here)
		here = line != "END"
	else {
		more = line ~ /\\$/
		here = line ~ /<<END$/
	}
	next
}
/^    [a-z]+ "[^"]*" \{$/ { piece = 1 }
piece && what == "config" { sub(/^    /, ""); print }
/^    \}$/ || /^\}$/ { piece = 0 }'
