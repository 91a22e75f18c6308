/* SPDX-License-Identifier: ISC */
/*
 * main.c - run master: arguments, configuration, foreground or background
 *
 * fourpost-master [-d] [-c FILE].  Exit: 0 after an orderly end, 1 if it cannot
 * run, 64 usage, 78 configuration.
 */
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "conf/conf_tls.h"
#include "ipc/exit_status.h"
#include "master/background.h"
#include "master/service.h"

struct options {
	const char *conf_path;
	bool background;
};

/* usage - print what the arguments are */
static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: fourpost-master [-d] [-c FILE]\n"
	    "       fourpost-master -h | --version\n"
	    "  -c FILE  configuration, else %s\n"
	    "  -d       go into the background once ready, log to "
	    "state-directory/log\n",
	    CONF_DEFAULT_FILE);
}

/* parse_options - parse the arguments */
static struct options
parse_options(int argc, char **argv)
{
	static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {0}};
	struct options options = {.conf_path = CONF_DEFAULT_FILE};
	int c;

	while ((c = getopt_long(argc, argv, "c:dh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options.conf_path = optarg;
			break;
		case 'd':
			options.background = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		case 'v':
			version_print("fourpost-master");
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EXIT_STATUS_USAGE);
		}
	}
	if (optind != argc) {
		usage(stderr);
		exit(EXIT_STATUS_USAGE);
	}
	return options;
}

/* own_directory - find where this program lies, and so those of the workers */
static void
own_directory(char *path, size_t size)
{
	char *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", path, size - 1);
	if (len < 0)
		err(MASTER_EXIT_FAILED, "/proc/self/exe");
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL && slash != path)
		*slash = '\0';
}

/* A start that failed, of which the parent is told when all is over. */
static struct {
	int status; /* 0: it did not */
	char text[256];
} failed;

/* report_start - tell the parent that waits in the foreground, or have it told
 * when we end: who starts the suite again at once is not to meet us */
static void
report_start(struct master *master, int status, const char *text)
{
	if (status == 0) {
		background_report(master->started_fd, status, text);
		return;
	}
	failed.status = status;
	(void)strlcpy(failed.text, text, sizeof(failed.text));
}

/* log_failure - log why there will be no loop */
static void
log_failure(int status, const char *text)
{
	if (status == EXIT_STATUS_CONFIG)
		LOG_EVENT(EVENT_BAD_CONFIG, LOG_STRING("reason", text));
	else
		LOG_EVENT(EVENT_FATAL, LOG_STRING("text", text));
}

/* main_give_up - tell whoever started us why there will be no loop, and exit:
 * a person, the parent that waits for us, or the log */
static void
main_give_up(
    const struct options *options, int report_fd, int status, const char *text)
{
	if (report_fd >= 0)
		background_report(report_fd, status, text);
	else if (options->background)
		warnx("%s", text);
	else
		log_failure(status, text);
	exit(status);
}

/* go_background - let the log take the place of what we were started with */
static void
go_background(
    struct master *master, const struct options *options, int report_fd)
{
	struct diag diag = {0};
	int fd;

	fd = place_log_open(&master->place, master->conf, &diag);
	if (fd >= 0 && background_detach(fd) != 0)
		diag_set(&diag, ERR_IO, "standard descriptors");
	if (diag.code != 0)
		main_give_up(
		    options, report_fd, MASTER_EXIT_FAILED, diag_text(&diag));
	(void)close(fd);
	log_init("master", -1);
	master->started = report_start;
	master->started_fd = report_fd;
}

/* main - run master */
int
main(int argc, char **argv)
{
	static struct master master;
	char programs[PATH_MAX], conf_path[PATH_MAX];
	struct options options = parse_options(argc, argv);
	struct diag diag = {0};
	struct conf *conf;
	int report_fd = -1, status;

	(void)umask(077);
	log_init("master", -1);
	own_directory(programs, sizeof(programs));
	/* A reload reads the file again, and in the background the directory
	 * is another by then. */
	if (realpath(options.conf_path, conf_path) == NULL)
		diag_set(&diag, ERR_IO, "%s: %s", options.conf_path,
		    strerror(errno));
	if (diag.code != 0 || conf_parse_file(conf_path, &conf, &diag) != 0 ||
	    conf_tls_load(conf, &diag) != 0)
		main_give_up(
		    &options, -1, EXIT_STATUS_CONFIG, diag_text(&diag));
	category_levels(conf->mta.log_levels);
	setproctitle_init(argc, argv, environ);
	setproctitle("-fourpost: master -c %s", conf_path);
	if (options.background)
		report_fd = background_enter();
	if (master_init(&master, conf, conf_path, programs, &diag) != 0)
		main_give_up(&options, report_fd,
		    diag.code == ERR_NOTFOUND || diag.code == ERR_DENIED
			? EXIT_STATUS_CONFIG
			: MASTER_EXIT_FAILED,
		    diag_text(&diag));
	if (options.background)
		go_background(&master, &options, report_fd);
	status = master_run(&master);
	log_tick(CLOCK_NEVER);
	master_fini(&master);
	if (failed.status != 0)
		background_report(
		    master.started_fd, failed.status, failed.text);
	return status;
}
