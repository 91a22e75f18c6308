/* SPDX-License-Identifier: ISC */
/*
 * x4ctl.c - start, stop and look at the suite; see x4ctl(1)
 */
#include <sys/file.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/aside.h"
#include "tools/client.h"
#include "tools/options.h"

#define TOOL		"x4ctl"
#define STOP_MS		120000 /* longer than master gives its workers */
#define LOCK_POLL_NS	10000000L
#define MASTER_RELATIVE "/../libexec/fourpost/fourpost-master"

static const struct options_tool tool = {
    .name = TOOL,
    .synopsis = "start\nstop\nreload\nstatus\nrestart WORKER\n"
		"retry LINK\nretry msmail/POSTOFFICE [FILE]\n"
		"enable LINK\ndisable LINK\nclock-ok",
    .purpose = "start, stop and look at the suite",
};

static const struct output_column worker_columns[] = {
    {"name", "WORKER", OUTPUT_PLAIN},
    {"pid", "PID", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"since", "SINCE", OUTPUT_PLAIN},
    {"restarts", "RESTARTS", OUTPUT_PLAIN},
    {"last_exit", "LAST EXIT", OUTPUT_PLAIN},
};

static const struct output_column link_columns[] = {
    {"name", "LINK", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"queued", "QUEUED", OUTPUT_PLAIN},
    {"active", "ACTIVE", OUTPUT_PLAIN},
    {"associations", "ASSOC", OUTPUT_PLAIN},
    {"open_failures", "FAILURES", OUTPUT_PLAIN},
    {"next_open", "NEXT OPEN", OUTPUT_PLAIN},
    {"messages_out", "OUT", OUTPUT_PLAIN},
    {"messages_in", "IN", OUTPUT_PLAIN},
    {"reports_out", "REPORTS", OUTPUT_PLAIN},
    {"last_error", "LAST ERROR", OUTPUT_PLAIN},
};

static const struct output_column notice_columns[] = {
    {"name", "NOTICE", OUTPUT_PLAIN},
    {"text", "WHAT", OUTPUT_PLAIN},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a command is given. */
struct command {
	struct options options;
	struct conf *conf;
};

/* exit_for - the exit status for an error of the connection */
static enum exit_status
exit_for(int error)
{
	switch (error) {
	case ERR_CLOSED:
	case ERR_TIMEOUT:
		return EXIT_STATUS_NOT_RUNNING;
	default:
		return EXIT_STATUS_REFUSED;
	}
}

/* open_or_fail - a connection, or the end of the tool */
static void
open_or_fail(const struct command *command, struct client *client,
    enum client_server server)
{
	struct diag diag = {0};
	int error;

	error = client_open(client, command->conf, server, TOOL, &diag);
	if (error != 0)
		options_fail(
		    &command->options, exit_for(error), "%s", diag_text(&diag));
}

/* say - a sentence for people */
static int
say(const struct command *command, const char *text)
{
	struct output output;

	output_init(&output, command->options.format, stdout);
	if (text[0] != '\0')
		output_printf(&output, "%s\n", text);
	return output_finish(&output) == 0 ? EXIT_STATUS_DONE
					   : EXIT_STATUS_REFUSED;
}

/* request - ask with the operands as arguments, print the answer's text */
static int
request(
    const struct command *command, enum client_server server, const char *name)
{
	const char *arguments[2];
	struct client client;
	struct client_done done;
	struct diag diag = {0};
	size_t i, count = command->options.operand_count - 1;
	int error;

	for (i = 0; i < count; i++)
		arguments[i] = command->options.operands[i + 1];
	open_or_fail(command, &client, server);
	error = client_request(
	    &client, name, arguments, count, NULL, NULL, &done, &diag);
	client_close(&client);
	if (error != 0)
		options_fail(
		    &command->options, exit_for(error), "%s", diag_text(&diag));
	if (done.status != 0)
		options_fail(&command->options, (enum exit_status)done.status,
		    "%s", done.text);
	return say(command, done.text);
}

/* master_path - the program, found from where ours lies */
static void
master_path(const struct command *command, char *path, size_t size)
{
	char *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", path, size - 1);
	if (len < 0)
		options_fail(&command->options, EXIT_STATUS_REFUSED,
		    "/proc/self/exe: %s", strerror(errno));
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	if (strlcat(path, MASTER_RELATIVE, size) >= size)
		options_fail(
		    &command->options, EXIT_STATUS_REFUSED, "path too long");
}

/* do_start - have master go into the background once all is ready */
static int
do_start(const struct command *command)
{
	char path[PATH_MAX], config[PATH_MAX],
	    name[] = "fourpost-master", background[] = "-d", option[] = "-c";
	char *argv[] = {name, background, option, config, NULL};
	pid_t pid;
	int error, status;

	master_path(command, path, sizeof(path));
	(void)strlcpy(config, command->options.config, sizeof(config));
	error = posix_spawn(&pid, path, NULL, NULL, argv, environ);
	if (error != 0)
		options_fail(&command->options, EXIT_STATUS_REFUSED, "%s: %s",
		    path, strerror(error));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			options_fail(&command->options, EXIT_STATUS_REFUSED,
			    "wait: %s", strerror(errno));
	if (!WIFEXITED(status))
		options_fail(&command->options, EXIT_STATUS_REFUSED,
		    "master ended by signal %d", WTERMSIG(status));
	/* It has said why. */
	if (WEXITSTATUS(status) != 0)
		return WEXITSTATUS(status);
	return say(command, "started");
}

/* is_locked - whether a master holds the pid file */
static bool
is_locked(const struct command *command)
{
	char path[PATH_MAX];
	bool locked;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/master.pid",
	    command->conf->mta.run_directory);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return locked;
}

/* await_end - until the connection ends and the lock is free */
static int
await_end(const struct command *command, struct client *client)
{
	const struct timespec pause = {.tv_nsec = LOCK_POLL_NS};
	uint64_t deadline = clock_after(STOP_MS);
	struct ipc_record record;
	int error;

	client->timeout_ms = STOP_MS;
	do
		error = client_receive(client, &record, NULL);
	while (error == 0);
	client_close(client);
	while (is_locked(command)) {
		if (error != ERR_CLOSED || clock_monotonic() > deadline)
			options_fail(&command->options, EXIT_STATUS_REFUSED,
			    "master is still stopping");
		(void)nanosleep(&pause, NULL);
	}
	return say(command, "stopped");
}

/* do_stop - ask for the end, and wait for it */
static int
do_stop(const struct command *command)
{
	struct client client;
	struct client_done done;
	struct diag diag = {0};
	int error;

	open_or_fail(command, &client, CLIENT_MASTER);
	error =
	    client_request(&client, "stop", NULL, 0, NULL, NULL, &done, &diag);
	/* It may be gone before it could say so. */
	if (error != 0 && error != ERR_CLOSED)
		options_fail(
		    &command->options, exit_for(error), "%s", diag_text(&diag));
	return await_end(command, &client);
}

/* print_row - one row of a table */
static int
print_row(void *arg, const struct ipc_row *row)
{
	output_row(arg, row);
	return 0;
}

/* print_table - ask for rows and print them */
static int
print_table(const struct command *command, struct client *client,
    const char *name, const struct output_column *columns, size_t count)
{
	struct client_done done = {0};
	struct output output;
	struct diag diag = {0};
	int error;

	output_init(&output, command->options.format, stdout);
	output_table(&output, columns, count);
	error = client_request(
	    client, name, NULL, 0, print_row, &output, &done, &diag);
	client_close(client);
	if (output_finish(&output) != 0)
		return EXIT_STATUS_REFUSED;
	if (error != 0)
		options_fail(
		    &command->options, exit_for(error), "%s", diag_text(&diag));
	if (done.status != 0)
		options_fail(&command->options, (enum exit_status)done.status,
		    "%s", done.text);
	return EXIT_STATUS_DONE;
}

/* A table that is only there if it has rows. */
struct notices {
	struct output output;
	enum output_format format;
	bool any;
};

/* note_row - keep that there is one, and print it */
static int
note_row(void *arg, const struct ipc_row *row)
{
	struct notices *notices = arg;

	if (!notices->any && notices->format == OUTPUT_TEXT)
		(void)putchar('\n');
	notices->any = true;
	output_row(&notices->output, row);
	return 0;
}

/* print_notices - print what an administrator is to look at, if anything */
static int
print_notices(const struct command *command)
{
	struct client client;
	struct client_done done = {0};
	struct notices notices = {.format = command->options.format};
	struct diag diag = {0};
	int error;

	output_init(&notices.output, command->options.format, stdout);
	output_table(&notices.output, notice_columns, COUNT(notice_columns));
	open_or_fail(command, &client, CLIENT_QMGR);
	error = client_request(
	    &client, "notices", NULL, 0, note_row, &notices, &done, &diag);
	client_close(&client);
	if (error != 0)
		options_fail(
		    &command->options, exit_for(error), "%s", diag_text(&diag));
	return !notices.any || output_finish(&notices.output) == 0
	    ? EXIT_STATUS_DONE
	    : EXIT_STATUS_REFUSED;
}

/* do_status - workers from master, links from qmgr */
static int
do_status(const struct command *command)
{
	struct client client;
	int status;

	open_or_fail(command, &client, CLIENT_MASTER);
	status = print_table(
	    command, &client, "status", worker_columns, COUNT(worker_columns));
	if (status != EXIT_STATUS_DONE)
		return status;
	if (command->options.format == OUTPUT_TEXT)
		(void)putchar('\n');
	(void)fflush(stdout);
	open_or_fail(command, &client, CLIENT_QMGR);
	status = print_table(
	    command, &client, "links", link_columns, COUNT(link_columns));
	return status == EXIT_STATUS_DONE ? print_notices(command) : status;
}

/* do_master - a request to master of the command's own name */
static int
do_master(const struct command *command)
{
	return request(command, CLIENT_MASTER, command->options.operands[0]);
}

/* do_qmgr - a request to qmgr of the command's own name */
static int
do_qmgr(const struct command *command)
{
	return request(command, CLIENT_QMGR, command->options.operands[0]);
}

/* do_retry - a link, a postoffice, or a file that was set aside there */
static int
do_retry(const struct command *command)
{
	char *const *operands = command->options.operands;
	const struct conf_msmail *msmail = NULL;
	struct diag diag = {0};

	if (command->options.operand_count == 2)
		return do_qmgr(command);
	if (strncmp(operands[1], "msmail/", 7) == 0)
		msmail = conf_msmail_find(command->conf, operands[1] + 7);
	if (msmail == NULL)
		options_fail(&command->options, EXIT_STATUS_REFUSED,
		    "no postoffice \"%s\"", operands[1]);
	if (aside_take_back(msmail, operands[2], &diag) != 0)
		options_fail(&command->options, EXIT_STATUS_REFUSED, "%s: %s",
		    operands[1], diag_text(&diag));
	return say(command, "moved back, to be taken again");
}

static const struct action {
	const char *name;
	size_t min, max; /* operands behind it */
	int (*run)(const struct command *command);
} commands[] = {
    {"start", 0, 0, do_start},
    {"stop", 0, 0, do_stop},
    {"reload", 0, 0, do_master},
    {"status", 0, 0, do_status},
    {"restart", 1, 1, do_master},
    {"retry", 1, 2, do_retry},
    {"enable", 1, 1, do_qmgr},
    {"disable", 1, 1, do_qmgr},
    {"clock-ok", 0, 0, do_qmgr},
};

/* main - x4ctl */
int
main(int argc, char **argv)
{
	struct command command;
	struct options *options = &command.options;
	const struct action *chosen = NULL;
	size_t i;
	int status;

	options_parse(options, &tool, argc, argv);
	if (options->operand_count == 0)
		options_usage(options, "what is to be done?");
	for (i = 0; i < COUNT(commands) && chosen == NULL; i++)
		if (strcmp(options->operands[0], commands[i].name) == 0)
			chosen = &commands[i];
	if (chosen == NULL)
		options_usage(
		    options, "unknown command \"%s\"", options->operands[0]);
	if (options->operand_count - 1 < chosen->min ||
	    options->operand_count - 1 > chosen->max)
		options_usage(
		    options, "%s: wrong number of arguments", chosen->name);
	command.conf = options_conf(options);
	status = chosen->run(&command);
	conf_free(command.conf);
	return status;
}
