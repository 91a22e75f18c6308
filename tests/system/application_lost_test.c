/* SPDX-License-Identifier: ISC */
/*
 * application_lost_test.c - the directory of an application cannot be used
 *
 * It is full, or is not there: what is for this application waits, all else
 * goes on, and nothing is lost or comes twice.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/application.h"
#include "tests/unit/test.h"

#define DISK   "size=2m,mode=755" /* of the directory that is full */
#define LARGE  "400000"		  /* octets of a message */
#define FILLER "out/.filler"

/* kill_worker - have a worker end, if there is one */
static void
kill_worker(const char *name)
{
	pid_t pid = suite_pid(&application_suite, name);

	if (pid > 0)
		(void)kill(pid, SIGKILL);
}

/* says - tell whether x4ctl status has the link of the application waiting, for
 * a reason with this word */
static bool
says(void *arg)
{
	const char *word = arg;
	json_t *rows =
	    suite_rows(&application_suite, "x4ctl", "-j", "status", NULL);
	const json_t *row;
	bool found = false;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		const char *error =
		    json_string_value(json_object_get(row, "last_error"));

		if (name != NULL && strcmp(name, "application/edi") == 0 &&
		    error != NULL && strstr(error, word) != NULL)
			found = true;
	}
	json_decref(rows);
	return found;
}

/* await_why - wait until the link says why it waits, with this word */
static void
await_why(const char *word)
{
	char text[64];

	(void)strlcpy(text, word, sizeof(text));
	suite_wait("the link to say why", 30, says, text);
}

/* send_to_postoffice - send a message to the postoffice, and wait until it is
 * there: others are served */
static void
send_to_postoffice(size_t files)
{
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4send", "-f",
			     EDI ";S=M", "-t", DOMAIN ";O=PO1;S=Roe", NULL),
	    0);
	application_await_files(files);
}

/* answer_next - wait for the next object, and answer it */
static void
answer_next(void)
{
	uint64_t id = application_claim(NULL);

	program_answer(&edi, id, DELIVERED);
	application_await_gone(id);
}

/* retry - have the directory be tried again at once */
static void
retry(void)
{
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4ctl", "retry",
			     "application/edi", NULL),
	    0);
}

/* is_given - have the directory be tried again, and tell whether an object
 * came; a try that was under way before may still fail, and puts the next
 * off */
static bool
is_given(void *arg)
{
	(void)arg;
	/* The content of what was claimed before stays there too. */
	if (suite_shell(NULL, "ls '%s'/*.json >/dev/null 2>&1",
		program_path(&edi, "out/new")) == 0)
		return true;
	retry();
	return false;
}

/* A directory that is not there makes its messages wait; when it is back all is
 * as it was. */
START_TEST(directory_away)
{
	char away[SUITE_PATH + 16];
	uint64_t claimed;

	application_begin("directory-away", "");
	application_send();
	claimed = application_claim(NULL);
	(void)snprintf(away, sizeof(away), "%s.away", edi.directory);
	ck_assert_int_eq(rename(edi.directory, away), 0);
	/* A directory that a worker is in cannot be unmounted. */
	kill_worker("app-out/edi");
	kill_worker("app-in/edi");
	application_send();
	retry();
	await_why("No such file");
	send_to_postoffice(1);
	ck_assert_int_ne(access(edi.directory, F_OK), 0);
	ck_assert_int_eq(rename(away, edi.directory), 0);
	suite_wait("an object after the directory", 30, is_given, NULL);
	program_answer(&edi, claimed, DELIVERED);
	application_await_gone(claimed);
	answer_next();
	ck_assert_uint_eq(edi.claims[claimed], 1);
	application_end();
}
END_TEST

/* fill - leave no room on the disk, as the program's user may */
static void
fill(void)
{
	ck_assert_int_ne(program_shell(NULL, "cat /dev/zero >%s 2>/dev/null",
			     program_path(&edi, FILLER)),
	    0);
}

/* mount_disk - mount a small file system where the directory will be; false: it
 * cannot be done */
static bool
mount_disk(const char *path)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("disk", path, "tmpfs", 0, DISK) != 0) {
		puts("skipped: a full disk needs root and mounts");
		return false;
	}
	suite_give(path);
	return true;
}

/* A full disk makes what has no room wait, and it comes once. */
START_TEST(full_disk)
{
	char body[SUITE_PATH + 16], *output;

	application_begin("full-disk", "");
	suite_stop(&application_suite);
	ck_assert_int_eq(suite_shell(NULL, "rm -r %s/*", edi.directory), 0);
	if (!mount_disk(edi.directory)) {
		suite_end();
		return;
	}
	suite_start(&application_suite);
	program_await(&edi, "in/new");
	(void)snprintf(body, sizeof(body), "%s/body", suite_directory());
	ck_assert_int_eq(
	    suite_shell(
		NULL, "head -c " LARGE " /dev/zero | tr '\\0' x >%s", body),
	    0);
	fill();
	ck_assert_int_eq(suite_tool(&application_suite, &output, "x4send", "-f",
			     EDI ";S=M", "-t", EDI ";S=B", "-b", body, NULL),
	    0);
	free(output);
	await_why("No space left");
	send_to_postoffice(1);
	ck_assert_uint_eq(suite_count_files(program_path(&edi, "out/new")), 0);
	ck_assert_int_eq(unlink(program_path(&edi, FILLER)), 0);
	suite_wait("an object after the full disk", 30, is_given, NULL);
	answer_next();
	suite_wait_empty(&application_suite, 20);
	suite_stop(&application_suite);
	/* Lazily, since a process that ends may have a file of it open. */
	ck_assert_int_eq(umount2(edi.directory, MNT_DETACH), 0);
	suite_end();
}
END_TEST

TEST_MAIN("application_lost", TEST_LONG(directory_away, 60);
	  TEST_LONG(full_disk, 60))
