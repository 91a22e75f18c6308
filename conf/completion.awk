# completion.awk - make a shell's completion of what the tools' --help prints
#
#	for t in x4ctl x4queue; do $t --help; done |
#	    awk -f conf/completion.awk -v shell=bash >fourpost
#
# shell is bash or zsh.  The help is made from the option tables, so an option
# that is added there is completed without further ado.

# quoted - quote a text for the shell
function quoted(text) {
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

# add_commands - note the commands of a line of usage
function add_commands(from,    i, j, count, names) {
	for (i = from; i <= NF; i++) {
		if ($i ~ /^\[?-/ || $i ~ /^[A-Z]+\]$/)
			continue
		# "[list]" may be left out, and is a command all the same
		gsub(/\[|\]/, "", $i)
		if ($i !~ /^[a-z][a-z|-]*$/)
			return
		count = split($i, names, "|")
		for (j = 1; j <= count; j++)
			if (!((tool, names[j]) in known)) {
				known[tool, names[j]] = 1
				commands[tool] = commands[tool] names[j] " "
			}
		return
	}
}

# add_option - note an option, "-l, --link LINK  help" or "--all  help"
function add_option(    line, letter, name, argument) {
	line = $0
	sub(/^ +/, "", line)
	letter = ""
	if (line ~ /^-[^-],/) {
		letter = substr(line, 1, 2)
		line = substr(line, 5)
	}
	name = line
	sub(/ .*/, "", name)
	line = substr(line, length(name) + 2)
	argument = ""
	if (line ~ /^[A-Z]/) {
		argument = line
		sub(/ .*/, "", argument)
		line = substr(line, length(argument) + 1)
	}
	sub(/^ +/, "", line)
	count = ++options[tool]
	letters[tool, count] = letter
	names[tool, count] = name
	arguments[tool, count] = argument
	helps[tool, count] = line
}

# print_bash - print the function that completes a tool's words
function print_bash(tool,    i, words, files, values) {
	for (i = 1; i <= options[tool]; i++) {
		words = words names[tool, i] " "
		if (arguments[tool, i] == "")
			continue
		pattern = names[tool, i] \
		    (letters[tool, i] == "" ? "" : "|" letters[tool, i])
		if (arguments[tool, i] == "FILE")
			files = files (files == "" ? "" : "|") pattern
		else
			values = values (values == "" ? "" : "|") pattern
	}
	print "_fourpost_" tool "() {"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
	print "\tcase ${COMP_WORDS[COMP_CWORD - 1]} in"
	print "\t" files ") mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;"
	if (values != "")
		print "\t" values ") COMPREPLY=(); return ;;"
	print "\tesac"
	print "\tcase $word in"
	print "\t-*) mapfile -t COMPREPLY < <(compgen -W " quoted(words) " -- \"$word\") ;;"
	if (commands[tool] != "")
		print "\t*) mapfile -t COMPREPLY < <(compgen -W " quoted(commands[tool]) " -- \"$word\") ;;"
	else
		print "\t*) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;"
	print "\tesac"
	print "}"
	print "complete -o filenames -F _fourpost_" tool " " tool
}

# zsh_option - write one option as _arguments wants it
function zsh_option(tool, i, form,    help) {
	help = helps[tool, i]
	gsub(/\[|\]|:/, "\\\\&", help)
	if (arguments[tool, i] != "")
		help = help "]:" tolower(arguments[tool, i]) ":" \
		    (arguments[tool, i] == "FILE" ? "_files" : " ")
	else
		help = help "]"
	return " " quoted("*" form "[" help)
}

# print_zsh - print the branch that completes a tool's words
function print_zsh(tool,    i) {
	print tool ")"
	printf "\t_arguments -S"
	for (i = 1; i <= options[tool]; i++) {
		if (letters[tool, i] != "")
			printf "%s", zsh_option(tool, i, letters[tool, i])
		printf "%s", zsh_option(tool, i, names[tool, i])
	}
	if (commands[tool] != "")
		printf " %s", quoted("1:command:(" commands[tool] ")")
	print " " quoted("*:operand:_files")
	print "\t;;"
}

/^x4[a-z]+ - / { tool = $1; tools[++tool_count] = tool; next }
/^usage:/ { add_commands(3); next }
/^       x4/ { add_commands(2); next }
/^ +-/ { add_option(); next }

END {
	if (shell == "zsh") {
		printf "#compdef"
		for (t = 1; t <= tool_count; t++)
			printf " %s", tools[t]
		print "\ncase $service in"
	}
	for (t = 1; t <= tool_count; t++)
		if (shell == "zsh")
			print_zsh(tools[t])
		else
			print_bash(tools[t])
	if (shell == "zsh")
		print "esac"
}
