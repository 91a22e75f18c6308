/* SPDX-License-Identifier: ISC */
/*
 * letter.c - message files of a postoffice; see letter.h
 */
#include "tests/system/letter.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"

void
letter_write(const char *path, const char *from, const char *to, char priority,
    const char *subject, const char *text, const void *attachment,
    size_t attachment_length)
{
	size_t head, total, text_length = strlen(text);
	char *data, list[64] = "";

	if (attachment != NULL)
		snprintf(list, sizeof(list), "ATTACHMENTS:data.bin %zu\r\n",
		    attachment_length);
	data = malloc(4096 + text_length + attachment_length);
	ck_assert_ptr_nonnull(data);
	head = (size_t)snprintf(data, 4096,
	    "VERSION:3.00\r\nTO:%s\r\nFROM:%s\r\nSUBJECT:%s\r\n"
	    "PRIORITY:%c\r\n%s"
	    "TEXT:%zu\r\n",
	    to, from, subject, priority, list, text_length);
	memcpy(data + head, text, text_length);
	total = head + text_length;
	if (attachment != NULL)
		memcpy(data + total, attachment, attachment_length);
	suite_write(path, data, total + attachment_length);
	free(data);
}

/* field - copy the value of a line if it is of this token */
static int
field(const char *line, const char *token, char *to, size_t size)
{
	size_t n = strlen(token);

	if (strncasecmp(line, token, n) != 0 || line[n] != ':')
		return 0;
	strlcpy(to, line + n + 1, size);
	return 1;
}

/* attachments - find "name size" of the first line of that token */
static void
attachments(struct letter *letter, const char *value)
{
	const char *blank = strrchr(value, ' ');

	ck_assert_ptr_nonnull(blank);
	if (letter->attachment_name[0] != '\0')
		return;
	snprintf(letter->attachment_name, sizeof(letter->attachment_name),
	    "%.*s", (int)(blank - value), value);
	letter->attachment_length = strtoul(blank + 1, NULL, 10);
}

void
letter_read(const char *path, struct letter *letter)
{
	char value[512], line[1024];
	size_t at = 0;

	*letter = (struct letter){0};
	letter->data = suite_read(path, &letter->length);
	ck_assert_msg(letter->data != NULL, "%s: not there", path);
	for (;;) {
		char *end = strstr(letter->data + at, "\r\n");

		ck_assert_msg(end != NULL, "%s: no TEXT line", path);
		snprintf(line, sizeof(line), "%.*s",
		    (int)(end - letter->data - (ptrdiff_t)at),
		    letter->data + at);
		at = (size_t)(end - letter->data) + 2;
		if (field(line, "TO", value, sizeof(value))) {
			if (letter->to_count++ == 0)
				strlcpy(letter->to, value, sizeof(letter->to));
		} else if (field(line, "ATTACHMENTS", value, sizeof(value))) {
			attachments(letter, value);
		} else if (field(line, "TEXT", value, sizeof(value))) {
			letter->text_length = strtoul(value, NULL, 10);
			break;
		} else if (!field(line, "FROM", letter->from,
			       sizeof(letter->from)) &&
		    !field(line, "SUBJECT", letter->subject,
			sizeof(letter->subject))) {
			(void)field(line, "PRIORITY", letter->priority,
			    sizeof(letter->priority));
		}
	}
	letter->text = letter->data + at;
	ck_assert_uint_le(at + letter->text_length, letter->length);
	if (letter->attachment_name[0] != '\0') {
		letter->attachment = letter->text + letter->text_length;
		ck_assert_uint_le(
		    at + letter->text_length + letter->attachment_length,
		    letter->length);
	}
}

void
letter_free(struct letter *letter)
{
	free(letter->data);
	*letter = (struct letter){0};
}

void
letter_fill(uint8_t *octets, size_t length, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15U + 0x1234567;

	for (size_t i = 0; i < length; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		octets[i] = (uint8_t)(x >> 32);
	}
}
