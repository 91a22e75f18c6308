/* SPDX-License-Identifier: ISC */
/*
 * smtp_client.c - the side of SMTP that sends messages (RFC 5321), without a
 * socket
 *
 * Contract in smtp_client.h.  Replies come in the order of the commands,
 * whether these went together or one by one, so one state for each kind is
 * enough.
 */
#include "smtp/smtp_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "smtp/smtp_lines.h"

#define IN_MAX	    (512 * 1024) /* replies to a thousand RCPT */
#define COMMAND_MAX 8192

/* smtp_client_init - begin */
void
smtp_client_init(
    struct smtp_client *client, const char *name, enum smtp_tls tls)
{
	memset(client, 0, sizeof(*client));
	client->name = name;
	client->tls = tls;
	buffer_init(&client->in, IN_MAX);
	buffer_init(&client->out, SMTP_OUT_MAX);
}

/* smtp_client_fini - give back the memory */
void
smtp_client_fini(struct smtp_client *client)
{
	buffer_fini(&client->in);
	buffer_fini(&client->out);
}

/* smtp_client_push - take octets of the server */
int
smtp_client_push(struct smtp_client *client, struct slice octets)
{
	return buffer_append(&client->in, octets.data, octets.len);
}

/* send_command - write a command of one line.  ERR_VALUE, ERR_LIMIT, ERR_NOMEM
 */
static int PRINTF_LIKE(2, 3)
    send_command(struct smtp_client *client, const char *fmt, ...)
{
	char line[COMMAND_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	if (len < 0 || len >= (int)sizeof(line) - 2)
		return ERR_LIMIT;
	/* An address with an end of line would be a command of its own. */
	for (int i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return ERR_VALUE;
	memcpy(line + len, "\r\n", 2);
	return buffer_append(&client->out, line, (size_t)len + 2);
}

/* end - end with an event, after which nothing more comes */
static enum smtp_event
end(struct smtp_client *client, enum smtp_event event)
{
	client->state = SMTP_STATE_ENDED;
	return event;
}

/* say_hello - send EHLO */
static enum smtp_event
say_hello(struct smtp_client *client)
{
	client->state = SMTP_STATE_EHLO;
	return send_command(client, "EHLO %s", client->name) == 0
	    ? SMTP_NOTHING
	    : end(client, SMTP_BROKEN);
}

/* take_extension - note an extension that a line of the reply to EHLO names */
static void
take_extension(struct smtp_client *client, const char *line, size_t len)
{
	static const struct {
		const char *name;
		unsigned bit;
	} known[] = {{"PIPELINING", SMTP_HAS_PIPELINING},
	    {"SIZE", SMTP_HAS_SIZE}, {"8BITMIME", SMTP_HAS_8BITMIME},
	    {"DSN", SMTP_HAS_DSN}, {"STARTTLS", SMTP_HAS_STARTTLS}};
	size_t word = 0;

	while (word < len && line[word] != ' ')
		word++;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) != word ||
		    strncasecmp(line, known[i].name, word) != 0)
			continue;
		client->extensions |= known[i].bit;
		if (known[i].bit == SMTP_HAS_SIZE && word < len)
			client->server_size =
			    strtoull(line + word + 1, NULL, 10);
	}
}

/* on_hello - take the reply to EHLO */
static enum smtp_event
on_hello(struct smtp_client *client)
{
	const char *line = client->reply.text;

	/* RFC 5321 3.2: an old server that does not know the command. */
	if (client->reply.code / 10 == 50 && !client->plain) {
		client->plain = true;
		return send_command(client, "HELO %s", client->name) == 0
		    ? SMTP_NOTHING
		    : end(client, SMTP_BROKEN);
	}
	if (client->reply.code != 250)
		return end(client, SMTP_REFUSED);
	client->extensions = 0;
	client->server_size = 0;
	/* The first line has the name of the server. */
	while ((line = strchr(line, '\n')) != NULL && line[1] != '\0') {
		line++;
		take_extension(client, line, strcspn(line, "\n"));
	}
	client->state = SMTP_STATE_READY;
	if (client->secured || client->tls == SMTP_TLS_NONE)
		return SMTP_NOTHING;
	if ((client->extensions & SMTP_HAS_STARTTLS) == 0)
		return client->tls == SMTP_TLS_MAY ? SMTP_NOTHING
						   : end(client, SMTP_REFUSED);
	client->state = SMTP_STATE_STARTTLS;
	return send_command(client, "STARTTLS") == 0 ? SMTP_NOTHING
						     : end(client, SMTP_BROKEN);
}

/* on_starttls - take the reply to STARTTLS */
static enum smtp_event
on_starttls(struct smtp_client *client)
{
	if (client->reply.code == 220) {
		client->state = SMTP_STATE_HANDSHAKE;
		/* Octets that came with this reply may be anybody's. */
		buffer_reset(&client->in);
		return SMTP_TLS;
	}
	if (client->tls == SMTP_TLS_REQUIRE)
		return end(client, SMTP_REFUSED);
	client->state = SMTP_STATE_READY;
	return SMTP_NOTHING;
}

/* smtp_client_secured - go on after TLS has begun */
int
smtp_client_secured(struct smtp_client *client)
{
	buffer_reset(&client->in);
	client->secured = true;
	client->state = SMTP_STATE_EHLO;
	return send_command(client, "EHLO %s", client->name);
}

/* parameter - write " NAME=VALUE", or nothing where there is no value */
static const char *
parameter(char *text, size_t size, const char *name, const char *value)
{
	text[0] = '\0';
	if (value != NULL && value[0] != '\0')
		(void)snprintf(text, size, " %s=%s", name, value);
	return text;
}

/* send_mail - send MAIL */
static int
send_mail(struct smtp_client *client)
{
	const struct smtp_transaction *t = client->transaction;
	bool dsn = (client->extensions & SMTP_HAS_DSN) != 0;
	char envid[512], ret[16], size[32] = "";

	if (t->size != 0 && (client->extensions & SMTP_HAS_SIZE) != 0)
		(void)snprintf(size, sizeof(size), " SIZE=%llu",
		    (unsigned long long)t->size);
	return send_command(client, "MAIL FROM:<%s>%s%s%s%s", t->from, size,
	    t->eight_bit && (client->extensions & SMTP_HAS_8BITMIME) != 0
		? " BODY=8BITMIME"
		: "",
	    parameter(ret, sizeof(ret), "RET", dsn ? t->ret : NULL),
	    parameter(envid, sizeof(envid), "ENVID", dsn ? t->envid : NULL));
}

/* send_recipient - send RCPT for one recipient */
static int
send_recipient(struct smtp_client *client, size_t n)
{
	const struct smtp_recipient *r = &client->transaction->recipients[n];
	bool dsn = (client->extensions & SMTP_HAS_DSN) != 0;
	char notify[64], orcpt[2048];

	return send_command(client, "RCPT TO:<%s>%s%s", r->to,
	    parameter(notify, sizeof(notify), "NOTIFY", dsn ? r->notify : NULL),
	    parameter(orcpt, sizeof(orcpt), "ORCPT", dsn ? r->orcpt : NULL));
}

/* is_pipelining - tell whether commands go together; those of a probe end where
 * DATA would be */
static bool
is_pipelining(const struct smtp_client *client)
{
	return (client->extensions & SMTP_HAS_PIPELINING) != 0 &&
	    !client->transaction->probe;
}

/* smtp_client_begin - begin a transaction */
int
smtp_client_begin(
    struct smtp_client *client, const struct smtp_transaction *transaction)
{
	size_t before = buffer_length(&client->out);
	int error;

	if (client->state != SMTP_STATE_IDLE || transaction->count == 0)
		return ERR_STATE;
	client->transaction = transaction;
	client->recipient = client->taken = 0;
	client->refused = false;
	error = send_mail(client);
	for (size_t i = 0;
	     error == 0 && is_pipelining(client) && i < transaction->count; i++)
		error = send_recipient(client, i);
	if (error == 0 && is_pipelining(client))
		error = send_command(client, "DATA");
	if (error != 0)
		buffer_truncate(&client->out, before);
	else
		client->state = SMTP_STATE_MAIL;
	return error;
}

/* give_up - end a transaction that nobody has, and be ready again */
static enum smtp_event
give_up(struct smtp_client *client)
{
	client->reply = client->why;
	client->state = SMTP_STATE_RSET;
	return send_command(client, "RSET") == 0 ? SMTP_NOT_SENT
						 : end(client, SMTP_BROKEN);
}

/* on_mail - take the reply to MAIL */
static enum smtp_event
on_mail(struct smtp_client *client)
{
	client->refused = !smtp_reply_succeeds(&client->reply);
	client->why = client->reply;
	if (client->refused && !is_pipelining(client))
		return give_up(client);
	client->state = SMTP_STATE_RCPT;
	if (!is_pipelining(client) && send_recipient(client, 0) != 0)
		return end(client, SMTP_BROKEN);
	client->recipient = SIZE_MAX;
	return SMTP_NOTHING;
}

/* on_recipient - take the reply to RCPT */
static enum smtp_event
on_recipient(struct smtp_client *client)
{
	/* Without a sender there is no message for anybody, whatever the
	 * server says. */
	bool taken = !client->refused && smtp_reply_succeeds(&client->reply);
	size_t next = ++client->recipient + 1;

	client->taken += taken;
	if (!client->refused && !taken)
		client->why = client->reply;
	if (next < client->transaction->count) {
		if (!is_pipelining(client) && send_recipient(client, next) != 0)
			return end(client, SMTP_BROKEN);
	} else {
		client->state = SMTP_STATE_DATA;
		if (!is_pipelining(client) && client->taken > 0 &&
		    !client->transaction->probe &&
		    send_command(client, "DATA") != 0)
			return end(client, SMTP_BROKEN);
	}
	/* Replies that follow from a refused MAIL tell nothing of a
	 * recipient. */
	return client->refused ? SMTP_NOTHING : SMTP_RECIPIENT;
}

/* on_data - take the reply to DATA */
static enum smtp_event
on_data(struct smtp_client *client)
{
	if (client->reply.code == 354) {
		client->line_start = true;
		client->after_cr = false;
		client->state = SMTP_STATE_CONTENT;
		if (client->taken > 0)
			return SMTP_CONTENT;
		/* RFC 2920 3.1: where no recipient was taken, and the server
		 * waits for a message all the same, an empty one ends it. */
		client->state = SMTP_STATE_FINAL;
		return buffer_append(&client->out, ".\r\n", 3) == 0
		    ? SMTP_NOTHING
		    : end(client, SMTP_BROKEN);
	}
	if (client->taken > 0)
		client->why = client->reply;
	return give_up(client);
}

/* on_final - take the reply to the message */
static enum smtp_event
on_final(struct smtp_client *client)
{
	if (client->taken == 0)
		return give_up(client);
	client->state = SMTP_STATE_READY;
	return SMTP_SENT;
}

/* on_reply - take a reply */
static enum smtp_event
on_reply(struct smtp_client *client)
{
	client->unanswered = false;
	/* RFC 5321 3.8: a server that has to go says so at any time. */
	if (client->reply.code == 421)
		return end(client, SMTP_CLOSED);
	switch (client->state) {
	case SMTP_STATE_GREETING:
		return client->reply.code == 220 ? say_hello(client)
						 : end(client, SMTP_REFUSED);
	case SMTP_STATE_EHLO:
		return on_hello(client);
	case SMTP_STATE_STARTTLS:
		return on_starttls(client);
	case SMTP_STATE_MAIL:
		return on_mail(client);
	case SMTP_STATE_RCPT:
		return on_recipient(client);
	case SMTP_STATE_DATA:
		return on_data(client);
	case SMTP_STATE_FINAL:
		return on_final(client);
	case SMTP_STATE_RSET:
		client->state = SMTP_STATE_READY;
		return client->reply.code == 250 ? SMTP_NOTHING
						 : end(client, SMTP_BROKEN);
	case SMTP_STATE_QUIT:
		return end(client, SMTP_CLOSED);
	case SMTP_STATE_CONTENT:
		/* Some servers refuse a message before its end. */
		client->why = client->reply;
		return end(client, SMTP_NOT_SENT);
	case SMTP_STATE_HANDSHAKE:
	case SMTP_STATE_READY:
	case SMTP_STATE_IDLE:
	case SMTP_STATE_ENDED:
		break;
	}
	return end(client, SMTP_BROKEN);
}

/* smtp_client_next - get the next event */
enum smtp_event
smtp_client_next(struct smtp_client *client)
{
	enum smtp_event event = SMTP_NOTHING;
	int got = 1;

	while (event == SMTP_NOTHING && got > 0) {
		if (client->state == SMTP_STATE_ENDED ||
		    client->state == SMTP_STATE_HANDSHAKE)
			return SMTP_NOTHING;
		if (client->state == SMTP_STATE_READY) {
			client->state = SMTP_STATE_IDLE;
			return SMTP_READY;
		}
		/* DATA was not sent where no recipient was taken. */
		if (client->state == SMTP_STATE_DATA &&
		    (client->taken == 0 || client->transaction->probe) &&
		    !is_pipelining(client))
			return give_up(client);
		got = smtp_reply_take(&client->in, &client->reply);
		if (got > 0)
			event = on_reply(client);
	}
	return got < 0 ? end(client, SMTP_BROKEN) : event;
}

/* escape - double the dots of a piece, and look for bare ends of lines */
static int
escape(struct smtp_client *client, struct slice piece, struct buffer *out)
{
	const uint8_t *octets = piece.data;
	size_t at = 0, from = 0;
	bool dot;
	int error = 0;

	if (piece.len == 0)
		return 0;
	if ((octets[0] == '\n') != client->after_cr)
		return ERR_VALUE;
	dot = client->line_start && octets[0] == '.';
	while (error == 0 && at < piece.len) {
		if (dot) {
			error = buffer_append(out, octets + from, at - from);
			if (error == 0)
				error = buffer_append(out, ".", 1);
			from = at;
		}
		at = smtp_lines_run(piece, at + 1);
		dot = at < piece.len && octets[at] == '.' &&
		    octets[at - 1] == '\n';
		/* Others are of a CR or LF that stands alone. */
		if (at < piece.len && !dot)
			return ERR_VALUE;
	}
	if (error == 0)
		error = buffer_append(out, octets + from, piece.len - from);
	if (error == 0) {
		client->line_start = octets[piece.len - 1] == '\n';
		client->after_cr = octets[piece.len - 1] == '\r';
	}
	return error;
}

/* smtp_client_content - send a piece of the content */
int
smtp_client_content(struct smtp_client *client, struct slice piece)
{
	size_t before = buffer_length(&client->out);
	int error;

	if (client->state != SMTP_STATE_CONTENT)
		return ERR_STATE;
	error = escape(client, piece, &client->out);
	if (error != 0)
		buffer_truncate(&client->out, before);
	return error;
}

/* smtp_client_content_end - end the content */
int
smtp_client_content_end(struct smtp_client *client)
{
	const char *last = client->line_start ? ".\r\n" : "\r\n.\r\n";
	int error;

	if (client->state != SMTP_STATE_CONTENT)
		return ERR_STATE;
	if (client->after_cr)
		return ERR_VALUE;
	error = buffer_append(&client->out, last, strlen(last));
	if (error == 0) {
		client->state = SMTP_STATE_FINAL;
		client->unanswered = true;
	}
	return error;
}

/* smtp_client_quit - say good bye */
int
smtp_client_quit(struct smtp_client *client)
{
	int error;

	if (client->state != SMTP_STATE_IDLE)
		return ERR_STATE;
	error = send_command(client, "QUIT");
	if (error == 0)
		client->state = SMTP_STATE_QUIT;
	return error;
}

/* smtp_client_in_doubt - tell whether the server may have taken the message */
bool
smtp_client_in_doubt(const struct smtp_client *client)
{
	return client->unanswered;
}
