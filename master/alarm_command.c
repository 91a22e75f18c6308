/* SPDX-License-Identifier: ISC */
/*
 * alarm_command.c - run the command of alarm-command when qmgr tells an alarm
 */
#include "master/alarm_command.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/privilege.h"
#include "master/master.h"

#define NUMBER_MAX   24
#define LINK_MAX_LEN 128

/* The words of an alarm, for the command. */
struct words {
	char event[NUMBER_MAX], messages[NUMBER_MAX], age[NUMBER_MAX];
	char link[LINK_MAX_LEN];
};

/* fill_words - write an alarm as words */
static void
fill_words(struct words *words, const struct ipc_alarm *alarm)
{
	size_t len = alarm->link.len < sizeof(words->link) - 1
	    ? alarm->link.len
	    : sizeof(words->link) - 1;

	(void)snprintf(
	    words->event, sizeof(words->event), "%" PRIu32, alarm->event);
	(void)snprintf(words->messages, sizeof(words->messages), "%" PRIu64,
	    alarm->messages);
	(void)snprintf(words->age, sizeof(words->age), "%" PRIu64, alarm->age);
	if (len > 0)
		memcpy(words->link, alarm->link.data, len);
	words->link[len] = '\0';
}

/* surround - give the child the surroundings of a command: nothing of ours */
static bool
surround(const struct words *words)
{
	int null = open(_PATH_DEVNULL, O_RDWR);
	sigset_t none;

	/* The log is not the command's: its words could not be told from
	 * ours. */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		return false;
	closefrom(STDERR_FILENO + 1);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	return clearenv() == 0 && setenv("PATH", _PATH_STDPATH, 1) == 0 &&
	    setenv("FOURPOST_EVENT", words->event, 1) == 0 &&
	    setenv("FOURPOST_LINK", words->link, 1) == 0 &&
	    setenv("FOURPOST_MESSAGES", words->messages, 1) == 0 &&
	    setenv("FOURPOST_AGE", words->age, 1) == 0;
}

/* become_command - become, as the child, the command */
static void __attribute__((noreturn))
become_command(const struct master *master, struct words *words)
{
	char path[PATH_MAX];
	char *argv[] = {
	    path, words->event, words->link, words->messages, words->age, NULL};
	struct diag diag = {0};

	(void)strlcpy(path, master->conf->mta.alarm_command, sizeof(path));
	(void)setsid();
	/* Whatever the command does, it does not do it as root. */
	if (surround(words) && chdir("/") == 0 &&
	    (master->place.user[0] == '\0' ||
		privilege_drop(master->place.user, NULL, PRIVILEGE_USERS_GROUPS,
		    NULL, &diag) == 0))
		(void)execv(path, argv);
	_exit(127);
}

/* say_failed - log that the command was of no use */
static void
say_failed(const struct master *master, const char *reason)
{
	LOG_EVENT(EVENT_ALARM_COMMAND,
	    LOG_STRING("command", master->conf->mta.alarm_command),
	    LOG_STRING("reason", reason));
}

/* alarm_command_run - run the command of the configuration */
void
alarm_command_run(struct master *master, const struct ipc_alarm *alarm)
{
	struct alarm_commands *commands = &master->alarm_commands;
	struct words words;
	sigset_t all, before;
	size_t place = 0;
	pid_t pid;

	if (master->conf->mta.alarm_command[0] == '\0')
		return;
	while (place < ALARM_COMMANDS && commands->running[place].pid != 0)
		place++;
	if (place == ALARM_COMMANDS) {
		say_failed(master, "not run: too many run already");
		return;
	}
	fill_words(&words, alarm);
	/* No handler of the loop may run in the child, on its shared pipe. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become_command(master, &words);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0) {
		say_failed(master, strerror(errno));
		return;
	}
	commands->running[place].pid = pid;
	commands->running[place].until = master->ticks + ALARM_COMMAND_TICKS;
}

/* alarm_command_ended - take note of the end of a process */
void
alarm_command_ended(struct master *master, pid_t pid, int status)
{
	struct alarm_commands *commands = &master->alarm_commands;
	char reason[64];

	for (size_t i = 0; i < ALARM_COMMANDS; i++) {
		if (commands->running[i].pid != pid)
			continue;
		commands->running[i].pid = 0;
		if (WIFEXITED(status))
			(void)snprintf(reason, sizeof(reason), "exit status %d",
			    WEXITSTATUS(status));
		else
			(void)snprintf(reason, sizeof(reason), "signal %d",
			    WTERMSIG(status));
		if (status != 0)
			say_failed(master, reason);
	}
}

/* kill_command - kill a command, with what it started */
static void
kill_command(pid_t pid)
{
	/* The child may not have made its session yet. */
	if (kill(-pid, SIGKILL) != 0)
		(void)kill(pid, SIGKILL);
}

/* alarm_command_tick - kill commands that run for too long */
void
alarm_command_tick(struct master *master)
{
	struct alarm_commands *commands = &master->alarm_commands;

	for (size_t i = 0; i < ALARM_COMMANDS; i++)
		if (commands->running[i].pid != 0 &&
		    master->ticks > commands->running[i].until)
			kill_command(commands->running[i].pid);
}

/* alarm_command_fini - kill all that run */
void
alarm_command_fini(struct master *master)
{
	struct alarm_commands *commands = &master->alarm_commands;

	for (size_t i = 0; i < ALARM_COMMANDS; i++)
		if (commands->running[i].pid != 0)
			kill_command(commands->running[i].pid);
}
