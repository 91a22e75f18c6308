/* SPDX-License-Identifier: ISC */
/*
 * options.h - the command line that all tools have in common
 *
 * Every tool takes -c FILE, -j, -h and --version beside its own options, and
 * exits 0 done, 1 not found or refused, 64 usage, 69 not running, 78
 * configuration.
 * Options and operands may stand in any order; "--" ends the options.
 *
 *	static const struct options_option own[] = {
 *	    {'l', "link", "LINK", "only messages for this link"}, ...};
 *	static const struct options_tool tool = {
 *	    .name = "x4queue", .synopsis = "[list] ...\nshow ID ...",
 *	    .purpose = "show and change the queue",
 *	    .options = own, .option_count = 1};
 *
 *	options_parse(&options, &tool, argc, argv);
 *	while ((given = options_next(&options, &value)) != NULL) ...
 *	conf = options_conf(&options);
 *	operands: options.operands[0 .. options.operand_count - 1]
 */
#ifndef FOURPOST_TOOLS_OPTIONS_H
#define FOURPOST_TOOLS_OPTIONS_H

#include "base/error.h"
#include "conf/conf.h"
#include "ipc/exit_status.h"
#include "tools/output.h"

#define OPTIONS_MAX 256 /* options on one command line */

/* An option of one tool. */
struct options_option {
	char letter;	      /* '\0': none */
	const char *name;     /* of --name */
	const char *argument; /* what help calls it; NULL: it takes none */
	const char *help;     /* one line */
};

struct options_tool {
	const char *name;
	const char *synopsis; /* behind the name; a line for each form */
	const char *purpose;  /* one line */
	const struct options_option *options;
	size_t option_count;
	const char *more; /* further lines of help, or NULL */
};

struct options {
	const struct options_tool *tool;
	const char *config; /* -c, or CONF_DEFAULT_FILE */
	enum output_format format;
	char **operands; /* of argv */
	size_t operand_count;
	/* private: the tool's own options in the order given */
	struct {
		const struct options_option *option;
		const char *value;
	} given[OPTIONS_MAX];
	size_t given_count;
	size_t next;
};

/*
 * options_parse - parse the command line; exit 0 after -h or --version, 64 if
 * it is wrong
 */
void options_parse(struct options *options, const struct options_tool *tool,
    int argc, char **argv);

/* options_next - get the tool's own options one after the other, then NULL;
 * *value is the argument, NULL if it takes none */
const struct options_option *
options_next(struct options *options, const char **value);

/* options_conf - read the configuration, or say what is wrong and exit 78 */
struct conf *options_conf(const struct options *options);

/* options_reach - find the running suite (conf_reach.h): a configuration of its
 * directories and of defaults; or say what is wrong and exit 78 */
struct conf *options_reach(const struct options *options);

/* options_usage - say what is wrong with the command line and exit 64 */
_Noreturn void options_usage(
    const struct options *options, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* options_warn - say something on standard error and go on; the text is
 * escaped */
void options_warn(const struct options_tool *tool, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* options_fail - say why on standard error and exit with this status; the
 * text is escaped */
_Noreturn void options_fail(const struct options *options,
    enum exit_status status, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
