/* SPDX-License-Identifier: ISC */
/*
 * lmtp_fuzz.c - a client of LMTP that sends anything
 *
 * Pushed whole and in pieces the input must come to the same replies and the
 * same content.  Whatever it says, what it gets are lines of a code and
 * printable text, one for each command and recipient.
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/lmtp_server.h"
#include "tests/lmtp_push.h"

#define INPUT_MAX 8192

/* What came of an input. */
struct result {
	struct buffer out, content;
	size_t whole; /* of content: what messages had that came to their end */
};

/* answer - answer as an address asks for; the text is the client's own */
static void
answer(struct lmtp_server *server, const char *address)
{
	if (lmtp_server_between(server))
		abort();
	if (strchr(address, '!') != NULL)
		lmtp_server_reply(server, 550, "5.1.1", address);
	else if (strchr(address, '?') != NULL)
		lmtp_server_reply(server, 451, "4.3.0", address);
	else
		lmtp_server_reply(server, 250, "2.1.0", address);
}

/* check_lines - check that what a client gets are lines of replies */
static void
check_lines(struct slice out)
{
	for (size_t at = 0; at < out.len;) {
		const uint8_t *line = out.data + at;
		const uint8_t *end = memchr(line, '\r', out.len - at);
		size_t len = end == NULL ? 0 : (size_t)(end - line);

		if (len < 4 || len > 512 || at + len + 2 > out.len ||
		    end[1] != '\n' || line[0] < '2' || line[0] > '5' ||
		    (line[3] != ' ' && line[3] != '-'))
			abort();
		for (size_t i = 0; i < len; i++)
			if (line[i] < ' ' || line[i] > '~')
				abort();
		at += len + 2;
	}
}

/* on_event - answer as a caller does */
static void
on_event(
    struct lmtp_server *server, struct result *result, enum lmtp_event event)
{
	unsigned due = server->recipients;

	if (event == LMTP_MAIL)
		answer(server, server->mail.from);
	else if (event == LMTP_RECIPIENT)
		answer(server, server->recipient.to);
	else if (event == LMTP_CONTENT &&
	    buffer_append(&result->content, server->content.data,
		server->content.len) != 0)
		abort();
	if (event == LMTP_ABANDONED || event == LMTP_CLOSE)
		buffer_truncate(&result->content, result->whole);
	if (event != LMTP_END)
		return;
	result->whole = buffer_length(&result->content);
	for (unsigned i = 0; i < due; i++)
		lmtp_server_reply(server, i % 2 == 0 ? 250 : 452,
		    i % 2 == 0 ? "2.6.0" : "4.3.1", "answered");
}

/* run - push an input in pieces */
static void
run(struct slice input, size_t piece, struct result *result)
{
	static struct lmtp_server server;
	enum lmtp_event event = LMTP_NOTHING;

	buffer_init(&result->out, 1 << 20);
	buffer_init(&result->content, 1 << 20);
	result->whole = 0;
	if (lmtp_server_init(&server, "mta", 2000) != 0)
		abort();
	for (size_t i = 0; i < input.len && event != LMTP_CLOSE; i += piece) {
		size_t len = input.len - i < piece ? input.len - i : piece;

		if (lmtp_server_room(&server) < len ||
		    lmtp_push(&server, slice_of(input.data + i, len)) != 0)
			abort();
		do {
			event = lmtp_server_next(&server);
			on_event(&server, result, event);
		} while (event != LMTP_NOTHING && event != LMTP_CLOSE);
		check_lines(buffer_slice(&server.out));
		if (buffer_append(&result->out, buffer_slice(&server.out).data,
			buffer_length(&server.out)) != 0)
			abort();
		buffer_reset(&server.out);
	}
	buffer_truncate(&result->content, result->whole);
	lmtp_server_fini(&server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;

	if (size < 1 || size > INPUT_MAX)
		return 0;
	run(slice_of(data + 1, size - 1), size, &whole);
	run(slice_of(data + 1, size - 1), 1 + data[0] % 16, &pieces);
	if (!slice_equal(buffer_slice(&whole.out), buffer_slice(&pieces.out)) ||
	    !slice_equal(
		buffer_slice(&whole.content), buffer_slice(&pieces.content)))
		abort();
	buffer_fini(&whole.out);
	buffer_fini(&whole.content);
	buffer_fini(&pieces.out);
	buffer_fini(&pieces.content);
	return 0;
}
