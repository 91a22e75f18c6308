/* SPDX-License-Identifier: ISC */
/*
 * bad_files.c - the ways in which a file can be bad; see bad_files.h
 */
#include <sys/stat.h>

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/bad_files.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"

#define V    "VERSION:3.00\r\n"
#define FROM "FROM:" PAIR_ALICE_BOX "\r\n"
#define TO   "TO:X400:" PAIR_BOB "\r\n"
#define TEXT "TEXT:4\r\nbody"

/* How a file is made that is no text alone. */
enum special {
	PLAIN,
	NOTHING,     /* no octet */
	JUNK,	     /* random octets */
	NULS,	     /* zeros in the header */
	LONG_LINE,   /* a line of 10,000 octets */
	LONG_NAME,   /* a recipient of 300 */
	RECIPIENTS,  /* 4,200 of them */
	HEADER,	     /* a header of more than 1 MB */
	ATTACHMENTS, /* 1,200 of them */
	SPARSE,	     /* a gigabyte of nothing after the text */
	DIRECTORY,
	LINK,
	FIFO,
	UNREADABLE
};

static const struct {
	struct bad_way way;
	enum special special;
	const char *text;
} ways[] = {
    {{"empty", "without a TEXT line", false}, NOTHING, NULL},
    {{"junk", "reason: 14", false}, JUNK, NULL},
    {{"zeros in the header", "reason: 14", true}, NULS, NULL},
    {{"cut in the header, nobody known", "without a TEXT line", false}, PLAIN,
	V TO},
    {{"cut in the header", "without a TEXT line", true}, PLAIN, V FROM TO},
    {{"no recipient", "no TO line", true}, PLAIN, V FROM TEXT},
    {{"no sender", "no FROM line", false}, PLAIN, V TO TEXT},
    {{"two names of three", "142-1-3", true}, PLAIN,
	V FROM "TO:CSI:ACME/PO2\r\n" TEXT},
    {{"a name too long", "142-1-3", true}, PLAIN,
	V FROM "TO:CSI:ACME/TOOLONGNAME1/BOB\r\n" TEXT},
    {{"a control in an address", "142-1-3", true}, PLAIN,
	V FROM "TO:X400:C=FR;A=\001\r\n" TEXT},
    {{"no attribute of X.400", "142-1-3", true}, PLAIN,
	V FROM "TO:X400:Q9=foo\r\n" TEXT},
    {{"an empty address", "142-1-3", true}, PLAIN, V FROM "TO:\r\n" TEXT},
    {{"no good one among several", "142-1-3", true}, PLAIN,
	V FROM "TO:CSI://\r\nTO:X400:Q9=foo\r\n" TEXT},
    {{"a sender that is none", "142-1-2", false}, PLAIN,
	V "FROM:CSI:NONSENSE\r\n" TO TEXT},
    {{"an unknown token", "FOO", true}, PLAIN, V FROM TO "FOO:bar\r\n" TEXT},
    {{"a line without a colon", "144-1-4", true}, PLAIN,
	V FROM TO "hello\r\n" TEXT},
    {{"priority 9", "PRIORITY", true}, PLAIN, V FROM TO "PRIORITY:9\r\n" TEXT},
    {{"priority X", "PRIORITY", true}, PLAIN, V FROM TO "PRIORITY:X\r\n" TEXT},
    {{"no priority", "PRIORITY", true}, PLAIN, V FROM TO "PRIORITY:\r\n" TEXT},
    {{"a size that is none", "TEXT with tail", true}, PLAIN,
	V FROM TO "TEXT:abc\r\nbody"},
    {{"a size beyond numbers", "TEXT with tail", true}, PLAIN,
	V FROM TO "TEXT:99999999999999999999\r\nbody"},
    {{"text cut short", "the file ends before", true}, PLAIN,
	V FROM TO "TEXT:99999\r\nshort"},
    {{"attachment cut short", "the file ends before", true}, PLAIN,
	V FROM TO "ATTACHMENTS:a.bin 5000\r\n" TEXT},
    {{"more than announced", "there is more", true}, PLAIN,
	V FROM TO "TEXT:2\r\nab and more"},
    {{"attachment without size", "ATTACHMENTS", true}, PLAIN,
	V FROM TO "ATTACHMENTS:a.bin\r\n" TEXT},
    {{"missing attachment file", "ATT/missing.bin", true}, PLAIN,
	V FROM TO "XATTACH:missing.bin\r\n" TEXT},
    {{"missing text file", "ATT/missing.txt", true}, PLAIN,
	V FROM TO "XTEXT:missing.txt\r\n"},
    {{"a text file that is a path", "146-1-4", true}, PLAIN,
	V FROM TO "XTEXT:..\r\n"},
    {{"no version", "VERSION comes first", true}, PLAIN, FROM TO TEXT},
    {{"a second version", "VERSION", true}, PLAIN, V FROM TO V TEXT},
    {{"a second sender", "a second FROM", true}, PLAIN, V FROM TO FROM TEXT},
    {{"an endless line", "line of more than", true}, LONG_LINE, NULL},
    {{"a recipient of 300 octets", "more than 256", true}, LONG_NAME, NULL},
    {{"an endless recipient list", "more than 4096", true}, RECIPIENTS, NULL},
    {{"an endless header", "145-1-", true}, HEADER, NULL},
    {{"too many attachments", "more than 1000", true}, ATTACHMENTS, NULL},
    {{"a gigabyte of padding", "after text and attachments", true}, SPARSE,
	NULL},
    {{"a directory", "a directory", false}, DIRECTORY, NULL},
    {{"a symbolic link", "a symbolic link", false}, LINK, NULL},
    {{"a pipe", "a device, pipe or socket", false}, FIFO, NULL},
    {{"an unreadable file", "cannot be opened", false}, UNREADABLE, V FROM TO},
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

size_t
bad_ways(void)
{
	return WAYS;
}

const struct bad_way *
bad_way(size_t number)
{
	return &ways[number].way;
}

/* repeat - write a header with a line many times */
static char *
repeat(const char *line, unsigned times, const char *end)
{
	size_t size = strlen(line) * times + strlen(V FROM TO) + strlen(end);
	char *text = malloc(size + 1), *at;

	ck_assert_ptr_nonnull(text);
	at = stpcpy(text, V FROM TO);
	for (unsigned i = 0; i < times; i++)
		at = stpcpy(at, line);
	stpcpy(at, end);
	return text;
}

/* long_text - make a way that is text, but long */
static char *
long_text(enum special special)
{
	char *line, *text;
	size_t len = special == LONG_LINE ? 10000 : 300;

	if (special == RECIPIENTS)
		return repeat("TO:ACME/PO2/BOB\r\n", 4200, TEXT);
	if (special == ATTACHMENTS)
		return repeat("ATTACHMENTS:a 0\r\n", 1200, TEXT);
	if (special == HEADER)
		return repeat("SUBJECT:again and again\r\n", 50000, "");
	line = malloc(len + 16);
	ck_assert_ptr_nonnull(line);
	strcpy(line, "TO:FAX:");
	memset(line + 7, 'x', len);
	strcpy(line + 7 + len, "\r\n");
	ck_assert_int_gt(asprintf(&text, V FROM "%s%s%s",
			     special == LONG_LINE ? TO : "", line, TEXT),
	    0);
	free(line);
	return text;
}

/* make_octets - make a way that is a file of octets */
static void
make_octets(const char *path, size_t way)
{
	static const char nuls[] =
	    V FROM "SUBJECT:a\0b\r\nTO:CSI:A\0/B/C\r\n" TEXT;
	enum special special = ways[way].special;
	uint8_t junk[5000];
	char *text;

	if (special == PLAIN || special == UNREADABLE) {
		suite_write(path, ways[way].text, strlen(ways[way].text));
	} else if (special == NOTHING) {
		suite_write(path, "", 0);
	} else if (special == JUNK) {
		letter_fill(junk, sizeof(junk), way);
		suite_write(path, junk, sizeof(junk));
	} else if (special == NULS) {
		suite_write(path, nuls, sizeof(nuls) - 1);
	} else if (special == SPARSE) {
		suite_write(
		    path, V FROM TO TEXT "!", strlen(V FROM TO TEXT) + 1);
		ck_assert_int_eq(truncate(path, 1 << 30), 0);
	} else {
		text = long_text(special);
		suite_write(path, text, strlen(text));
		free(text);
	}
}

void
bad_file(const char *directory, const char *name, size_t way)
{
	char path[SUITE_PATH * 3], made[SUITE_PATH * 3];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(made, sizeof(made), "%s/.%s.TMP", directory, name);
	switch (ways[way].special) {
	case DIRECTORY:
		ck_assert_int_eq(mkdir(made, 0755), 0);
		suite_give(made);
		break;
	case LINK:
		ck_assert_int_eq(symlink("/etc/passwd", made), 0);
		break;
	case FIFO:
		ck_assert_int_eq(mkfifo(made, 0644), 0);
		break;
	case UNREADABLE:
		make_octets(made, way);
		ck_assert_int_eq(chmod(made, 0), 0);
		break;
	case PLAIN:
	case NOTHING:
	case JUNK:
	case NULS:
	case LONG_LINE:
	case LONG_NAME:
	case RECIPIENTS:
	case HEADER:
	case ATTACHMENTS:
	case SPARSE:
	default:
		make_octets(made, way);
		break;
	}
	ck_assert_int_eq(rename(made, path), 0);
}

void
bad_check(const char *bad, const char *name, size_t way)
{
	char path[SUITE_PATH * 3], *why;
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", bad, name);
	ck_assert_msg(lstat(path, &st) == 0, "%s (%s) is not in BAD", name,
	    ways[way].way.what);
	strlcat(path, ".why", sizeof(path));
	why = suite_read(path, NULL);
	ck_assert_msg(why != NULL, "%s: no reason", name);
	ck_assert_msg(strstr(why, ways[way].way.why) != NULL,
	    "%s (%s): not \"%s\" but %s", name, ways[way].way.what,
	    ways[way].way.why, why);
	ck_assert_msg((strstr(why, "was sent") != NULL) == ways[way].way.sender,
	    "%s (%s): %s", name, ways[way].way.what, why);
	free(why);
}

/* good_size - compute the size of the attachment of letter n; 0 if it has
 * none */
static size_t
good_size(unsigned n)
{
	return n % 3 == 0 ? 0 : (size_t)n * 37 % 5000 + 1;
}

/* good_text - write the text of letter n */
static void
good_text(unsigned n, char *text, size_t size)
{
	snprintf(text, size,
	    "Letter %u\r\n%.*s gr\xc3\xbc\xc3\x9f"
	    "e\r\n",
	    n, (int)(n % 60),
	    "..........................................................."
	    ".");
}

/* write_good - write letter n from Alice to these */
static void
write_good(const char *directory, const char *name, const char *to, unsigned n)
{
	char path[SUITE_PATH * 3], text[256], subject[32];
	uint8_t data[5001];
	size_t size = good_size(n);

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(subject, sizeof(subject), "good %u", n);
	good_text(n, text, sizeof(text));
	letter_fill(data, size, n);
	letter_write(path, PAIR_ALICE_BOX, to, '3', subject, text,
	    size > 0 ? data : NULL, size);
}

void
good_file(const char *directory, const char *name, unsigned n)
{
	write_good(directory, name, "X400:" PAIR_BOB, n);
}

void
half_good_file(const char *directory, const char *name, unsigned n)
{
	write_good(directory, name, "CSI://\r\nTO:X400:" PAIR_BOB "\r\nTO:", n);
}

/* check_letter - check that a letter is whole; return its number */
static unsigned
check_letter(const struct letter *letter, unsigned n)
{
	char text[256];
	uint8_t data[5001];
	unsigned i = 0;
	size_t size;

	ck_assert_msg(sscanf(letter->subject, "good %u", &i) == 1 && i < n,
	    "subject %s", letter->subject);
	good_text(i, text, sizeof(text));
	ck_assert_uint_eq(letter->text_length, strlen(text));
	ck_assert_int_eq(memcmp(letter->text, text, strlen(text)), 0);
	size = good_size(i);
	letter_fill(data, size, i);
	ck_assert_uint_eq(letter->attachment_length, size);
	if (size > 0)
		ck_assert_int_eq(memcmp(letter->attachment, data, size), 0);
	return i;
}

void
good_check(const char *directory, unsigned n)
{
	unsigned char *seen = calloc(n, 1);
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	unsigned missing = 0;

	ck_assert_ptr_nonnull(seen);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[SUITE_PATH * 3];
		struct letter letter;
		unsigned i;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		letter_read(path, &letter);
		if (strncmp(letter.subject, "good ", 5) == 0) {
			i = check_letter(&letter, n);
			ck_assert_msg(
			    seen[i]++ == 0, "letter %u is there twice", i);
		}
		letter_free(&letter);
	}
	closedir(dir);
	for (unsigned i = 0; i < n; i++)
		missing += seen[i] == 0;
	ck_assert_msg(missing == 0, "%u of %u letters are lost", missing, n);
	free(seen);
}

unsigned
log_count_both(const struct suite *suite, const char *text, const char *other)
{
	char path[SUITE_PATH + 32], *log, *line, *rest;
	unsigned count = 0;

	snprintf(path, sizeof(path), "%s/state/log", suite->directory);
	log = suite_read(path, NULL);
	ck_assert_ptr_nonnull(log);
	rest = log;
	while ((line = strsep(&rest, "\n")) != NULL)
		count +=
		    strstr(line, text) != NULL && strstr(line, other) != NULL;
	free(log);
	return count;
}

struct wanted_lines {
	const struct suite *suite;
	const char *text, *other;
	unsigned count;
};

/* has_lines - tell whether the log has as many lines as are wanted */
static bool
has_lines(void *arg)
{
	const struct wanted_lines *wanted = arg;

	return log_count_both(wanted->suite, wanted->text, wanted->other) >=
	    wanted->count;
}

void
log_wait_both(const struct suite *suite, const char *text, const char *other,
    unsigned count)
{
	struct wanted_lines wanted = {suite, text, other, count};

	suite_wait(other, 60, has_lines, &wanted);
	ck_assert_uint_eq(log_count_both(suite, text, other), count);
}

unsigned
log_count(const struct suite *suite, const char *text)
{
	return log_count_both(suite, text, text);
}
