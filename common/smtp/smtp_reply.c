/* SPDX-License-Identifier: ISC */
/*
 * smtp_reply.c - a reply of an SMTP server (RFC 5321 4.2, RFC 2034)
 *
 * A line may end with LF alone: nothing of ours follows from it.
 */
#include "smtp/smtp_reply.h"

#include <ctype.h>
#include <stdio.h>

/* read_code - read three digits, or 0 */
static unsigned
read_code(struct slice line)
{
	if (line.len < 3 || line.data[0] < '2' || line.data[0] > '5' ||
	    !isdigit(line.data[1]) || !isdigit(line.data[2]))
		return 0;
	return (line.data[0] - '0') * 100U + (line.data[1] - '0') * 10U +
	    (line.data[2] - '0');
}

/* read_number - read up to three digits; how many, or 0 */
static size_t
read_number(struct slice text, unsigned *number)
{
	size_t len = 0;

	*number = 0;
	while (len < text.len && len < 4 && isdigit(text.data[len]))
		*number = *number * 10 + (text.data[len++] - '0');
	return len > 3 ? 0 : len;
}

/* read_enhanced - read "5.1.1 " before the text of a line; its length, or 0 */
static size_t
read_enhanced(struct slice text, struct smtp_reply *reply)
{
	unsigned part[3];
	size_t used = 0;

	for (unsigned i = 0; i < 3; i++) {
		size_t len = read_number(
		    slice_of(text.data + used, text.len - used), &part[i]);
		uint8_t after =
		    used + len < text.len ? text.data[used + len] : ' ';

		if (len == 0 || after != (i < 2 ? '.' : ' '))
			return 0;
		used += len + (used + len < text.len);
	}
	if (part[0] != reply->code / 100)
		return 0;
	reply->class = part[0];
	reply->topic = part[1];
	reply->detail = part[2];
	return used;
}

/* add_text - add the text of a line, without what is not printable */
static void
add_text(struct smtp_reply *reply, struct slice text)
{
	size_t len = strlen(reply->text);

	for (size_t i = 0; i < text.len && len + 2 < sizeof(reply->text); i++)
		reply->text[len++] = text.data[i] >= ' ' && text.data[i] <= '~'
		    ? (char)text.data[i]
		    : '?';
	if (len + 1 < sizeof(reply->text))
		reply->text[len++] = '\n';
	reply->text[len] = '\0';
}

/* read_line - read one line of a reply: 1 if it is the last, 0 if not */
static int
read_line(struct slice line, struct smtp_reply *reply, bool first)
{
	unsigned code = read_code(line);
	struct slice text;

	if (code == 0 || (!first && code != reply->code) ||
	    (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-'))
		return ERR_SYNTAX;
	reply->code = code;
	text = line.len > 4 ? slice_of(line.data + 4, line.len - 4)
			    : (struct slice){0};
	if (text.len > 0) {
		size_t used = read_enhanced(text, reply);

		text = slice_of(text.data + used, text.len - used);
	}
	add_text(reply, text);
	return line.len == 3 || line.data[3] == ' ';
}

/* smtp_reply_take - take a whole reply from a buffer */
int
smtp_reply_take(struct buffer *in, struct smtp_reply *reply)
{
	struct slice all = buffer_slice(in);
	struct smtp_reply got = {0};
	size_t used = 0;

	if (all.len == 0)
		return 0;
	for (unsigned lines = 0; lines < SMTP_REPLY_LINES; lines++) {
		const uint8_t *from = all.data + used;
		const uint8_t *end =
		    used == all.len ? NULL : memchr(from, '\n', all.len - used);
		size_t len =
		    end == NULL ? all.len - used : (size_t)(end - from);
		int last;

		if (len > SMTP_REPLY_LINE_MAX)
			return ERR_LIMIT;
		if (end == NULL)
			return 0;
		used += len + 1;
		len -= len > 0 && from[len - 1] == '\r';
		last = read_line(slice_of(from, len), &got, lines == 0);
		if (last < 0)
			return last;
		if (last > 0) {
			buffer_consume(in, used);
			*reply = got;
			return 1;
		}
	}
	return ERR_LIMIT;
}

/* smtp_reply_succeeds - tell whether a reply says that it is done */
bool
smtp_reply_succeeds(const struct smtp_reply *reply)
{
	return reply->code / 100 == 2;
}

/* smtp_reply_format - write code, enhanced code and first line of a reply */
void
smtp_reply_format(const struct smtp_reply *reply, char *text, size_t size)
{
	int len = (int)strcspn(reply->text, "\n");

	if (reply->class != 0)
		(void)snprintf(text, size, "%u %u.%u.%u %.*s", reply->code,
		    reply->class, reply->topic, reply->detail, len,
		    reply->text);
	else
		(void)snprintf(
		    text, size, "%u %.*s", reply->code, len, reply->text);
}
