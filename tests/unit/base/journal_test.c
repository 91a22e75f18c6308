/* SPDX-License-Identifier: ISC */
/*
 * journal_test.c - base/journal: entries as systemd-journald takes them
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/log.h"
#include "tests/unit/test.h"

static char directory[] = "/tmp/fourpost-journal-XXXXXX";
static char path[64];
static int journal = -1;
static char text[16384];

/* open_journal - bind a socket such as journald's, and log there */
static void
open_journal(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/socket", directory);
	strcpy(address.sun_path, path);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(
	    bind(journal, (struct sockaddr *)&address, sizeof(address)), 0);
	log_init("x400out/paris", -1);
	ck_assert(log_journal(path));
}

/* remove_journal - remove the socket and its directory */
static void
remove_journal(void)
{
	(void)unlink(path);
	(void)rmdir(directory);
}

/* take - take one entry, as a string; empty if there is none */
static const char *
take(void)
{
	ssize_t n = read(journal, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

START_TEST(fields_of_an_entry)
{
	open_journal();
	LOG_EVENT(EVENT_NOT_OPENED, LOG_STRING("link", "paris"),
	    LOG_STRING("mts_id", "[C=DE;A=VIAT;P=ACME;1-2]"),
	    LOG_INT("count", 3));
	ck_assert_str_eq(take(),
	    "PRIORITY=4\n"
	    "SYSLOG_IDENTIFIER=fourpost-x400out\n"
	    "FOURPOST_PROCESS=x400out/paris\n"
	    "MESSAGE=289 warn connection not opened link=paris "
	    "mts_id=\"[C=DE;A=VIAT;P=ACME;1-2]\" count=3\n"
	    "FOURPOST_EVENT=289\n"
	    "MESSAGE_ID=7c1f3a9e52d84b06a4e0c9d100000121\n"
	    "LINK=paris\n"
	    "MTS_ID=[C=DE;A=VIAT;P=ACME;1-2]\n");
	LOG_EVENT(EVENT_STARTED);
	ck_assert_ptr_nonnull(strstr(take(), "PRIORITY=6\n"));
	ck_assert_ptr_null(strstr(text, "LINK="));
	ck_assert_ptr_null(strstr(text, "MTS_ID="));
	remove_journal();
}
END_TEST

START_TEST(peers_add_no_fields)
{
	open_journal();
	LOG_EVENT(EVENT_NOT_OPENED, LOG_STRING("link", "a\nPRIORITY=0"),
	    LOG_STRING("mts_id", "b\n_UID=0"));
	ck_assert_ptr_nonnull(strstr(take(), "\nLINK=a\\x0aPRIORITY=0\n"));
	ck_assert_ptr_null(strstr(text, "\nPRIORITY=0"));
	ck_assert_ptr_null(strstr(text, "\n_UID"));
	remove_journal();
}
END_TEST

START_TEST(longest_lines_fit)
{
	static char value[5000];

	memset(value, 'x', sizeof(value) - 1);
	open_journal();
	LOG_EVENT(EVENT_STARTED, LOG_STRING("link", value),
	    LOG_STRING("mts_id", value));
	ck_assert_ptr_nonnull(strstr(take(), " [cut]\nFOURPOST_EVENT=9298\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nLINK=xxx"));
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	remove_journal();
}
END_TEST

/* A journal that takes nothing makes nobody wait; the lost lines are told. */
START_TEST(a_full_journal_loses_lines_and_says_so)
{
	unsigned taken = 0, i;

	open_journal();
	for (i = 0; i < 2000; i++)
		LOG_EVENT(EVENT_STARTED);
	while (take()[0] != '\0')
		taken++;
	ck_assert_uint_lt(taken, 2000);
	LOG_EVENT(EVENT_STOPPED);
	ck_assert_ptr_nonnull(strstr(take(), "FOURPOST_EVENT=20005\n"));
	ck_assert_ptr_nonnull(strstr(take(), "FOURPOST_EVENT=20002\n"));
	remove_journal();
}
END_TEST

START_TEST(a_redirected_descriptor_is_not_the_journal)
{
	char stream[64];
	struct stat st;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(fstat(ends[1], &st), 0);
	(void)unsetenv("JOURNAL_STREAM");
	ck_assert(!journal_is_behind(ends[1]));
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	ck_assert(journal_is_behind(ends[1]));
	ck_assert_int_eq(dup2(open("/dev/null", O_WRONLY), ends[1]), ends[1]);
	ck_assert(!journal_is_behind(ends[1]));
	(void)setenv("JOURNAL_STREAM", "nonsense", 1);
	ck_assert(!journal_is_behind(ends[1]));
	ck_assert_int_eq(journal_open("/nonexistent/socket"), -1);
}
END_TEST

TEST_MAIN("base/journal", TEST(fields_of_an_entry), TEST(peers_add_no_fields),
    TEST(longest_lines_fit), TEST(a_full_journal_loses_lines_and_says_so),
    TEST(a_redirected_descriptor_is_not_the_journal))
