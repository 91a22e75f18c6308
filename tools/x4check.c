/* SPDX-License-Identifier: ISC */
/*
 * x4check.c - check a queue offline, and mend it
 *
 *	x4check [-c FILE | -d DIRECTORY] [-j]
 *	    [--repair [--out DIR]] [--compact] [--create]
 *
 * The suite must be stopped: the queue's lock is taken.  Without an option
 * that says so nothing is changed, so that a copy of a queue, on a medium that
 * cannot be written even, is checked alike.  A row for each finding, then the
 * verdict.
 *
 * All runs in a child, because LMDB may end the process that looks at a
 * database of which it makes no sense; that, too, is a finding.
 *
 * Exit: 0 clean, or repaired; 1 needs repair, or repaired with loss;
 * 2 unusable; 66 there is none; 75 in use; 64, 78 as all tools.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "check/repair.h"
#include "store/store.h"
#include "tools/options.h"
#include "tools/owner.h"

/* How the child, and then the tool, ends. */
enum check_exit {
	CHECK_CLEAN = 0,
	CHECK_FINDINGS = 1,
	CHECK_UNUSABLE = 2,
	CHECK_NONE = EX_NOINPUT,
	CHECK_BUSY = EX_TEMPFAIL
};

/* The task and the queue, as asked for. */
struct task {
	const struct options *options;
	char directory[4096];
	char identity[4096]; /* empty: with -d there is none */
	char out[4096];
	int out_fd; /* it was made for the queue's owner; -1: it was not */
	bool repair, compact, create;
};

static const struct output_column columns[] = {
    {"object", "OBJECT", OUTPUT_PLAIN},
    {"problem", "PROBLEM", OUTPUT_PLAIN},
};

static const struct output_column verdict_columns[] = {
    {"verdict", "verdict", OUTPUT_STATE},
    {"findings", "findings", OUTPUT_PLAIN},
    {"follow_ups", "follow-ups", OUTPUT_PLAIN},
    {"messages", "messages", OUTPUT_PLAIN},
    {"contents", "contents", OUTPUT_PLAIN},
    {"sessions", "sessions", OUTPUT_PLAIN},
    {"links", "links", OUTPUT_PLAIN},
};

static const struct output_column repaired_columns[] = {
    {"verdict", "verdict", OUTPUT_STATE},
    {"messages", "messages", OUTPUT_PLAIN},
    {"held", "held", OUTPUT_PLAIN},
    {"moved_out", "moved out", OUTPUT_PLAIN},
    {"pages", "damaged pages", OUTPUT_PLAIN},
    {"out", "moved to", OUTPUT_PLAIN},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* begin_table - begin the table of findings */
static void
begin_table(struct output *out, const struct options *options)
{
	output_init(out, options->format, stdout);
	output_table(out, columns, sizeof(columns) / sizeof(columns[0]));
}

/* show_finding - show one row */
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

/* show_rows - show the rows of a verdict; 0, or ERR_IO if it could not be
 * written */
static int
show_rows(struct output *out, const struct task *task,
    const struct output_column *shown, size_t shown_count,
    const struct ipc_field *fields, size_t field_count)
{
	struct ipc_row row = {.fields = fields, .field_count = field_count};
	int rc = output_finish(out);

	output_init(out, task->options->format, stdout);
	output_details(out, shown, shown_count, &row);
	if (output_finish(out) != 0)
		rc = ERR_IO;
	return rc;
}

/* show_verdict - show what a check comes to */
static int
show_verdict(struct output *out, const struct task *task,
    const struct store_check_result *result)
{
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("verdict", store_verdict_name(result->verdict)),
	    OUTPUT_FIELD_NUMBER("findings", result->findings),
	    OUTPUT_FIELD_NUMBER("follow_ups", result->follow_ups),
	    OUTPUT_FIELD_NUMBER("messages", result->messages),
	    OUTPUT_FIELD_NUMBER("contents", result->contents),
	    OUTPUT_FIELD_NUMBER("sessions", result->sessions),
	    OUTPUT_FIELD_NUMBER("links", result->links),
	};

	return show_rows(out, task, verdict_columns, COUNT(verdict_columns),
	    fields, COUNT(fields));
}

/* show_repaired - show what a repair comes to */
static int
show_repaired(struct output *out, const struct task *task,
    const struct store_repair_result *result)
{
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT(
		"verdict", result->lost ? "repaired with loss" : "repaired"),
	    OUTPUT_FIELD_NUMBER("messages", result->messages),
	    OUTPUT_FIELD_NUMBER("held", result->held),
	    OUTPUT_FIELD_NUMBER("moved_out", result->moved_out),
	    OUTPUT_FIELD_NUMBER("pages", result->pages),
	    OUTPUT_FIELD_TEXT("out", result->lost ? task->out : ""),
	};

	return show_rows(out, task, repaired_columns, COUNT(repaired_columns),
	    fields, COUNT(fields));
}

/* x4check_refuse - say why nothing could be done: the exit for it */
static enum check_exit
x4check_refuse(struct output *out, int error, const struct diag *diag)
{
	/* Findings so far are shown, since they may explain the error. */
	(void)!output_finish(out);
	(void)fprintf(stderr, "x4check: %s\n", diag_text(diag));
	switch (error) {
	case ERR_BUSY:
		return CHECK_BUSY;
	case ERR_NOTFOUND:
		return CHECK_NONE;
	case ERR_CORRUPT:
	case ERR_UNSUPPORTED:
		return CHECK_UNUSABLE;
	default:
		return CHECK_FINDINGS;
	}
}

/* check - check, and print the verdict */
static enum check_exit
check(const struct task *task, struct output *out,
    struct store_check_result *result)
{
	struct diag diag = {.code = 0};
	int rc = store_check(task->directory, show_finding, out, result, &diag);

	if (rc != 0)
		return x4check_refuse(out, rc, &diag);
	switch (result->verdict) {
	case STORE_CLEAN:
		return CHECK_CLEAN;
	case STORE_NEEDS_REPAIR:
		return CHECK_FINDINGS;
	case STORE_UNUSABLE:
		break;
	}
	return CHECK_UNUSABLE;
}

/* repair_queue - make the queue whole, which was found not to be */
static enum check_exit
repair_queue(const struct task *task, struct output *out)
{
	struct store_repair_result result = {.lost = false};
	struct diag diag = {.code = 0};
	int rc =
	    store_repair(task->directory, task->out_fd >= 0 ? "." : task->out,
		show_finding, out, &result, &diag);

	if (rc != 0)
		return x4check_refuse(out, rc, &diag);
	if (show_repaired(out, task, &result) != 0)
		return CHECK_FINDINGS;
	return result.lost ? CHECK_FINDINGS : CHECK_CLEAN;
}

/* work_in_child - do the whole task in the child */
static enum check_exit
work_in_child(const struct task *task)
{
	struct store_check_result result = {.findings = 0};
	struct diag diag = {.code = 0};
	struct output out;
	enum check_exit found;
	int rc;

	begin_table(&out, task->options);
	/* Made before the check, which then proves what was made. */
	if (task->create) {
		rc = store_create(task->directory,
		    task->identity[0] == '\0' ? NULL : task->identity, &diag);
		if (rc != 0)
			return x4check_refuse(&out, rc, &diag);
	}
	found = check(task, &out, &result);
	/* Without a verdict there is nothing to repair. */
	if (found != CHECK_CLEAN && found != CHECK_FINDINGS &&
	    found != CHECK_UNUSABLE)
		return found;
	if (task->repair && found != CHECK_CLEAN)
		return repair_queue(task, &out);
	/* Only a clean queue is compacted: a copy of a damaged one would lose
	 * what could be repaired. */
	if (task->compact && found == CHECK_CLEAN) {
		rc = store_compact(task->directory, &diag);
		if (rc != 0)
			return x4check_refuse(&out, rc, &diag);
	}
	return show_verdict(&out, task, &result) != 0 ? CHECK_FINDINGS : found;
}

/* report_damage - report that a page of the database ended the child */
static void
report_damage(const struct task *task, int status)
{
	struct store_check_result result = {
	    .verdict = STORE_UNUSABLE, .findings = 1};
	char problem[128];
	struct output out;

	/* A damaged page ends the child by a signal: LMDB reads through a
	 * map. */
	if (WIFSIGNALED(status))
		(void)snprintf(problem, sizeof(problem),
		    "pages are damaged: reading them ended with signal %s",
		    sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(problem, sizeof(problem),
		    "pages are damaged: they do not fit together");
	begin_table(&out, task->options);
	show_finding(&out, "database", problem);
	(void)!show_verdict(&out, task, &result);
}

/*
 * confine - become the queue's owner, who may have put links where root would
 * follow them
 *
 * What root made for that user may lie where only root gets to: the child
 * works in it.
 */
static void
confine(const struct task *task)
{
	struct diag diag = {0};

	/* Root enters the directory first, which its owner could not reach. */
	if (task->out_fd >= 0 && fchdir(task->out_fd) != 0)
		options_fail(task->options, EXIT_STATUS_REFUSED, "%s: %s",
		    task->out, strerror(errno));
	if (owner_become(task->directory, &diag) != 0)
		options_fail(
		    task->options, EXIT_STATUS_REFUSED, "%s", diag_text(&diag));
}

/* run_in_child - do the task in a child; returns the exit status of the tool */
static int
run_in_child(const struct task *task)
{
	const struct rlimit no_core = {0, 0};
	int status;
	pid_t pid, rc;

	(void)fflush(stdout);
	pid = fork();
	if (pid < 0)
		options_fail(task->options, EXIT_STATUS_REFUSED, "fork: %s",
		    strerror(errno));
	if (pid == 0) {
		/* A core of the queue would hold mail of others. */
		(void)setrlimit(RLIMIT_CORE, &no_core);
		confine(task);
		exit((int)work_in_child(task));
	}
	while ((rc = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (rc < 0)
		options_fail(task->options, EXIT_STATUS_REFUSED, "wait: %s",
		    strerror(errno));
	/* The child's own exit status, but for that of an input error. */
	if (WIFEXITED(status) && WEXITSTATUS(status) != EX_IOERR)
		return WEXITSTATUS(status);
	report_damage(task, status);
	return CHECK_UNUSABLE;
}

/* find_place - find the queue's directory and identity file in the
 * configuration */
static void
find_place(struct task *task)
{
	struct conf *conf = options_conf(task->options);
	int len = snprintf(task->directory, sizeof(task->directory), "%s/queue",
	    conf->mta.state_directory);

	(void)snprintf(task->identity, sizeof(task->identity),
	    "%s/" STORE_IDENTITY, conf->mta.state_directory);
	conf_free(conf);
	if (len < 0 || (size_t)len >= sizeof(task->directory))
		options_fail(task->options, EXIT_STATUS_CONFIG,
		    "state-directory: too long");
}

/* name_out - name the file for what is moved out, if no option did: beside the
 * queue, by the time */
static void
name_out(struct task *task)
{
	time_t now = time(NULL);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	if ((size_t)snprintf(task->out, sizeof(task->out), "%s.damaged-%s",
		task->directory, when) >= sizeof(task->out))
		options_fail(task->options, EXIT_STATUS_CONFIG,
		    "state-directory: too long");
}

/* make_out - make the directory that --out names, if root runs the tool */
static void
make_out(struct task *task)
{
	char *directory = realpath(task->directory, NULL);
	struct diag diag = {0};

	/* A queue that is not there is reported on by its name. */
	if (directory == NULL)
		return;
	if (strlcpy(task->directory, directory, sizeof(task->directory)) >=
		sizeof(task->directory) ||
	    owner_make(directory, task->out, &task->out_fd, &diag) != 0)
		options_fail(
		    task->options, EXIT_STATUS_REFUSED, "%s", diag_text(&diag));
	free(directory);
}

/* take_path - take the argument of an option */
static void
take_path(
    const struct options *options, char *path, size_t size, const char *value)
{
	if (strlcpy(path, value, size) >= size)
		options_usage(options, "%s: too long", value);
}

int
main(int argc, char **argv)
{
	static const struct options_option own[] = {
	    {'d', "directory", "DIRECTORY",
		"of the queue, instead of the configuration's"},
	    {'\0', "repair", NULL,
		"make the queue whole, move out what cannot be"},
	    {'\0', "out", "DIRECTORY",
		"made for what is moved out; default beside the queue"},
	    {'\0', "compact", NULL,
		"give unused pages of a clean queue back to the disk"},
	    {'\0', "create", NULL,
		"make an empty queue where the database is gone"},
	};
	static const struct options_tool tool = {.name = "x4check",
	    .synopsis = "[-c FILE | -d DIRECTORY] [-j] [--repair [--out "
			"DIRECTORY]] [--compact] [--create]",
	    .purpose = "check a queue offline, and mend it",
	    .options = own,
	    .option_count = COUNT(own)};
	static struct task task = {.out_fd = -1};
	const struct options_option *option;
	struct options options;
	const char *value;
	int status;

	options_parse(&options, &tool, argc, argv);
	task.options = &options;
	while ((option = options_next(&options, &value)) != NULL) {
		if (option == &own[0])
			take_path(&options, task.directory,
			    sizeof(task.directory), value);
		else if (option == &own[2])
			take_path(&options, task.out, sizeof(task.out), value);
		task.repair = task.repair || option == &own[1];
		task.compact = task.compact || option == &own[3];
		task.create = task.create || option == &own[4];
	}
	if (options.operand_count != 0)
		options_usage(
		    &options, "%s: not expected", options.operands[0]);
	if (task.out[0] != '\0' && !task.repair)
		options_usage(&options, "--out goes with --repair");
	if (task.directory[0] == '\0')
		find_place(&task);
	if (task.out[0] == '\0')
		name_out(&task);
	else
		make_out(&task);
	/* In a child, as a damaged page can end the process that reads it. */
	status = run_in_child(&task);
	/* Nothing was moved out: it is empty. */
	if (task.out_fd >= 0)
		(void)rmdir(task.out);
	return status;
}
