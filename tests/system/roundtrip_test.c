/* SPDX-License-Identifier: ISC */
/*
 * roundtrip_test.c - from one postoffice to another and back, byte for byte
 *
 * A message with three attachments (octets of every value, 20 MB, one whose
 * name is a path) goes from PO1 through two suites to PO2.  The reply goes to
 * the address that its FROM line has, with what was attached to it.
 */
#include <dirent.h>
#include <string.h>

#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define LARGE	    ((size_t)20 * 1024 * 1024)
#define ATTACHMENTS 3
#define PATH_ROOM   (SUITE_PATH * 3)

static struct pair pair;

struct attachment {
	char name[64];
	const uint8_t *octets;
	size_t length;
};

/* compose - write a message file with these attachments, in one rename */
static void
compose(const char *path, const char *from, const char *to, const char *text,
    const struct attachment *list)
{
	size_t total = strlen(text) + 2048, at;
	char *file;

	for (unsigned i = 0; i < ATTACHMENTS; i++)
		total += list[i].length;
	file = malloc(total);
	ck_assert_ptr_nonnull(file);
	at = (size_t)snprintf(file, total,
	    "VERSION:3.00\r\nTO:%s\r\nFROM:%s\r\nDATE:2026-11-22\r\n"
	    "TIME:12:34\r\nSUBJECT:There and back\r\nPRIORITY:R\r\n",
	    to, from);
	for (unsigned i = 0; i < ATTACHMENTS; i++)
		at += (size_t)snprintf(file + at, total - at,
		    "ATTACHMENTS:%s %zu\r\n", list[i].name, list[i].length);
	at += (size_t)snprintf(
	    file + at, total - at, "TEXT:%zu\r\n%s", strlen(text), text);
	for (unsigned i = 0; i < ATTACHMENTS; i++) {
		memcpy(file + at, list[i].octets, list[i].length);
		at += list[i].length;
	}
	suite_write(path, file, at);
	free(file);
}

/* only_file - find the one file of a directory whose name ends in .P1 and
 * whose subject is ours: reports lie beside it */
static void
only_file(const char *directory, struct letter *letter)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	unsigned found = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct letter one;
		char path[PATH_ROOM];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		letter_read(path, &one);
		if (strcmp(one.subject, "There and back") != 0) {
			letter_free(&one);
			continue;
		}
		*letter = one;
		found++;
	}
	closedir(dir);
	ck_assert_uint_eq(found, 1);
}

/* check - check that text and attachments are what was sent; take their
 * names */
static void
check(const struct letter *letter, const char *text, struct attachment *list)
{
	const char *line = letter->data;
	const uint8_t *at = (const uint8_t *)letter->text;

	ck_assert_uint_eq(letter->text_length, strlen(text));
	ck_assert_int_eq(memcmp(letter->text, text, strlen(text)), 0);
	at += letter->text_length;
	for (unsigned i = 0; i < ATTACHMENTS; i++) {
		size_t length = 0;
		char name[64] = "";

		line = strstr(line, "ATTACHMENTS:");
		ck_assert_ptr_nonnull(line);
		ck_assert_int_eq(
		    sscanf(line, "ATTACHMENTS:%63s %zu", name, &length), 2);
		line += strlen("ATTACHMENTS:");
		ck_assert_uint_eq(length, list[i].length);
		ck_assert_int_eq(memcmp(at, list[i].octets, length), 0);
		at += length;
		strlcpy(list[i].name, name, sizeof(list[i].name));
	}
	ck_assert_ptr_eq(at, letter->data + letter->length);
}

START_TEST(there_and_back)
{
	static const char text[] = "Gr\xc3\xbc\xc3\x9f"
				   "e \xe2\x82\xac\r\n";
	struct attachment list[ATTACHMENTS] = {{"ALL.BIN", NULL, 256},
	    {"LARGE.DAT", NULL, LARGE}, {"..\\\\evil", NULL, 4}};
	uint8_t all[256], *large = malloc(LARGE);
	char path[PATH_ROOM], evil[] = "evil";
	struct letter letter;

	ck_assert_ptr_nonnull(large);
	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	letter_fill(large, LARGE, 20);
	list[0].octets = all;
	list[1].octets = large;
	list[2].octets = (const uint8_t *)evil;
	suite_begin("roundtrip");
	pair_start(&pair, PAIR_DIRECT, "");
	snprintf(path, sizeof(path), "%s/THERE.MSG", pair.a_in);
	compose(path, "Alice Liddell [" PAIR_ALICE_BOX "]", "X400:" PAIR_BOB,
	    text, list);
	pair_wait_files(pair.b_out, 1, 120);
	only_file(pair.b_out, &letter);
	ck_assert_str_eq(letter.priority, "R");
	check(&letter, text, list);
	ck_assert_str_eq(list[0].name, "ALL.BIN");
	ck_assert_str_eq(list[1].name, "LARGE.DAT");
	ck_assert_str_eq(list[2].name, "evil");
	/* the registered one was told that it has arrived */
	pair_wait_files(pair.a_out, 1, 60);
	/* back to who is said to have sent it */
	snprintf(path, sizeof(path), "%s/BACK.MSG", pair.b_in);
	compose(path, PAIR_BOB_BOX, letter.from, text, list);
	letter_free(&letter);
	pair_wait_files(pair.a_out, 2, 120);
	only_file(pair.a_out, &letter);
	ck_assert_str_eq(letter.to, "ACME/PO1/ALICE");
	check(&letter, text, list);
	ck_assert_str_eq(list[2].name, "evil");
	letter_free(&letter);
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 0);
	ck_assert_uint_eq(suite_count_files(pair.b_bad), 0);
	pair_wait_empty(&pair, 60);
	pair_stop(&pair);
	pair_check(&pair);
	suite_end();
	free(large);
}
END_TEST

TEST_MAIN("system/roundtrip", TEST_LONG(there_and_back, 300))
