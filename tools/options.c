/* SPDX-License-Identifier: ISC */
/*
 * options.c - the command line that all tools have in common
 */
#include "tools/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/version.h"
#include "conf/conf_reach.h"

#define TOOL_OPTIONS_MAX 96
#define TEXT_MAX	 1024

/* Values of getopt_long for options without a letter. */
enum {
	OPTION_VERSION = 256,
	OPTION_OWN
};

static const struct options_option common[] = {
    {'c', "config", "FILE", "configuration, default " CONF_DEFAULT_FILE},
    {'j', "json", NULL, "print JSON, one object a line"},
    {'h', "help", NULL, "print this"},
    {'\0', "version", NULL, "print the release"},
};

#define COMMON_COUNT (sizeof(common) / sizeof(common[0]))

/* options_complain - print program, reason and no more than one line on
 * standard error */
static void
options_complain(const struct options *options, const char *fmt, va_list ap)
{
	char text[TEXT_MAX], escaped[TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	/* Escaped: arguments and answers may hold anything. */
	escape_printable(escaped, sizeof(escaped), slice_of_string(text));
	/* Output so far comes before the error that ends it. */
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s: %s\n", options->tool->name, escaped);
}

/* options_usage - say what is wrong with the command line and exit 64 */
void
options_usage(const struct options *options, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	options_complain(options, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "Try \"%s --help\".\n", options->tool->name);
	exit(EXIT_STATUS_USAGE);
}

/* options_warn - say something on standard error and go on */
void
options_warn(const struct options_tool *tool, const char *fmt, ...)
{
	const struct options options = {.tool = tool};
	va_list ap;

	va_start(ap, fmt);
	options_complain(&options, fmt, ap);
	va_end(ap);
}

/* options_fail - say why on standard error and exit with this status */
void
options_fail(const struct options *options, enum exit_status status,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	options_complain(options, fmt, ap);
	va_end(ap);
	exit((int)status);
}

/* print_forms - print the synopsis, program before each of its lines */
static void
print_forms(const struct options_tool *tool)
{
	const char *line = tool->synopsis;
	const char *label = "usage:";

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		(void)printf("%s %s %.*s\n", label, tool->name, (int)len, line);
		label = "      ";
		line += len + (line[len] == '\n');
	}
}

/* is_taken - tell whether a tool has an option of its own by the long name of
 * a common one, which then has its letter alone */
static bool
is_taken(const struct options_tool *tool, const struct options_option *option)
{
	for (size_t i = 0; i < tool->option_count; i++)
		if (strcmp(tool->options[i].name, option->name) == 0)
			return &tool->options[i] != option;
	return false;
}

/* print_options - print a line for each option */
static void
print_options(const struct options_tool *tool,
    const struct options_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct options_option *o = &options[i];
		char left[64];

		if (is_taken(tool, o)) {
			(void)printf("  -%-27c %s\n", o->letter, o->help);
			continue;
		}
		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->letter != '\0' ? '-' : ' ',
		    o->letter != '\0' ? o->letter : ' ',
		    o->letter != '\0' ? ", " : "  ", o->name,
		    o->argument != NULL ? " " : "",
		    o->argument != NULL ? o->argument : "");
		(void)printf("  %-28s %s\n", left, o->help);
	}
}

/* help - show how the tool is used, and exit */
static _Noreturn void
help(const struct options_tool *tool)
{
	(void)printf("%s - %s\n", tool->name, tool->purpose);
	print_forms(tool);
	print_options(tool, tool->options, tool->option_count);
	print_options(tool, common, COMMON_COUNT);
	if (tool->more != NULL)
		(void)printf("%s\n", tool->more);
	(void)printf("exit: 0 done, 1 not found or refused, 64 usage, "
		     "69 not running, 78 configuration\n");
	exit(fflush(stdout) == 0 ? EXIT_STATUS_DONE : EXIT_STATUS_REFUSED);
}

/* add_getopt - add one option in the terms of getopt_long */
static void
add_getopt(const struct options_option *o, int value, struct option *longs,
    char **letters)
{
	*longs = (struct option){.name = o->name,
	    .has_arg = o->argument != NULL ? required_argument : no_argument,
	    .val = value};
	if (o->letter != '\0') {
		*(*letters)++ = o->letter;
		if (o->argument != NULL)
			*(*letters)++ = ':';
	}
	**letters = '\0';
}

/* own_option - find the tool's option that getopt_long means, or NULL */
static const struct options_option *
own_option(const struct options_tool *tool, int value)
{
	for (size_t i = 0; i < tool->option_count; i++) {
		if (value == OPTION_OWN + (int)i ||
		    (tool->options[i].letter != '\0' &&
			value == tool->options[i].letter))
			return &tool->options[i];
	}
	return NULL;
}

/* take_option - take one option as getopt_long met it */
static void
take_option(struct options *options, int value)
{
	const struct options_option *own;

	switch (value) {
	case 'h':
		help(options->tool);
	case OPTION_VERSION:
		version_print(options->tool->name);
		exit(fflush(stdout) == 0 ? EXIT_STATUS_DONE
					 : EXIT_STATUS_REFUSED);
	case 'c':
		options->config = optarg;
		return;
	case 'j':
		options->format = OUTPUT_JSON;
		return;
	default:
		break;
	}
	own = own_option(options->tool, value);
	if (own == NULL || options->given_count == OPTIONS_MAX) {
		/* getopt_long has said what is wrong */
		(void)fprintf(
		    stderr, "Try \"%s --help\".\n", options->tool->name);
		exit(EXIT_STATUS_USAGE);
	}
	options->given[options->given_count].option = own;
	options->given[options->given_count].value =
	    own->argument != NULL ? optarg : NULL;
	options->given_count++;
}

/* options_parse - read the command line, exit if it asks for help or is
 * wrong */
void
options_parse(struct options *options, const struct options_tool *tool,
    int argc, char **argv)
{
	struct option longs[TOOL_OPTIONS_MAX + COMMON_COUNT + 1] = {0};
	char letters[2 * (TOOL_OPTIONS_MAX + COMMON_COUNT) + 1] = "";
	char *end = letters;
	size_t n = 0;
	int value;

	memset(options, 0, sizeof(*options));
	options->tool = tool;
	options->config = CONF_DEFAULT_FILE;
	options->format = OUTPUT_TEXT;
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		add_getopt(&common[i],
		    common[i].letter != '\0' ? common[i].letter
					     : OPTION_VERSION,
		    &longs[n], &end);
		n += is_taken(tool, &common[i]) ? 0 : 1;
	}
	for (size_t i = 0; i < tool->option_count && i < TOOL_OPTIONS_MAX; i++)
		add_getopt(
		    &tool->options[i], OPTION_OWN + (int)i, &longs[n++], &end);
	/* A program may parse more than one command line, as tests do. */
	optind = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		take_option(options, value);
	options->operands = argv + optind;
	options->operand_count = (size_t)(argc - optind);
}

/* options_next - get the tool's own options one after the other */
const struct options_option *
options_next(struct options *options, const char **value)
{
	if (options->next == options->given_count)
		return NULL;
	*value = options->given[options->next].value;
	return options->given[options->next++].option;
}

/* options_conf - read the configuration */
struct conf *
options_conf(const struct options *options)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	if (conf_parse_file(options->config, &conf, &diag) < 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	return conf;
}

/* options_reach - find the running suite */
struct conf *
options_reach(const struct options *options)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	if (conf_reach_file(
		options->config, getenv(CONF_REACH_RUN), &conf, &diag) < 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	return conf;
}
