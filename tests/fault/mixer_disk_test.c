/* SPDX-License-Identifier: ISC */
/*
 * mixer_disk_test.c - a gateway on a disk that is full: what comes in is put
 * off, also half-way through a message; what goes out leaves; nothing is lost
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lmtp_suite.h"
#include "tests/system/mail_peer.h"
#include "tests/system/relay_peer.h"
#include "tests/unit/test.h"

#define DISK	 "size=84m" /* more than the reserve that a disk must have */
#define GW	 LMTP_SUITE_DOMAIN ";O=GW;DDA:RFC-822="
#define OUTGOING 5
#define LINES	 20000 /* of a message that needs the file */

static struct relay_peer relay;

/* small_disk - mount a small file system where the state directory will be;
 * false: it cannot be done */
static bool
small_disk(void)
{
	const struct passwd *user = getpwnam(SUITE_USER);
	char path[SUITE_PATH + 16];

	(void)snprintf(path, sizeof(path), "%s/state", lmtp_suite.directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (geteuid() != 0 || user == NULL || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("room", path, "tmpfs", 0, DISK) != 0) {
		puts("skipped: no file system of our own");
		return false;
	}
	ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	return true;
}

/* begin - start the suite on such a disk, while its relay is away */
static bool
begin(void)
{
	char settings[512];

	lmtp_suite_prepare("mixer-disk");
	relay_peer_make(&relay, "relay");
	(void)snprintf(settings, sizeof(settings),
	    "listen-lmtp = {\"127.0.0.1:%u\"} relay = {\"127.0.0.1:%u\"}\n"
	    "  address-space = {\"" LMTP_SUITE_DOMAIN ";O=GW\"}",
	    lmtp_port, relay.port);
	lmtp_suite_configure("queue-size = \"64M\"\n", settings);
	if (!small_disk())
		return false;
	suite_start(&lmtp_suite);
	program_await(&lmtp_program, "in/new");
	return true;
}

/* send_out - queue messages for the Internet */
static void
send_out(void)
{
	for (int i = 0; i < OUTGOING; i++)
		ck_assert_int_eq(suite_shell(NULL,
				     "echo Hello | %s/bin/x4send -c %s "
				     "-f '" LMTP_SUITE_DOMAIN ";O=EDI;S=Jo' "
				     "-t '" GW "kim%d(a)example.org' "
				     ">/dev/null",
				     suite_build(), lmtp_suite.conf, i),
		    0);
}

/* fill - leave no octet on the disk */
static void
fill(void)
{
	ck_assert_int_ne(suite_shell(NULL, "cat /dev/zero >%s 2>/dev/null",
			     suite_path(&lmtp_suite, "state/filler")),
	    0);
}

/* send_lines - send so many lines of a message */
static void
send_lines(FILE *peer, int count)
{
	for (int i = 0; i < count; i++)
		ck_assert_int_gt(fprintf(peer, "line %05d of many\r\n", i), 0);
	ck_assert_int_eq(fflush(peer), 0);
}

/* begin_message - begin a message whose sender says no length */
static FILE *
begin_message(void)
{
	FILE *peer = lmtp_suite_greet();

	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_gt(fprintf(peer, "Subject: large\r\n\r\n"), 0);
	send_lines(peer, 100);
	return peer;
}

/* is_taken - tell whether a sender is taken */
static bool
is_taken(void *arg)
{
	FILE *peer = lmtp_suite_greet();
	char line[256];

	(void)arg;
	(void)fputs("MAIL FROM:<kim@example.org>\r\n", peer);
	(void)fflush(peer);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), peer));
	(void)fclose(peer);
	ck_assert_msg(
	    strncmp(line, "250 ", 4) == 0 || strncmp(line, "452 4.3.1", 9) == 0,
	    "%s", line);
	return line[0] == '2';
}

/* is_put_off - tell whether a sender is put off */
static bool
is_put_off(void *arg)
{
	return !is_taken(arg);
}

START_TEST(full)
{
	FILE *peer;
	json_t *all;

	if (!begin()) {
		suite_end();
		return;
	}
	send_out();
	peer = begin_message();
	fill();
	suite_wait("the sender to be put off", 20, is_put_off, NULL);
	/* the file has no room for the rest */
	send_lines(peer, LINES);
	mail_peer_say(peer, ".", "452 4.3.1");
	(void)fclose(peer);
	/* What is here leaves all the same, and nothing of it twice: its fate
	 * is written when there is room. */
	relay_peer_start(&relay);
	ck_assert_int_eq(
	    suite_tool(&lmtp_suite, NULL, "x4ctl", "retry", "mixer/net", NULL),
	    0);
	relay_peer_await(&relay, OUTGOING);
	ck_assert_int_eq(unlink(suite_path(&lmtp_suite, "state/filler")), 0);
	suite_wait_empty(&lmtp_suite, 20);
	all = relay_peer_taken(&relay);
	ck_assert_uint_eq(json_array_size(all), OUTGOING);
	json_decref(all);
	suite_wait("the sender to be taken", 20, is_taken, NULL);
	peer = begin_message();
	send_lines(peer, LINES);
	mail_peer_say(peer, ".", "250 ");
	(void)fclose(peer);
	ck_assert_int_eq(suite_queued(&lmtp_suite), 1);
	suite_stop(&lmtp_suite);
	relay_peer_stop(&relay);
	ck_assert_int_eq(
	    umount2(suite_path(&lmtp_suite, "state"), MNT_DETACH), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/mixer_disk", TEST_LONG(full, 60))
