/* SPDX-License-Identifier: ISC */
/*
 * relay.c - a connection to the SMTP server of a gateway
 */
#include "relay/relay.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "relay/relay_stream.h"

#define CONNECT_TIMEOUT 30000  /* ms */
#define HELLO_TIMEOUT	300000 /* RFC 5321 4.5.3.2.1 */
#define QUIT_TIMEOUT	5000

/* relay_init - begin without a connection */
void
relay_init(struct relay *relay, const struct conf_mixer *section,
    struct association_io io)
{
	*relay = (struct relay){.section = section, .io = io, .fd = -1};
}

/* relay_resolve - look up the addresses of the server */
int
relay_resolve(struct relay *relay, struct diag *diag)
{
	const struct conf_endpoints *list = &relay->section->relay;

	for (size_t i = 0; i < list->count; i++) {
		const char *host = list->items[i].host;
		size_t before = relay->address_count;
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", list->items[i].port);
		/* A name that is not found does not hide the next one. */
		(void)!connect_resolve(
		    host, port, relay->addresses, &relay->address_count, diag);
		while (before < relay->address_count)
			relay->hosts[before++] = host;
	}
	return relay->address_count > 0
	    ? 0
	    : diag_set(diag, ERR_NOTFOUND, "relay: no address");
}

/* relay_connect - connect to one of the addresses */
int
relay_connect(struct relay *relay, size_t address, struct diag *diag)
{
	relay->stage = RELAY_CONNECT;
	relay->at = address;
	relay->lost = false;
	relay->why[0] = '\0';
	return connect_tcp(&relay->addresses[address], relay->io,
	    clock_after(CONNECT_TIMEOUT), &relay->fd, diag);
}

/* lose_by_reply - note that the server ends the session by a reply */
static void
lose_by_reply(struct relay *relay)
{
	char text[RELAY_TEXT_MAX];

	smtp_reply_format(&relay->client.reply, text, sizeof(text));
	(void)relay_lose(relay,
	    relay->client.reply.code == 250 ? "the server offers no TLS"
					    : text);
}

/* relay_next - wait for the next event of the session */
enum smtp_event
relay_next(struct relay *relay, uint64_t timeout)
{
	uint64_t deadline = clock_after(timeout);
	enum smtp_event event = SMTP_NOTHING;

	while (!relay->lost &&
	    (event = smtp_client_next(&relay->client)) == SMTP_NOTHING)
		if (relay_flush(relay, 0) != 0 ||
		    relay_await(relay, deadline) != 0 || relay_read(relay) != 0)
			return SMTP_CLOSED;
	if (relay->lost)
		return SMTP_CLOSED;
	if (event == SMTP_BROKEN)
		(void)relay_lose(relay, "the server does not speak SMTP");
	else if (event == SMTP_REFUSED || event == SMTP_CLOSED)
		lose_by_reply(relay);
	return relay->lost ? SMTP_CLOSED : event;
}

/* relay_hello - greet the server */
int
relay_hello(struct relay *relay, enum smtp_tls tls)
{
	enum smtp_event event;

	relay->stage = RELAY_HELLO;
	/* The name of the MTA need be no domain. */
	smtp_client_init(&relay->client, relay->section->mail_domain, tls);
	event = relay_next(relay, HELLO_TIMEOUT);
	if (event == SMTP_TLS) {
		relay->stage = RELAY_TLS;
		if (relay_secure(relay) != 0)
			return ERR_CLOSED;
		relay->stage = RELAY_HELLO;
		if (smtp_client_secured(&relay->client) != 0)
			return relay_lose(relay, "no memory");
		event = relay_next(relay, HELLO_TIMEOUT);
	}
	if (event != SMTP_READY)
		return relay_lose(relay, "the server does not speak SMTP");
	relay->stage = RELAY_SESSION;
	return 0;
}

/* try_address - connect to an address, and greet who answers */
static int
try_address(
    struct relay *relay, size_t address, enum smtp_tls tls, struct diag *diag)
{
	struct diag why = {0};
	int error = relay_connect(relay, address, &why);

	if (error != 0)
		return diag_set(diag, error, "%s", diag_text(&why));
	error = relay_hello(relay, tls);
	if (error == 0)
		return 0;
	(void)diag_set(diag, error, "%s: %s%s", relay->addresses[address].text,
	    relay->stage == RELAY_TLS ? "TLS: " : "", relay->why);
	relay_close(relay);
	return error;
}

/* relay_open - connect to the first address that takes messages */
int
relay_open(struct relay *relay, struct diag *diag)
{
	enum smtp_tls tls =
	    relay->tls == NULL ? SMTP_TLS_NONE : relay->section->tls;
	int error = ERR_NOTFOUND;

	for (size_t i = 0; error != 0 && i < relay->address_count; i++) {
		error = try_address(relay, i, tls, diag);
		/* Without this a relay with bad keys would get no mail,
		 * where one without any gets it (RFC 7435). */
		if (error != 0 && relay->stage == RELAY_TLS &&
		    tls == SMTP_TLS_MAY) {
			(void)strlcpy(relay->in_clear, relay->why,
			    sizeof(relay->in_clear));
			diag_clear(diag);
			error = try_address(relay, i, SMTP_TLS_NONE, diag);
		}
	}
	return error;
}

/* relay_identity - tell whose certificate the server has shown */
const struct tls_identity *
relay_identity(const struct relay *relay)
{
	return relay->stream == NULL ? NULL
				     : tls_stream_identity(relay->stream);
}

/* relay_idle - take what the server says though nothing was asked */
bool
relay_idle(struct relay *relay)
{
	enum smtp_event event;

	if (relay_read(relay) != 0)
		return false;
	event = smtp_client_next(&relay->client);
	if (event == SMTP_CLOSED)
		lose_by_reply(relay);
	else if (event != SMTP_NOTHING)
		(void)relay_lose(relay, "the server spoke unasked");
	return !relay->lost;
}

/* relay_speaks - tell whether the server has said what was not taken yet */
bool
relay_speaks(const struct relay *relay)
{
	return buffer_length(&relay->client.in) > 0;
}

/* relay_quit - say good bye, if the session is at rest, and close */
void
relay_quit(struct relay *relay)
{
	if (!relay->lost && smtp_client_quit(&relay->client) == 0)
		(void)relay_next(relay, QUIT_TIMEOUT);
	relay_close(relay);
}

/* relay_close - close the connection */
void
relay_close(struct relay *relay)
{
	if (relay->stream != NULL && !relay->lost)
		tls_stream_close(relay->stream);
	tls_stream_free(relay->stream);
	relay->stream = NULL;
	smtp_client_fini(&relay->client);
	if (relay->fd >= 0)
		(void)close(relay->fd);
	relay->fd = -1;
}
