/* SPDX-License-Identifier: ISC */
/*
 * x4check.c - check a queue offline: every record, index, count and slice
 *
 *	x4check [-c FILE | -d DIRECTORY] [-j]
 *
 * The suite must be stopped: the queue's lock is taken.  Nothing is changed,
 * so that a copy of a queue, on a medium that cannot be written even, is
 * checked alike.  A row for each finding, then the verdict: clean, needs
 * repair, or unusable.
 *
 * The check runs in a child, because a page of the database that is damaged
 * badly enough ends the process that looks at it; that, too, is a finding.
 *
 * Exit: 0 clean; 1 anything else, a queue in use or none at all among it; 64,
 * 78 as all tools.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/check.h"
#include "tools/options.h"

/* How the child ends; any other way is a finding. */
enum child_exit {
	CHILD_CLEAN = 0,
	CHILD_FINDINGS = 1,
	CHILD_REFUSED = 3
};

static const struct output_column columns[] = {
    {"object", "OBJECT", OUTPUT_PLAIN},
    {"problem", "PROBLEM", OUTPUT_PLAIN},
};

static const struct output_column verdict_columns[] = {
    {"verdict", "verdict", OUTPUT_STATE},
    {"findings", "findings", OUTPUT_PLAIN},
    {"messages", "messages", OUTPUT_PLAIN},
    {"contents", "contents", OUTPUT_PLAIN},
    {"sessions", "sessions", OUTPUT_PLAIN},
    {"links", "links", OUTPUT_PLAIN},
};

/* begin - findings come as a table */
static void
begin(struct output *out, const struct options *options)
{
	output_init(out, options->format, stdout);
	output_table(out, columns, sizeof(columns) / sizeof(columns[0]));
}

/* show_finding - one row */
static void
show_finding(void *arg, const char *object, const char *problem)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("object", object),
	    OUTPUT_FIELD_TEXT("problem", problem),
	};
	struct ipc_row row = {.fields = fields,
	    .field_count = sizeof(fields) / sizeof(fields[0])};

	output_row(arg, &row);
}

/* show_verdict - what it comes to; 0, or ERR_IO if it could not be written */
static int
show_verdict(struct output *out, const struct options *options,
    const struct store_check_result *result)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("verdict", store_verdict_name(result->verdict)),
	    OUTPUT_FIELD_NUMBER("findings", result->findings),
	    OUTPUT_FIELD_NUMBER("messages", result->messages),
	    OUTPUT_FIELD_NUMBER("contents", result->contents),
	    OUTPUT_FIELD_NUMBER("sessions", result->sessions),
	    OUTPUT_FIELD_NUMBER("links", result->links),
	};
	struct ipc_row row = {.fields = fields,
	    .field_count = sizeof(fields) / sizeof(fields[0])};
	int rc = output_finish(out);

	output_init(out, options->format, stdout);
	output_details(out, verdict_columns,
	    sizeof(verdict_columns) / sizeof(verdict_columns[0]), &row);
	if (output_finish(out) != 0)
		rc = ERR_IO;
	return rc;
}

/* check - in the child: the whole work */
static enum child_exit
check(const struct options *options, const char *directory)
{
	struct store_check_result result;
	struct diag diag = {.code = 0};
	struct output out;

	begin(&out, options);
	if (store_check(directory, show_finding, &out, &result, &diag) != 0) {
		(void)!output_finish(&out);
		(void)fprintf(stderr, "x4check: %s\n", diag_text(&diag));
		return CHILD_REFUSED;
	}
	if (show_verdict(&out, options, &result) != 0)
		return CHILD_REFUSED;
	return result.verdict == STORE_CLEAN ? CHILD_CLEAN : CHILD_FINDINGS;
}

/* damaged - the child did not come back: a page of the database did it */
static void
damaged(const struct options *options, int status)
{
	struct store_check_result result = {
	    .verdict = STORE_UNUSABLE, .findings = 1};
	char problem[128];
	struct output out;

	if (WIFSIGNALED(status))
		(void)snprintf(problem, sizeof(problem),
		    "pages are damaged: reading them ended with signal %s",
		    sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(problem, sizeof(problem),
		    "pages are damaged: they do not fit together");
	begin(&out, options);
	show_finding(&out, "database", problem);
	(void)!show_verdict(&out, options, &result);
}

/* run - check in a child: our exit status */
static enum options_exit
run(const struct options *options, const char *directory)
{
	const struct rlimit no_core = {0, 0};
	int status;
	pid_t pid, rc;

	(void)fflush(stdout);
	pid = fork();
	if (pid < 0)
		options_fail(
		    options, OPTIONS_REFUSED, "fork: %s", strerror(errno));
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		exit((int)check(options, directory));
	}
	while ((rc = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (rc < 0)
		options_fail(
		    options, OPTIONS_REFUSED, "wait: %s", strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_CLEAN)
		return OPTIONS_DONE;
	if (WIFSIGNALED(status) ||
	    (WEXITSTATUS(status) != CHILD_FINDINGS &&
		WEXITSTATUS(status) != CHILD_REFUSED))
		damaged(options, status);
	return OPTIONS_REFUSED;
}

int
main(int argc, char **argv)
{
	static const struct options_option own[] = {
	    {'d', "directory", "DIRECTORY",
		"of the queue, instead of the configuration's"},
	};
	static const struct options_tool tool = {.name = "x4check",
	    .synopsis = "[-c FILE | -d DIRECTORY] [-j]",
	    .purpose = "check a queue offline: every record, index, count "
		       "and slice",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	struct options options;
	struct conf *conf;
	const char *value, *directory = NULL;
	char path[4096];
	int len;

	options_parse(&options, &tool, argc, argv);
	while (options_next(&options, &value) != NULL)
		directory = value;
	if (options.operand_count != 0)
		options_usage(&options, "what is \"%s\"?", options.operands[0]);
	if (directory == NULL) {
		conf = options_conf(&options);
		len = snprintf(
		    path, sizeof(path), "%s/queue", conf->mta.state_directory);
		conf_free(conf);
		if (len < 0 || (size_t)len >= sizeof(path))
			options_fail(&options, OPTIONS_CONFIG,
			    "state-directory: too long");
		directory = path;
	}
	return (int)run(&options, directory);
}
