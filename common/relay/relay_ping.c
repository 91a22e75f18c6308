/* SPDX-License-Identifier: ISC */
/*
 * relay_ping.c - try the SMTP server of a gateway step by step
 */
#include "relay/relay_ping.h"

#include <stdio.h>

#include "base/clock.h"

#define STEP_TIMEOUT 300000 /* ms, RFC 5321 4.5.3.2 */
#define SENDER_MAX   320
#define DAY	     86400 /* s */

/* text_field - make a field of a row */
static struct ipc_field
text_field(const char *name, const char *text)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string(text)};
}

/* show - show a step that has ended, and begin the next */
static void
show(struct relay_ping *ping, const char *step, const char *result,
    const char *reason)
{
	char link[sizeof("mixer/") + CONF_NAME_MAX];
	uint64_t now = clock_monotonic();
	int len =
	    snprintf(link, sizeof(link), "mixer/%s", ping->relay.section->name);
	const struct ipc_field fields[] = {
	    {.name = slice_of_string("link"),
		.type = IPC_FIELD_TEXT,
		.octets = slice_of(link, (size_t)len)},
	    text_field("step", step),
	    {.name = slice_of_string("ms"),
		.type = IPC_FIELD_NUMBER,
		.number = (int64_t)(now - ping->begun)},
	    text_field("result", result),
	    text_field("reason", reason),
	};
	const struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	ping->show(ping->arg, &row);
	ping->begun = now;
}

/* show_done, show_failed - show how a step ended */
static void
show_done(struct relay_ping *ping, const char *step, const char *words)
{
	show(ping, step, "ok", words);
}

static void
show_failed(struct relay_ping *ping, const char *step, const char *reason)
{
	show(ping, step, "failed", reason);
	ping->failed = true;
}

/* relay_ping_fail - show a step that the caller did itself, and that failed */
void
relay_ping_fail(struct relay_ping *ping, const char *step, const char *reason)
{
	ping->begun = clock_monotonic();
	show_failed(ping, step, reason);
}

/* relay_ping_resolve - look up the addresses of the server */
void
relay_ping_resolve(struct relay_ping *ping)
{
	struct diag diag = {0};

	ping->begun = clock_monotonic();
	if (relay_resolve(&ping->relay, &diag) != 0)
		show_failed(ping, "name", diag_text(&diag));
}

/* connect_first - connect to the first address that answers */
static int
connect_first(struct relay_ping *ping)
{
	struct relay *relay = &ping->relay;
	char step[CONNECT_TEXT_MAX + 8];

	for (size_t i = 0; i < relay->address_count; i++) {
		struct diag diag = {0};
		int error = relay_connect(relay, i, &diag);

		(void)snprintf(
		    step, sizeof(step), "tcp %s", relay->addresses[i].text);
		if (error == 0) {
			/* The addresses before need not answer, too. */
			ping->failed = false;
			show_done(ping, step, "");
			return 0;
		}
		show_failed(ping, step, diag_text(&diag));
		if (error == ERR_CANCELLED)
			return error;
	}
	return ERR_NOTFOUND;
}

/* show_tls - show what was agreed upon, and whose certificate it is */
static void
show_tls(struct relay_ping *ping)
{
	const struct tls_identity *identity = relay_identity(&ping->relay);
	char words[400];

	if (identity == NULL)
		return;
	(void)snprintf(words, sizeof(words), "%s %s, %s, %lld days left",
	    identity->version, identity->cipher, identity->subject,
	    (long long)((identity->expires - clock_wall() / 1000) / DAY));
	show_done(ping, "tls", words);
}

/* greet - greet the server, within TLS if that is configured */
static bool
greet(struct relay_ping *ping)
{
	static const struct {
		unsigned bit;
		const char *name;
	} known[] = {{SMTP_HAS_PIPELINING, "PIPELINING "},
	    {SMTP_HAS_SIZE, "SIZE "}, {SMTP_HAS_8BITMIME, "8BITMIME "},
	    {SMTP_HAS_DSN, "DSN "}};
	struct relay *relay = &ping->relay;
	enum smtp_tls tls =
	    relay->tls == NULL ? SMTP_TLS_NONE : relay->section->tls;
	char words[RELAY_TEXT_MAX] = "";

	if (relay_hello(relay, tls) != 0) {
		show_failed(ping, relay->stage == RELAY_TLS ? "tls" : "ehlo",
		    relay->why);
		return false;
	}
	show_tls(ping);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((relay->client.extensions & known[i].bit) != 0)
			(void)strlcat(words, known[i].name, sizeof(words));
	show_done(ping, "ehlo", words);
	return true;
}

/* on_recipient - show that the sender was taken, and what the server says of
 * the recipient */
static void
on_recipient(struct relay_ping *ping)
{
	const struct smtp_reply *reply = &ping->relay.client.reply;
	char text[RELAY_TEXT_MAX];

	show_done(ping, "mail", "");
	if (smtp_reply_succeeds(reply)) {
		show_done(ping, "rcpt", "");
		return;
	}
	smtp_reply_format(reply, text, sizeof(text));
	show_failed(ping, "rcpt", text);
}

/* try_envelope - name sender and recipient, and take them back */
static void
try_envelope(struct relay_ping *ping)
{
	static const struct smtp_recipient postmaster = {.to = "postmaster"};
	struct relay *relay = &ping->relay;
	const char *step = "mail";
	char sender[SENDER_MAX], text[RELAY_TEXT_MAX];
	const struct smtp_transaction transaction = {.from = sender,
	    .probe = true,
	    .recipients = &postmaster,
	    .count = 1};
	enum smtp_event event = SMTP_NOTHING;

	(void)snprintf(sender, sizeof(sender), "postmaster@%s",
	    relay->section->mail_domain);
	if (smtp_client_begin(&relay->client, &transaction) != 0) {
		show_failed(ping, step, "mail-domain cannot be said");
		return;
	}
	while (!relay->lost && event != SMTP_READY) {
		event = relay_next(relay, STEP_TIMEOUT);
		if (event == SMTP_RECIPIENT) {
			on_recipient(ping);
			step = "rset";
		} else if (event == SMTP_NOT_SENT &&
		    strcmp(step, "mail") == 0) {
			smtp_reply_format(
			    &relay->client.reply, text, sizeof(text));
			show_failed(ping, step, text);
			step = "rset";
		}
	}
	if (relay->lost)
		show_failed(ping, step, relay->why);
	else
		show_done(ping, step, "");
}

/* relay_ping_run - go through all steps */
bool
relay_ping_run(struct relay_ping *ping)
{
	ping->begun = clock_monotonic();
	if (ping->relay.address_count > 0 && connect_first(ping) == 0) {
		if (greet(ping))
			try_envelope(ping);
		relay_quit(&ping->relay);
	}
	return !ping->failed;
}
