/* SPDX-License-Identifier: ISC */
/*
 * smtp_fuzz.c - a server of SMTP that says anything, and any content through
 * our client into our LMTP
 *
 * The first octet chooses.  A content that the client sends comes out of the
 * server as it was.
 */
#include <stdlib.h>

#include "smtp/lmtp_server.h"
#include "smtp/smtp_client.h"

static const struct smtp_recipient recipient = {"a@b.c", "NEVER", "x400;x"};
static const struct smtp_transaction transaction = {
    .from = "", .recipients = &recipient, .count = 1};

/* try_server - let a server say anything */
static void
try_server(struct slice input)
{
	struct smtp_client client;
	enum smtp_event event;

	smtp_client_init(&client, "mta", SMTP_TLS_MAY);
	if (smtp_client_push(&client, input) != 0)
		abort();
	while ((event = smtp_client_next(&client)) != SMTP_NOTHING) {
		if (event == SMTP_READY &&
		    smtp_client_begin(&client, &transaction) != 0)
			break;
		if (event == SMTP_CONTENT &&
		    smtp_client_content_end(&client) != 0)
			break;
		if (event == SMTP_TLS && smtp_client_secured(&client) != 0)
			break;
	}
	smtp_client_fini(&client);
}

/* try_content - send a content, and read it again */
static void
try_content(struct slice content)
{
	static struct lmtp_server server;
	struct smtp_client client;
	struct buffer got;
	enum lmtp_event event;

	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	buffer_init(&got, 1 << 20);
	if (smtp_client_push(&client, slice_of_string("220 a\r\n250 b\r\n")) !=
		0 ||
	    smtp_client_next(&client) != SMTP_READY ||
	    smtp_client_begin(&client, &transaction) != 0 ||
	    smtp_client_push(
		&client, slice_of_string("250 c\r\n250 d\r\n354 e\r\n")) != 0 ||
	    smtp_client_next(&client) != SMTP_RECIPIENT ||
	    smtp_client_next(&client) != SMTP_CONTENT)
		abort();
	buffer_reset(&client.out);
	if (smtp_client_content(&client, content) == 0 &&
	    smtp_client_content_end(&client) == 0) {
		if (lmtp_server_init(&server, "mta", 0) != 0 ||
		    lmtp_server_push(&server,
			slice_of_string("LHLO a\r\nMAIL FROM:<>\r\n"
					"RCPT TO:<a>\r\nDATA\r\n")) != 0 ||
		    lmtp_server_push(&server, buffer_slice(&client.out)) != 0)
			abort();
		do {
			event = lmtp_server_next(&server);
			if (event == LMTP_MAIL || event == LMTP_RECIPIENT)
				lmtp_server_reply(&server, 250, "2.0.0", "");
			if (event == LMTP_CONTENT &&
			    buffer_append(&got, server.content.data,
				server.content.len) != 0)
				abort();
		} while (event != LMTP_END && event != LMTP_NOTHING);
		if (event != LMTP_END || buffer_length(&got) < content.len ||
		    !slice_equal(content,
			slice_of(buffer_slice(&got).data, content.len)))
			abort();
		lmtp_server_fini(&server);
	}
	buffer_fini(&got);
	smtp_client_fini(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 30000)
		return 0;
	if (data[0] % 2 == 0)
		try_server(slice_of(data + 1, size - 1));
	else
		try_content(slice_of(data + 1, size - 1));
	return 0;
}
