/* SPDX-License-Identifier: ISC */
/*
 * lmtp_server.c - the side of LMTP that takes messages (RFC 2033), without a
 * socket
 *
 * Contract in lmtp_server.h.
 */
#include "smtp/lmtp_server.h"

#include <stdio.h>

#include "smtp/lmtp_command.h"
#include "smtp/lmtp_content.h"

#define IN_MAX	   (64 * 1024)
#define REPLY_MAX  512
#define OUT_ENOUGH (LMTP_OUT_MAX / 8) /* then the client reads first */

static const struct lmtp_reply no_greeting = {503, "5.5.1", "LHLO comes first"};
static const struct lmtp_reply lmtp_alone = {
    500, "5.5.1", "this is LMTP: LHLO"};
static const struct lmtp_reply twice = {503, "5.5.1", "MAIL was there already"};
static const struct lmtp_reply no_mail = {503, "5.5.1", "MAIL comes first"};
static const struct lmtp_reply no_recipients = {
    503, "5.5.1", "no recipient was taken"};
static const struct lmtp_reply too_many = {452, "4.5.3", "too many recipients"};
static const struct lmtp_reply no_such = {500, "5.5.2", "no such command"};
static const struct lmtp_reply cannot_verify = {
    252, "2.5.2", "not verified; RCPT tells"};
static const struct lmtp_reply done = {250, "2.0.0", "done"};
static const struct lmtp_reply bye = {221, "2.0.0", "bye"};
static const struct lmtp_reply long_line = {500, "5.5.2", "line too long"};
static const struct lmtp_reply bare_end = {
    500, "5.5.2", "a line that ends without CR LF"};
static const struct lmtp_reply enough = {421, "4.7.0", "too many errors"};
static const struct lmtp_reply large = {
    552, "5.3.4", "message larger than is taken"};
static const struct lmtp_reply chunks = {500, "5.5.1", "no BDAT here"};
static const struct lmtp_reply bare_content = {
    550, "5.6.0", "a CR or LF that stands alone"};

/* put - write a reply of one line */
static void
put(struct lmtp_server *server, unsigned code, const char *enhanced,
    const char *text)
{
	char line[REPLY_MAX];
	int printable = 0, len;

	while (text[printable] >= ' ' && text[printable] <= '~')
		printable++;
	len = snprintf(line, sizeof(line) - 2, "%u %s %.*s", code, enhanced,
	    printable, text);
	if (len > (int)sizeof(line) - 3)
		len = (int)sizeof(line) - 3;
	memcpy(line + len, "\r\n", 2);
	/* Room was there before the command was read. */
	if (buffer_append(&server->out, line, (size_t)len + 2) != 0)
		server->state = LMTP_STATE_CLOSED;
}

/* answer - write a reply of the engine's own */
static void
answer(struct lmtp_server *server, const struct lmtp_reply *reply)
{
	put(server, reply->code, reply->enhanced, reply->text);
}

/* lmtp_server_init - begin with the greeting */
int
lmtp_server_init(
    struct lmtp_server *server, const char *name, uint64_t max_size)
{
	char line[REPLY_MAX];
	int len;

	memset(server, 0, sizeof(*server));
	server->name = name;
	server->max_size = max_size;
	buffer_init(&server->in, IN_MAX);
	buffer_init(&server->out, LMTP_OUT_MAX);
	len = snprintf(line, sizeof(line), "220 %.255s LMTP\r\n", name);
	return buffer_append(&server->out, line, (size_t)len);
}

/* lmtp_server_fini - give back the memory */
void
lmtp_server_fini(struct lmtp_server *server)
{
	buffer_fini(&server->in);
	buffer_fini(&server->out);
}

/* lmtp_server_room - tell how many octets may be reserved now */
size_t
lmtp_server_room(const struct lmtp_server *server)
{
	return IN_MAX - buffer_length(&server->in);
}

/* lmtp_server_reserve - make room for octets of the client */
int
lmtp_server_reserve(struct lmtp_server *server, size_t len, uint8_t **room)
{
	return buffer_reserve(&server->in, len, room);
}

/* lmtp_server_commit - take octets that were read there */
void
lmtp_server_commit(struct lmtp_server *server, size_t len)
{
	buffer_commit(&server->in, len);
}

/* lmtp_server_between - tell whether the client is between two messages */
bool
lmtp_server_between(const struct lmtp_server *server)
{
	return server->state == LMTP_STATE_COMMAND && !server->has_mail &&
	    buffer_length(&server->in) == 0;
}

/* lmtp_server_give_up - send the client away for the time being */
void
lmtp_server_give_up(struct lmtp_server *server, const char *text)
{
	put(server, 421, "4.4.2", text);
	server->state = LMTP_STATE_CLOSED;
}

/* end_transaction - forget sender and recipients; LMTP_ABANDONED if there were
 * any */
static enum lmtp_event
end_transaction(struct lmtp_server *server)
{
	bool had = server->has_mail;

	server->why = NULL;
	server->has_mail = false;
	server->recipients = 0;
	return had ? LMTP_ABANDONED : LMTP_NOTHING;
}

/* close_with - write a last reply */
static enum lmtp_event
close_with(struct lmtp_server *server, const struct lmtp_reply *reply)
{
	answer(server, reply);
	server->state = LMTP_STATE_CLOSED;
	(void)end_transaction(server);
	server->quit = reply == &bye;
	server->why = server->quit ? NULL : reply->text;
	return LMTP_CLOSE;
}

/* refuse - refuse a command; who sends nothing else is sent away */
static enum lmtp_event
refuse(struct lmtp_server *server, const struct lmtp_reply *reply)
{
	if (++server->errors > LMTP_ERRORS_MAX)
		return close_with(server, &enough);
	answer(server, reply);
	return LMTP_NOTHING;
}

/* do_hello - answer LHLO */
static enum lmtp_event
do_hello(struct lmtp_server *server)
{
	char text[REPLY_MAX];
	int len;

	server->greeted = true;
	len = snprintf(text, sizeof(text),
	    "250-%.255s\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250-8BITMIME\r\n250-DSN\r\n250 SIZE %llu\r\n",
	    server->name, (unsigned long long)server->max_size);
	if (buffer_append(&server->out, text, (size_t)len) != 0)
		server->state = LMTP_STATE_CLOSED;
	return end_transaction(server);
}

/* do_mail - take MAIL, for the caller to answer */
static enum lmtp_event
do_mail(struct lmtp_server *server, struct slice arguments)
{
	const struct lmtp_reply *refused;

	if (!server->greeted)
		return refuse(server, &no_greeting);
	if (server->has_mail)
		return refuse(server, &twice);
	refused = lmtp_command_mail(arguments, &server->mail);
	if (refused != NULL)
		return refuse(server, refused);
	if (server->max_size != 0 && server->mail.size > server->max_size) {
		answer(server, &large);
		return LMTP_NOTHING;
	}
	server->state = LMTP_STATE_MAIL;
	return LMTP_MAIL;
}

/* do_recipient - take RCPT, for the caller to answer */
static enum lmtp_event
do_recipient(struct lmtp_server *server, struct slice arguments)
{
	const struct lmtp_reply *refused;

	if (!server->has_mail)
		return refuse(server, &no_mail);
	refused = lmtp_command_recipient(arguments, &server->recipient);
	if (refused != NULL)
		return refuse(server, refused);
	if (server->recipients == LMTP_RECIPIENTS_MAX) {
		answer(server, &too_many);
		return LMTP_NOTHING;
	}
	server->state = LMTP_STATE_RECIPIENT;
	return LMTP_RECIPIENT;
}

/* do_data - begin with the content */
static enum lmtp_event
do_data(struct lmtp_server *server)
{
	if (server->recipients == 0)
		return refuse(
		    server, server->has_mail ? &no_recipients : &no_mail);
	if (buffer_append(&server->out, "354 go on\r\n", 11) != 0)
		server->state = LMTP_STATE_CLOSED;
	else
		server->state = LMTP_STATE_CONTENT;
	server->at = LMTP_AT_START;
	server->length = 0;
	server->bare = server->too_large = false;
	return LMTP_NOTHING;
}

/* command - do a command of one line */
static enum lmtp_event
command(struct lmtp_server *server, struct slice line)
{
	const uint8_t *blank =
	    line.len == 0 ? NULL : memchr(line.data, ' ', line.len);
	struct slice verb = slice_of(
	    line.data, blank == NULL ? line.len : (size_t)(blank - line.data));
	size_t skip = verb.len + (blank != NULL);
	struct slice rest = slice_of(line.data + skip, line.len - skip);

	if (lmtp_command_is(verb, "MAIL"))
		return do_mail(server, rest);
	if (lmtp_command_is(verb, "RCPT"))
		return do_recipient(server, rest);
	if (lmtp_command_is(verb, "DATA") && rest.len == 0)
		return do_data(server);
	if (lmtp_command_is(verb, "LHLO") && rest.len > 0)
		return do_hello(server);
	if (lmtp_command_is(verb, "HELO") || lmtp_command_is(verb, "EHLO"))
		return refuse(server, &lmtp_alone);
	if (lmtp_command_is(verb, "RSET")) {
		answer(server, &done);
		return end_transaction(server);
	}
	if (lmtp_command_is(verb, "NOOP")) {
		answer(server, &done);
		return LMTP_NOTHING;
	}
	if (lmtp_command_is(verb, "VRFY"))
		return refuse(server, &cannot_verify);
	if (lmtp_command_is(verb, "QUIT"))
		return close_with(server, &bye);
	/* Octets of a content follow, which must not be read as commands. */
	if (lmtp_command_is(verb, "BDAT"))
		return close_with(server, &chunks);
	/* A browser can be made to send a request here whose body is LMTP. */
	if (!server->greeted)
		return close_with(server, &no_such);
	return refuse(server, &no_such);
}

/* next_command - take a line, if one is there; false: there is none */
static bool
next_command(struct lmtp_server *server, enum lmtp_event *event)
{
	struct slice in = buffer_slice(&server->in);
	const uint8_t *end = in.len == 0 ? NULL : memchr(in.data, '\n', in.len);
	size_t len = end == NULL ? in.len : (size_t)(end - in.data) + 1;
	char line[LMTP_LINE_MAX];

	if (len > LMTP_LINE_MAX || (end == NULL && len == LMTP_LINE_MAX)) {
		*event = close_with(server, &long_line);
		return true;
	}
	if (end == NULL)
		return false;
	/* Another host could read this as two lines. */
	if (len < 2 || memchr(in.data, '\r', len) != in.data + len - 2) {
		*event = close_with(server, &bare_end);
		return true;
	}
	memcpy(line, in.data, len - 2);
	buffer_consume(&server->in, len);
	*event = command(server, slice_of(line, len - 2));
	return true;
}

/* end_content - wait for a reply for each recipient, or refuse the message */
static enum lmtp_event
end_content(struct lmtp_server *server)
{
	const struct lmtp_reply *reply = server->bare ? &bare_content : &large;

	if (!server->bare && !server->too_large) {
		server->due = server->recipients;
		server->state = LMTP_STATE_END;
		return LMTP_END;
	}
	server->state = LMTP_STATE_COMMAND;
	for (unsigned i = 0; i < server->recipients; i++)
		answer(server, reply);
	(void)end_transaction(server);
	server->why = reply->text;
	return LMTP_ABANDONED;
}

/* next_content - take a piece of the content; LMTP_NOTHING: none is there */
static enum lmtp_event
next_content(struct lmtp_server *server)
{
	struct slice in = buffer_slice(&server->in);
	size_t made = lmtp_content_run(server, in);
	struct slice content = slice_of(in.data, made);
	bool last = false;

	if (made == 0) {
		last = lmtp_content_octet(server, in.data[0], &made);
		content = slice_of(server->piece, made);
		in.len = 1;
	} else {
		in.len = made;
	}
	/* The octets stay where they are until others are pushed. */
	buffer_consume(&server->in, in.len);
	server->length += made;
	server->too_large = server->too_large ||
	    (server->max_size != 0 && server->length > server->max_size);
	if (last)
		return end_content(server);
	if (made == 0 || server->bare || server->too_large)
		return LMTP_NOTHING;
	server->content = content;
	return LMTP_CONTENT;
}

/* lmtp_server_next - get the next event */
enum lmtp_event
lmtp_server_next(struct lmtp_server *server)
{
	enum lmtp_event event = LMTP_NOTHING;

	while (event == LMTP_NOTHING) {
		switch (server->state) {
		case LMTP_STATE_MAIL:
		case LMTP_STATE_RECIPIENT:
		case LMTP_STATE_END:
			return LMTP_NOTHING;
		case LMTP_STATE_CLOSED:
			return LMTP_CLOSE;
		case LMTP_STATE_CONTENT:
			if (buffer_length(&server->in) == 0)
				return LMTP_NOTHING;
			event = next_content(server);
			continue;
		case LMTP_STATE_COMMAND:
			break;
		}
		if (buffer_length(&server->out) > OUT_ENOUGH ||
		    !next_command(server, &event))
			return LMTP_NOTHING;
	}
	return event;
}

/* lmtp_server_reply - answer the event at hand */
void
lmtp_server_reply(struct lmtp_server *server, unsigned code,
    const char *enhanced, const char *text)
{
	bool taken = code < 300;

	put(server, code, enhanced, text);
	if (server->state == LMTP_STATE_CLOSED)
		return;
	if (server->state == LMTP_STATE_MAIL)
		server->has_mail = taken;
	else if (server->state == LMTP_STATE_RECIPIENT)
		server->recipients += taken;
	else if (--server->due > 0)
		return;
	if (server->state == LMTP_STATE_END)
		(void)end_transaction(server);
	server->state = LMTP_STATE_COMMAND;
}
