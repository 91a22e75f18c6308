/* SPDX-License-Identifier: ISC */
/*
 * in_lmtp.c - what a client of LMTP is answered
 */
#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "mixer/in.h"
#include "mixer/status_code.h"

/* Octets of a content after which room for it is asked for again. */
#define ROOM_STEP  ((uint64_t)8 * 1024 * 1024)
#define ROOM_SMALL (256 * 1024)

/* in_say - set a reply */
void
in_say(struct in_reply *reply, unsigned code, const char *enhanced,
    const char *text)
{
	reply->code = code;
	(void)strlcpy(reply->enhanced, enhanced, sizeof(reply->enhanced));
	(void)escape_printable(
	    reply->text, sizeof(reply->text), slice_of_string(text));
}

/* in_say_refused - set a reply to the reason of X.400 */
void
in_say_refused(
    struct in_reply *reply, int reason, int diagnostic, const char *text)
{
	struct status_code code = status_code_of(reason, diagnostic);
	char status[16];

	(void)snprintf(
	    status, sizeof(status), "5.%u.%u", code.subject, code.detail);
	in_say(reply, 550, status, text);
}

/* give - give the client a reply */
static void
give(struct in *in, const struct in_reply *reply)
{
	lmtp_server_reply(
	    &in->server, reply->code, reply->enhanced, reply->text);
}

/* in_notice - have it logged that the client did something wrong */
void
in_notice(const struct in *in, const char *reason)
{
	LOG_EVENT(EVENT_LMTP_REFUSED,
	    LOG_STRING("link", in->mixer.worker.service),
	    LOG_STRING("address", in->peer), LOG_STRING("reason", reason));
}

/* in_forget - forget the message at hand */
void
in_forget(struct in *in)
{
	message_in_free(in->message);
	in->message = NULL;
	in->refused.code = 0;
	spool_reset(&in->spool);
	in->room = 0;
	arena_reset(&in->arena);
}

/* check_room - ask for room for a message of so many octets, or refuse it */
static void
check_room(struct in *in, uint64_t octets, struct in_reply *reply)
{
	/* Of base64, of which large messages consist, three of four octets are
	 * left. */
	octets -= octets / 4;
	/* Before the first record fails nobody knows that qmgr has gone. */
	if (!in_ask_room(in, octets) &&
	    (!in_reconnect(in) || !in_ask_room(in, octets)))
		in_say(reply, 451, "4.3.0", "not now");
	else if (in->has_room == IPC_ROOM_LATER)
		in_say(reply, 452, "4.3.1", in->way_text);
	else if (in->has_room == IPC_ROOM_NEVER)
		in_say(reply, 552, "5.3.4", in->way_text);
	else
		in->room_until = clock_after(IN_ROOM_KNOWN);
}

/* on_mail - take the sender */
static void
on_mail(struct in *in)
{
	struct slice text = slice_of_string(in->server.mail.from);
	struct in_reply reply;
	enum address_kind kind;
	struct diag diag = {0};
	int error = 0;

	in_forget(in);
	in_say(&reply, 250, "2.1.0", "sender taken");
	/* Each question waits for qmgr's disk, which a client that sends one
	 * message after the other would feel. */
	if (in->away || in->gone || in->server.mail.size > ROOM_SMALL ||
	    clock_monotonic() >= in->room_until)
		check_room(in, in->server.mail.size, &reply);
	if (in->away) {
		give(in, &reply);
		return;
	}
	/* Mail without a sender is from the postmaster, who is the end of all
	 * reports. */
	if (text.len == 0)
		in->from = *in->mixer.conf->mta.postmaster.address;
	else
		error = address_from_internet(&in->mixer.addresses, text,
		    &in->arena, &in->from, &kind, &diag);
	if (error == ERR_NOMEM)
		in_say(&reply, 451, "4.3.0", "not now");
	else if (error != 0)
		in_say(&reply, 553, "5.1.7", diag_text(&diag));
	give(in, &reply);
}

/* is_postmaster - tell whether an address is of who answers for this domain */
static bool
is_postmaster(const struct in *in, const char *text)
{
	const char *at = strrchr(text, '@');
	size_t len = at == NULL ? strlen(text) : (size_t)(at - text);
	bool named = (len == 10 && strncasecmp(text, "postmaster", 10) == 0) ||
	    (len == 5 && strncasecmp(text, "abuse", 5) == 0);

	return named &&
	    (at == NULL ||
		address_map_same_domain(
		    slice_of_string(at + 1), in->mixer.addresses.mail_domain));
}

/* judge_way - decide by its way whether a recipient is taken */
static void
judge_way(
    struct in *in, const struct or_address *address, struct in_reply *reply)
{
	char ours[IN_TEXT_MAX];

	if (!in_ask_way(in, address) &&
	    (!in_reconnect(in) || !in_ask_way(in, address))) {
		in_say(reply, 451, "4.3.0", "not now");
		return;
	}
	(void)snprintf(ours, sizeof(ours), "mixer/%s", in->mixer.section->name);
	if (in->way.result != IPC_WAY_SERVED) {
		in_say_refused(
		    reply, in->way.reason, in->way.diagnostic, in->way_text);
	} else if (strcmp(in->way_link, ours) == 0) {
		in_say(reply, 550, "5.4.6", "it would come back here");
	} else {
		in_say(reply, 250, "2.1.5", "recipient taken");
	}
}

/* report_of - tell which reports NOTIFY asks for (RFC 2156 appendix A) */
static uint32_t
report_of(const struct in *in, unsigned notify)
{
	/* Nothing is reported on what has no sender. */
	if (in->server.mail.from[0] == '\0' ||
	    (notify & LMTP_NOTIFY_NEVER) != 0)
		return 0;
	/* X.411 wants both, what the MTAs report and what the originator gets;
	 * the first includes the second. */
	if ((notify & LMTP_NOTIFY_SUCCESS) != 0)
		return P1_MTA_REPORT | P1_ORIGINATOR_REPORT;
	return P1_MTA_NON_DELIVERY_REPORT | P1_ORIGINATOR_NON_DELIVERY_REPORT;
}

/* original_of - keep whom the sender wrote to, if the client says it */
static const char *
original_of(struct in *in, const struct lmtp_recipient *asked)
{
	return asked->orcpt_type[0] == '\0'
	    ? NULL
	    : arena_printf(&in->arena, "%s;%.*s", asked->orcpt_type,
		  (int)asked->orcpt_len, asked->orcpt);
}

/* is_sent_on - tell whether an address is of the Internet by this gateway's own
 * O/R address: an author whom we may have sent on under an address of ours */
static bool
is_sent_on(struct in *in, const struct or_address *address)
{
	enum address_kind kind;
	struct slice text;

	return address_to_internet(&in->mixer.addresses, address, &in->arena,
		   &text, &kind, NULL) == 0 &&
	    kind == ADDRESS_INTERNET;
}

/* on_recipient - take a recipient, or refuse it */
static void
on_recipient(struct in *in)
{
	const struct lmtp_recipient *asked = &in->server.recipient;
	struct in_recipient *r = &in->recipients[in->server.recipients];
	enum address_kind kind = ADDRESS_PAIRED;
	struct in_reply reply = {0};
	struct diag diag = {0};
	int error = in_key_recipient(asked, r->hash);

	r->indicators = report_of(in, asked->notify);
	r->orcpt = original_of(in, asked);
	r->reply.code = 0;
	if (error == 0 && is_postmaster(in, asked->to))
		r->address = *in->mixer.conf->mta.postmaster.address;
	else if (error == 0)
		error = address_from_internet(&in->mixer.addresses,
		    slice_of_string(asked->to), &in->arena, &r->address, &kind,
		    &diag);
	/* Authors of elsewhere have such an address as the sender of what we
	 * pass on (RFC 2156 4.6.4), so a report on it comes there. */
	r->is_route = error == 0 && address_names_internet(&r->address);
	if (error == ERR_NOMEM)
		in_say(&reply, 451, "4.3.0", "not now");
	else if (error != 0)
		in_say(&reply, 550, "5.1.3", diag_text(&diag));
	else if (kind == ADDRESS_INTERNET)
		in_say(&reply, 550, "5.1.2", "not a domain of this gateway");
	else if (r->is_route && in->server.mail.from[0] != '\0')
		in_say(&reply, 550, "5.7.1", IN_NO_ROUTES);
	else if (in_knows_way(in, r) ||
	    /* A report on what came through here goes back through here. */
	    (r->is_route && is_sent_on(in, &r->address)))
		in_say(&reply, 250, "2.1.5", "recipient taken");
	else
		judge_way(in, &r->address, &reply);
	if (reply.code == 250)
		in_note_way(in, r);
	give(in, &reply);
}

/* refuse_content - note why a content is refused; the rest is read and
 * dropped */
static void
refuse_content(struct in *in, int error, const struct diag *diag)
{
	if (error == ERR_NOMEM || error == ERR_IO)
		in_say(&in->refused, 451, "4.3.0", "not now");
	else if (error == ERR_FULL)
		in_say(&in->refused, 452, "4.3.1", "the disk is full");
	else
		in_say(&in->refused, 550, "5.6.0",
		    diag->code != 0 ? diag_text(diag) : error_strerror(error));
	if (in->refused.code >= 500)
		in_notice(in, in->refused.text);
	spool_reset(&in->spool);
}

/* begin_content - prepare for a content */
static int
begin_content(struct in *in)
{
	const struct mime_limits limits = {.size = UINT64_MAX,
	    .header = MIME_HEADER_MAX,
	    .parts = in->mixer.section->max_parts};
	int error = in_key_begin(in->key_state);

	in->mixer.mapping.now = clock_wall() / 1000;
	/* Of the blind recipients nobody is told, but one of himself. */
	in->mixer.mapping.blind = MAPPING_BLIND_HIDDEN;
	in->mixer.mapping.sender = in->server.mail.from;
	in->mixer.mapping.only =
	    in->server.recipients == 1 ? &in->recipients[0].address : NULL;
	return error != 0
	    ? error
	    : message_in_new(&in->mixer.mapping, &limits, &in->message);
}

/* on_content - take a piece of the content */
static void
on_content(struct in *in)
{
	struct slice octets = in->server.content;
	struct diag diag = {0};
	int error = 0;

	/* A content that was refused is read to its end. */
	if (in->refused.code != 0)
		return;
	if (in->message == NULL)
		error = begin_content(in);
	if (error == 0)
		error = in_key_push(in->key_state, octets);
	if (error == 0)
		error = message_in_push(in->message, octets, &diag);
	if (error == 0)
		error = spool_append(&in->spool, octets);
	if (error != 0) {
		refuse_content(in, error, &diag);
		return;
	}
	/* Octets in the file are no longer free on the disk. */
	if (in->spool.length < in->room + ROOM_STEP)
		return;
	in->room = in->spool.length;
	check_room(in, in->room, &in->refused);
	if (in->refused.code != 0)
		spool_reset(&in->spool);
}

/* finish_content - read the end of the content */
static void
finish_content(struct in *in)
{
	struct diag diag = {0};
	int error = in->message == NULL ? begin_content(in) : 0;

	if (error == 0)
		error = message_in_finish(in->message, &in->plan, &diag);
	if (error == 0)
		error = in_key_make(in);
	if (error != 0)
		refuse_content(in, error, &diag);
	else if (in->plan.receipt_dropped)
		LOG_EVENT(EVENT_RECEIPT_DROPPED,
		    LOG_STRING("link", in->mixer.worker.service),
		    LOG_STRING("originator", in->server.mail.from));
}

/* on_end - answer for each recipient */
static void
on_end(struct in *in)
{
	unsigned count = in->server.recipients;

	if (in->refused.code == 0)
		finish_content(in);
	if (in->refused.code == 0)
		in_submit(in);
	for (unsigned i = 0; i < count; i++)
		give(in,
		    in->refused.code != 0 ? &in->refused
					  : &in->recipients[i].reply);
	in_forget(in);
}

/* in_lmtp - do what an event of the engine asks for */
void
in_lmtp(struct in *in, enum lmtp_event event)
{
	switch (event) {
	case LMTP_MAIL:
		on_mail(in);
		break;
	case LMTP_RECIPIENT:
		on_recipient(in);
		break;
	case LMTP_CONTENT:
		on_content(in);
		break;
	case LMTP_END:
		on_end(in);
		break;
	case LMTP_ABANDONED:
		in_forget(in);
		break;
	case LMTP_NOTHING:
	case LMTP_CLOSE:
		break;
	}
}
