/* SPDX-License-Identifier: ISC */
/*
 * smtp_fuzz.c - a server of SMTP that says anything, and any content through
 * our client into our LMTP
 *
 * The first octet chooses.  A content that the client sends comes out of the
 * server as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/lmtp_server.h"
#include "smtp/smtp_client.h"
#include "tests/lmtp_push.h"

#define EVENTS_MAX 4096
#define PIECES_MAX 2000 /* octets, one by one: each is looked at often */

static const struct smtp_recipient recipients[] = {
    {"a@b.c", "NEVER", "x400;x"}, {"d@e.f", NULL, NULL}};
static const struct smtp_transaction transaction = {.from = "",
    .envid = "1",
    .size = 5,
    .eight_bit = true,
    .recipients = recipients,
    .count = 2};

/* A session with a server, as far as its words went. */
struct session {
	struct smtp_client client;
	struct buffer said; /* by us */
	uint8_t events[EVENTS_MAX];
	size_t count;
	size_t asked; /* recipients that were answered for, of a transaction */
	bool probe, ended;
};

/* on_event - do what the caller of the client does; false: the session is
 * over */
static bool
on_event(struct session *s, enum smtp_event event)
{
	struct smtp_transaction t = transaction;
	static struct smtp_transaction probe;

	switch (event) {
	case SMTP_READY:
		probe = t;
		probe.probe = true;
		s->asked = 0;
		return smtp_client_begin(
			   &s->client, s->probe ? &probe : &transaction) == 0;
	case SMTP_RECIPIENT:
		/* Each is answered for once, in order. */
		if (s->client.recipient != s->asked++ ||
		    s->asked > transaction.count)
			abort();
		return true;
	case SMTP_CONTENT:
		if (s->probe || s->asked != transaction.count ||
		    smtp_client_in_doubt(&s->client))
			abort();
		return smtp_client_content(
			   &s->client, slice_of_string("a\r\n")) == 0 &&
		    smtp_client_content_end(&s->client) == 0 &&
		    smtp_client_in_doubt(&s->client);
	case SMTP_SENT:
	case SMTP_NOT_SENT:
		/* The server has said what became of it. */
		if (smtp_client_in_doubt(&s->client))
			abort();
		return true;
	case SMTP_TLS:
		return smtp_client_secured(&s->client) == 0;
	case SMTP_NOTHING:
	case SMTP_REFUSED:
	case SMTP_CLOSED:
	case SMTP_BROKEN:
		break;
	}
	return false;
}

/* hear - have the session go on with more of the server's words */
static void
hear(struct session *s, struct slice words)
{
	enum smtp_event event;

	if (s->ended)
		return;
	if (smtp_client_push(&s->client, words) != 0)
		abort();
	while (!s->ended &&
	    (event = smtp_client_next(&s->client)) != SMTP_NOTHING) {
		if (s->count == EVENTS_MAX)
			s->ended = true;
		else
			s->events[s->count++] = (uint8_t)event;
		s->ended = s->ended || !on_event(s, event);
		if (buffer_append(&s->said, buffer_slice(&s->client.out).data,
			buffer_length(&s->client.out)) != 0)
			s->ended = true;
		buffer_reset(&s->client.out);
	}
}

/* begin - begin a session */
static void
begin(struct session *s, enum smtp_tls tls, bool probe)
{
	*s = (struct session){.probe = probe};
	buffer_init(&s->said, 16 << 20);
	smtp_client_init(&s->client, "mta", tls);
}

/* end - end it */
static void
end(struct session *s)
{
	smtp_client_fini(&s->client);
	buffer_fini(&s->said);
}

/* try_server - let a server say anything: it makes no difference in which
 * pieces, unless TLS begins, where what came too early is dropped */
static void
try_server(struct slice input, enum smtp_tls tls, bool probe)
{
	static struct session whole, pieces;

	begin(&whole, tls, probe);
	hear(&whole, input);
	begin(&pieces, tls, probe);
	for (size_t i = 0; input.len <= PIECES_MAX && i < input.len; i++)
		hear(&pieces, slice_of(input.data + i, 1));
	if (tls == SMTP_TLS_NONE && input.len <= PIECES_MAX &&
	    (whole.count != pieces.count ||
		memcmp(whole.events, pieces.events, whole.count) != 0 ||
		!slice_equal(
		    buffer_slice(&whole.said), buffer_slice(&pieces.said))))
		abort();
	end(&whole);
	end(&pieces);
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
	    smtp_client_push(&client,
		slice_of_string("250 c\r\n250 d\r\n250 d\r\n354 e\r\n")) != 0 ||
	    smtp_client_next(&client) != SMTP_RECIPIENT ||
	    smtp_client_next(&client) != SMTP_RECIPIENT ||
	    smtp_client_next(&client) != SMTP_CONTENT)
		abort();
	buffer_reset(&client.out);
	if (smtp_client_content(&client, content) == 0 &&
	    smtp_client_content_end(&client) == 0) {
		if (lmtp_server_init(&server, "mta", 0) != 0 ||
		    lmtp_push(&server,
			slice_of_string("LHLO a\r\nMAIL FROM:<>\r\n"
					"RCPT TO:<a>\r\nDATA\r\n")) != 0 ||
		    lmtp_push(&server, buffer_slice(&client.out)) != 0)
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
		try_server(slice_of(data + 1, size - 1),
		    (data[0] & 2) != 0	     ? SMTP_TLS_NONE
			: (data[0] & 4) != 0 ? SMTP_TLS_REQUIRE
					     : SMTP_TLS_MAY,
		    (data[0] & 8) != 0);
	else
		try_content(slice_of(data + 1, size - 1));
	return 0;
}
