/* SPDX-License-Identifier: ISC */
/*
 * in_report.c - delivery status notifications as reports
 *
 * Only what has no sender can be one (RFC 3461 6.2).  Its envelope identifier
 * is the MTS identifier of a message that this gateway has passed on; qmgr
 * takes the report if it has noted that in the commit of the message's outcome,
 * and the originator is whom the report goes to.  mixer-memory knows who its
 * recipients are: others are left out, as are deliveries that nobody asked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mixer/in.h"
#include "mixer/memory_note.h"
#include "mixer/returned.h"
#include "mixer/status_in.h"

/* The knowledge of mixer-memory on a message that was passed on. */
struct passed {
	bool known;
	bool returns; /* its content, if it is not delivered */
};

/* ask_message - ask for the message that a report is about */
static int
ask_message(struct in *in, struct report *report, struct passed *passed)
{
	char mts_id[MTS_IDENTIFIER_TEXT];
	struct slice key, value;

	mts_identifier_format(&report->subject, mts_id);
	key = memory_note_key(MEMORY_PASSED, mts_id, "", &in->arena);
	if (key.len == 0)
		return ERR_NOMEM;
	*passed = (struct passed){.known = false};
	if (in_memory_ask(in, &key, 1) == 0 || in->found[0].len == 0)
		return 0;
	value = in->found[0];
	passed->known = true;
	passed->returns = value.data[0] == 'R';
	report->content_identifier = slice_of(value.data + 1, value.len - 1);
	return 0;
}

/* keep_recipient - complete a recipient by what is known of him; false: it is
 * none of the message's, or he asked for nothing of the kind */
static bool
keep_recipient(
    struct in *in, struct report_recipient *recipient, struct slice value)
{
	const char *text =
	    value.len > 0 ? arena_string(&in->arena, value) : NULL;
	char *end;

	if (text == NULL)
		return false;
	recipient->number = (int)strtol(text, &end, 10);
	recipient->indicators = (uint32_t)strtoul(end, NULL, 10);
	return !recipient->delivered ||
	    (recipient->indicators & (P1_MTA_REPORT | P1_ORIGINATOR_REPORT)) !=
	    0;
}

/* make_keys - make the keys of so many recipients from a place on */
static int
make_keys(struct in *in, const struct report *report, size_t at, size_t count,
    struct slice *keys)
{
	char mts_id[MTS_IDENTIFIER_TEXT];

	mts_identifier_format(&report->subject, mts_id);
	for (size_t i = 0; i < count; i++) {
		const struct report_recipient *r = &report->recipients[at + i];
		const struct or_name *name =
		    r->has_intended ? &r->intended : &r->actual;
		const char *address = or_address_format(
		    &name->address, OR_STYLE_F401, &in->arena);

		if (address == NULL)
			return ERR_NOMEM;
		keys[i] =
		    memory_note_key(MEMORY_PASSED, mts_id, address, &in->arena);
		if (keys[i].len == 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* keep_recipients - complete the recipients by what is known of them, and leave
 * the others out */
static int
keep_recipients(struct in *in, struct report *report)
{
	struct slice keys[MEMORY_TEXTS_MAX];
	size_t kept = 0, count;
	int error;

	for (size_t at = 0; at < report->recipient_count; at += count) {
		count = report->recipient_count - at;
		if (count > MEMORY_TEXTS_MAX)
			count = MEMORY_TEXTS_MAX;
		error = make_keys(in, report, at, count, keys);
		if (error != 0)
			return error;
		/* Later there may be an answer: the client comes again. */
		if (in_memory_ask(in, keys, count) < count)
			return ERR_TIMEOUT;
		for (size_t i = 0; i < count; i++)
			if (keep_recipient(
				in, &report->recipients[at + i], in->found[i]))
				report->recipients[kept++] =
				    report->recipients[at + i];
	}
	report->recipient_count = kept;
	return kept > 0 ? 0 : ERR_NOTFOUND;
}

/* has_failed - tell whether somebody has not got the message */
static bool
has_failed(const struct report *report)
{
	for (size_t i = 0; i < report->recipient_count; i++)
		if (!report->recipients[i].delivered)
			return true;
	return false;
}

/* add_returned - add the message that a notification returns, if it is whole
 * and short; without it the report is one all the same */
static void
add_returned(struct in *in, struct report *report)
{
	const struct mime_limits limits = {.size = SPOOL_MEMORY,
	    .header = MIME_HEADER_MAX,
	    .parts = in->mixer.section->max_parts};
	struct buffer message, content;
	int type = 0;

	if (in->spool.length > SPOOL_MEMORY || !has_failed(report))
		return;
	buffer_init(&message, SPOOL_MEMORY);
	buffer_init(&content, 2 * SPOOL_MEMORY);
	if (returned_find(&in->mixer.mapping, &limits,
		buffer_slice(&in->spool.head), &message) == 0 &&
	    returned_map(&in->mixer.mapping, &limits, buffer_slice(&message),
		&content, &type) == 0 &&
	    arena_slice(&in->arena, buffer_slice(&content), &report->content) ==
		0) {
		report->has_content = true;
		report->has_content_type = true;
		report->content_type.built_in =
		    type == IPM_P22 ? P1_CONTENT_P22 : P1_CONTENT_P2;
	}
	buffer_fini(&message);
	buffer_fini(&content);
}

/* in_report_make - make the report that a notification is */
int
in_report_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content)
{
	struct passed passed = {.known = false};
	struct report report;
	int error = status_to_report(
	    &in->mixer.mapping, in->plan.status_text, &in->arena, &report);

	if (error == 0)
		error = ask_message(in, &report, &passed);
	if (error == 0 && passed.known)
		error = keep_recipients(in, &report);
	if (error == 0 && passed.returns)
		add_returned(in, &report);
	if (error == 0)
		error = in_envelope_report(in, &recipient->address, envelope);
	return error != 0 ? error
			  : report_encode(&report, EXTENSION_IMPLICIT, content);
}
