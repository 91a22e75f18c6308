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
#include "tools/copy.h"
#include "tools/drain.h"
#include "tools/options.h"
#include "tools/restored.h"
#include "tools/status.h"
#include "tools/take_over.h"

#define TOOL		"x4ctl"
#define STOP_MS		120000 /* longer than master gives its workers */
#define LOCK_POLL_NS	10000000L
#define MASTER_RELATIVE "/../libexec/fourpost/fourpost-master"

enum own_option {
	OWN_RESTORED,
	OWN_TAKE_OVER,
	OWN_TO,
	OWN_WAIT,
	OWN_OFF,
	OWN_COUNT
};

static const struct options_option own[OWN_COUNT] = {
    [OWN_RESTORED] = {'\0', "restored", NULL,
	"start: the queue is a copy; begin with it"},
    [OWN_TAKE_OVER] = {'\0', "take-over", NULL,
	"start: the queue's host is off; take it over"},
    [OWN_TO] = {'\0', "to", "LINK", "drain: what waits for peers goes there"},
    [OWN_WAIT] = {'\0', "wait", NULL, "drain: wait until nothing is left"},
    [OWN_OFF] = {'\0', "off", NULL, "drain: take mail again"},
};

/* The command that each belongs to. */
static const char *const commands_of[OWN_COUNT] = {
    [OWN_RESTORED] = "start",
    [OWN_TAKE_OVER] = "start",
    [OWN_TO] = "drain",
    [OWN_WAIT] = "drain",
    [OWN_OFF] = "drain",
};

static const struct options_tool tool = {
    .name = TOOL,
    .synopsis = "start [--restored] "
		"[--take-over]\ntake-over\nstop\nreload\nstatus [workers]\n"
		"restart WORKER\n"
		"retry LINK\nretry msmail/POSTOFFICE [FILE]\n"
		"enable LINK\ndisable LINK\nclock-ok\ncopy DIR\n"
		"drain [--to LINK] [--wait]\ndrain --off",
    .purpose = "start, stop and look at the suite",
    .options = own,
    .option_count = OWN_COUNT,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The arguments of a command. */
struct task {
	struct options options;
	struct conf *conf;
	bool given[OWN_COUNT];
	const char *to; /* of OWN_TO */
};

struct command {
	const char *name;
	size_t min, max; /* operands behind it */
	int (*run)(const struct task *task);
};

/* open_server - connect, or end the tool */
static void
open_server(
    const struct task *task, struct client *client, enum client_server server)
{
	client_open_or_fail(client, &task->options, task->conf, server);
}

/* fail_unless_done - end the tool if a request failed, or was refused */
static void
fail_unless_done(const struct task *task, int error,
    const struct client_done *done, const struct diag *diag)
{
	if (error != 0)
		options_fail(&task->options, client_exit_status(error), "%s",
		    diag_text(diag));
	if (done->status != EXIT_STATUS_DONE)
		options_fail(&task->options, (enum exit_status)done->status,
		    "%s", done->text);
}

/* say - print a sentence for people */
static int
say(const struct task *task, const char *text)
{
	struct output output;

	output_init(&output, task->options.format, stdout);
	if (text[0] != '\0')
		output_printf(&output, "%s\n", text);
	return output_finish(&output) == 0 ? EXIT_STATUS_DONE
					   : EXIT_STATUS_REFUSED;
}

/* request - ask with the operands as arguments, print the answer's text */
static int
request(const struct task *task, enum client_server server, const char *name)
{
	const char *arguments[2];
	struct client client;
	struct client_done done;
	struct diag diag = {0};
	size_t i, count = task->options.operand_count - 1;
	int error;

	for (i = 0; i < count; i++)
		arguments[i] = task->options.operands[i + 1];
	open_server(task, &client, server);
	error = client_request(&client,
	    &(struct client_request){.command = name,
		.arguments = arguments,
		.argument_count = count},
	    &done, &diag);
	client_close(&client);
	fail_unless_done(task, error, &done, &diag);
	return say(task, done.text);
}

/* master_path - find the program from where this one lies */
static void
master_path(const struct task *task, char *path, size_t size)
{
	char *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", path, size - 1);
	if (len < 0)
		options_fail(&task->options, EXIT_STATUS_REFUSED,
		    "/proc/self/exe: %s", strerror(errno));
	/* The program that lies beside this one is of the same release; that of
	 * PATH may not be. */
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	if (strlcat(path, MASTER_RELATIVE, size) >= size)
		options_fail(
		    &task->options, EXIT_STATUS_REFUSED, "path too long");
}

/* change_queue - have the queue changed before the start, or end the tool */
static void
change_queue(const struct task *task,
    int (*change)(const char *state_directory, struct diag *diag))
{
	struct diag diag = {0};
	/* The directory must be the one that master takes. */
	struct conf *conf = options_conf(&task->options);

	if (change(conf->mta.state_directory, &diag) != 0) {
		if (diag.code == 0)
			exit(EXIT_STATUS_REFUSED);
		options_fail(&task->options, EXIT_STATUS_REFUSED, "%s",
		    diag_text(&diag));
	}
	conf_free(conf);
}

/* do_take_over - take over the queue of another host, and start nothing */
static int
do_take_over(const struct task *task)
{
	change_queue(task, take_over);
	return say(task, "the queue is this host's");
}

/* explain_start - say why there was no start, if the queue is another host's */
static void
explain_start(const struct task *task, int status)
{
	if (status == EXIT_STATUS_CONFIG)
		take_over_explain(task->conf->mta.state_directory);
}

/* do_start - have master go into the background once all is ready */
static int
do_start(const struct task *task)
{
	char path[PATH_MAX], config[PATH_MAX],
	    name[] = "fourpost-master", background[] = "-d", option[] = "-c";
	char *argv[] = {name, background, option, config, NULL};
	pid_t pid;
	int error, status;

	if (task->given[OWN_RESTORED])
		change_queue(task, restored_accept);
	if (task->given[OWN_TAKE_OVER])
		change_queue(task, take_over);
	master_path(task, path, sizeof(path));
	(void)strlcpy(config, task->options.config, sizeof(config));
	error = posix_spawn(&pid, path, NULL, NULL, argv, environ);
	if (error != 0)
		options_fail(&task->options, EXIT_STATUS_REFUSED, "%s: %s",
		    path, strerror(error));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			options_fail(&task->options, EXIT_STATUS_REFUSED,
			    "wait: %s", strerror(errno));
	if (!WIFEXITED(status))
		options_fail(&task->options, EXIT_STATUS_REFUSED,
		    "master ended by signal %d", WTERMSIG(status));
	/* master has said why. */
	explain_start(task, WEXITSTATUS(status));
	if (WEXITSTATUS(status) != 0)
		return WEXITSTATUS(status);
	return say(task, "started");
}

/* is_locked - tell whether a master holds the pid file */
static bool
is_locked(const struct task *task)
{
	char path[PATH_MAX];
	bool locked;
	int fd;

	(void)snprintf(
	    path, sizeof(path), "%s/master.pid", task->conf->mta.run_directory);
	/* Read-only, by flags that no link or FIFO under the name can abuse. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* The pid in the file may be of a former master; only a living one
	 * holds the lock. */
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return locked;
}

/* await_end - wait until the connection ends and the lock is free */
static int
await_end(const struct task *task, struct client *client)
{
	const struct timespec pause = {.tv_nsec = LOCK_POLL_NS};
	uint64_t deadline = clock_after(STOP_MS);
	struct ipc_record record;
	int error;

	client->timeout_ms = STOP_MS;
	/* The end of the connection says that master no longer listens, and the
	 * lock that it has ended. */
	do
		error = client_receive(client, &record, NULL);
	while (error == 0);
	client_close(client);
	while (is_locked(task)) {
		if (error != ERR_CLOSED || clock_monotonic() > deadline)
			options_fail(&task->options, EXIT_STATUS_REFUSED,
			    "master is still stopping");
		(void)nanosleep(&pause, NULL);
	}
	return say(task, "stopped");
}

/* do_stop - ask for the end, and wait for it */
static int
do_stop(const struct task *task)
{
	struct client client;
	struct client_done done;
	struct diag diag = {0};
	int error;

	open_server(task, &client, CLIENT_MASTER);
	error = client_request(
	    &client, &(struct client_request){.command = "stop"}, &done, &diag);
	/* master may be gone before it could answer. */
	if (error != ERR_CLOSED)
		fail_unless_done(task, error, &done, &diag);
	return await_end(task, &client);
}

/* do_status - show what is wrong, and how the suite is */
static int
do_status(const struct task *task)
{
	char *const *operands = task->options.operands;

	if (task->options.operand_count > 1 &&
	    strcmp(operands[1], "workers") != 0)
		options_usage(
		    &task->options, "status of what? \"%s\"", operands[1]);
	return (int)status_show(&task->options, task->conf,
	    task->options.operand_count > 1 ? STATUS_WORKERS : STATUS_LINKS);
}

/* do_master - request from master what the command is named */
static int
do_master(const struct task *task)
{
	return request(task, CLIENT_MASTER, task->options.operands[0]);
}

/* do_qmgr - request from qmgr what the command is named */
static int
do_qmgr(const struct task *task)
{
	return request(task, CLIENT_QMGR, task->options.operands[0]);
}

/* do_retry - retry a link, a postoffice, or a file that was set aside there */
static int
do_retry(const struct task *task)
{
	char *const *operands = task->options.operands;
	const struct conf_msmail *msmail = NULL;
	struct diag diag = {0};
	struct conf *conf;

	/* A link alone is the queue manager's matter; a file is one of the
	 * disk. */
	if (task->options.operand_count == 2)
		return do_qmgr(task);
	conf = options_conf(&task->options);
	if (strncmp(operands[1], "msmail/", 7) == 0)
		msmail = conf_msmail_find(conf, operands[1] + 7);
	if (msmail == NULL)
		options_fail(&task->options, EXIT_STATUS_REFUSED,
		    "no postoffice \"%s\"", operands[1]);
	if (aside_take_back(msmail, operands[2], &diag) != 0)
		options_fail(&task->options, EXIT_STATUS_REFUSED, "%s: %s",
		    operands[1], diag_text(&diag));
	conf_free(conf);
	return say(task, "moved back, to be taken again");
}

/* do_copy - copy the queue of the suite that runs */
static int
do_copy(const struct task *task)
{
	const char *directory = task->options.operands[1];
	struct copy_result result;
	struct client client;
	struct output output;
	struct diag diag = {0};
	int error;

	open_server(task, &client, CLIENT_QMGR);
	error = copy_queue(&client, directory, &result, &diag);
	client_close(&client);
	if (error != 0)
		options_fail(&task->options, client_exit_status(error), "%s",
		    diag_text(&diag));
	output_init(&output, task->options.format, stdout);
	output_printf(&output, "%s: %llu messages, %llu octets\n", directory,
	    (unsigned long long)result.messages,
	    (unsigned long long)result.octets);
	return output_finish(&output) == 0 ? EXIT_STATUS_DONE
					   : EXIT_STATUS_REFUSED;
}

/* tell_left - print how much is left of a queue that is drained */
static void
tell_left(void *arg, const struct drain_figures *figures)
{
	const struct task *task = arg;
	struct output output;

	output_init(&output, task->options.format, stdout);
	output_printf(&output, "%lld left, %lld held\n",
	    (long long)figures->left, (long long)figures->held);
	(void)!output_finish(&output);
	/* Whoever waits reads this from a pipe, perhaps. */
	(void)fflush(stdout);
}

/* do_drain - take nothing new, and let go what waits; or end that */
static int
do_drain(const struct task *task)
{
	bool off = task->given[OWN_OFF], wait = task->given[OWN_WAIT];
	struct task told = *task;
	struct client client;
	struct client_done done;
	struct diag diag = {0};
	int error;

	if (off && (wait || task->to != NULL))
		options_usage(&task->options, "--off stands alone");
	open_server(task, &client, CLIENT_QMGR);
	error = client_request(&client,
	    &(struct client_request){.command = off ? "drain-off" : "drain",
		.arguments = &task->to,
		.argument_count = task->to != NULL},
	    &done, &diag);
	fail_unless_done(task, error, &done, &diag);
	if (wait)
		error = drain_wait(&client, tell_left, &told, &diag);
	client_close(&client);
	if (error != 0)
		options_fail(&task->options, client_exit_status(error), "%s",
		    diag_text(&diag));
	return wait ? EXIT_STATUS_DONE : say(task, done.text);
}

static const struct command commands[] = {
    {"start", 0, 0, do_start},
    {"take-over", 0, 0, do_take_over},
    {"stop", 0, 0, do_stop},
    {"reload", 0, 0, do_master},
    {"status", 0, 1, do_status},
    {"restart", 1, 1, do_master},
    {"retry", 1, 2, do_retry},
    {"enable", 1, 1, do_qmgr},
    {"disable", 1, 1, do_qmgr},
    {"clock-ok", 0, 0, do_qmgr},
    {"copy", 1, 1, do_copy},
    {"drain", 0, 0, do_drain},
};

int
main(int argc, char **argv)
{
	struct task task = {.conf = NULL};
	struct options *options = &task.options;
	const struct command *chosen = NULL;
	const struct options_option *option;
	const char *value;
	size_t i;
	int status;

	options_parse(options, &tool, argc, argv);
	while ((option = options_next(options, &value)) != NULL) {
		task.given[option - own] = true;
		if (option == &own[OWN_TO])
			task.to = value;
	}
	if (options->operand_count == 0)
		options_usage(options, "a command is needed");
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
	for (i = 0; i < OWN_COUNT; i++)
		if (task.given[i] && strcmp(commands_of[i], chosen->name) != 0)
			options_usage(options, "--%s belongs to %s",
			    own[i].name, commands_of[i]);
	task.conf = options_reach(options);
	status = chosen->run(&task);
	conf_free(task.conf);
	return status;
}
