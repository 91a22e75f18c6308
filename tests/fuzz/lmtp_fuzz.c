/* SPDX-License-Identifier: ISC */
/*
 * lmtp_fuzz.c - a client of LMTP that sends anything
 *
 * Pushed whole and in pieces the input must come to the same replies and the
 * same content.
 */
#include <stdlib.h>

#include "smtp/lmtp_server.h"

#define INPUT_MAX 4096

/* What came of an input. */
struct result {
	struct buffer out, content;
	size_t whole; /* of content: what messages had that came to their end */
};

/* on_event - answer as a caller does */
static void
on_event(
    struct lmtp_server *server, struct result *result, enum lmtp_event event)
{
	unsigned due = server->recipients;

	if (event == LMTP_MAIL || event == LMTP_RECIPIENT)
		lmtp_server_reply(server, 250, "2.1.0", "taken");
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
		lmtp_server_reply(server, 250, "2.6.0", "taken");
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

		if (lmtp_server_push(&server, slice_of(input.data + i, len)) !=
		    0)
			abort();
		do {
			event = lmtp_server_next(&server);
			on_event(&server, result, event);
		} while (event != LMTP_NOTHING && event != LMTP_CLOSE);
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
