/* SPDX-License-Identifier: ISC */
/*
 * out_message.c - make the message of the Internet of a job
 */
#include <stdio.h>

#include "base/clock.h"
#include "mixer/message_id.h"
#include "mixer/mts_id.h"
#include "mixer/out.h"
#include "mixer/report_out.h"
#include "smtp/smtp_xtext.h"

/* With ORCPT and the words of RCPT a line that Postfix takes, whose
 * line_length_limit is 2048. */
#define ADDRESS_MAX 1000
#define ORCPT_MAX   500 /* that every server takes, RFC 3461 5.4 */
/* RFC 3461 4.4 has 100, and an identifier at its bounds needs a bit more; no
 * server is known to look. */
#define ENVID_MAX 200

/* add_octets - gather octets in a buffer */
static int
add_octets(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* xtext - write a text as xtext behind a prefix, in the arena; NULL: it would
 * be longer than most */
static const char *
xtext(struct out *out, const char *prefix, const char *text, size_t most)
{
	struct buffer buffer;
	char *result = NULL;

	buffer_init(&buffer, most);
	if (buffer_append(&buffer, prefix, strlen(prefix)) == 0 &&
	    smtp_xtext_put(slice_of_string(text), &buffer) == 0)
		result = arena_string(&out->arena, buffer_slice(&buffer));
	buffer_fini(&buffer);
	return result;
}

/* orcpt_of - write by what notifications are to name a recipient: his O/R
 * address, else the address that the server is given, which is the same O/R
 * address when it comes back */
static const char *
orcpt_of(struct out *out, const char *address, const char *to)
{
	const char *text = xtext(out, "x400;", address, ORCPT_MAX);

	return text != NULL ? text : xtext(out, "rfc822;", to, ORCPT_MAX);
}

/* notify_of - write NOTIFY for what the originator wants to hear */
static const char *
notify_of(uint32_t indicators)
{
	if ((indicators & P1_ORIGINATOR_REPORT) != 0)
		return "SUCCESS,FAILURE";
	return (indicators & P1_ORIGINATOR_NON_DELIVERY_REPORT) != 0 ? "FAILURE"
								     : "NEVER";
}

/* is_answered - tell whether delivery to the server is reported here: NOTIFY
 * asks for the originator alone, and an MTA on the way asks for more (RFC 2156
 * appendix A, 3.2) */
static bool
is_answered(uint32_t indicators)
{
	return (indicators & (P1_MTA_REPORT | P1_ORIGINATOR_REPORT)) ==
	    P1_MTA_REPORT;
}

/* can_be_said - tell whether a command of SMTP can have an address */
static bool
can_be_said(struct slice address)
{
	for (size_t i = 0; i < address.len; i++)
		if (address.data[i] < ' ' || address.data[i] > '~')
			return false;
	return address.len <= ADDRESS_MAX;
}

/* add_recipient - find the address of a recipient, or note that it has none */
static int
add_recipient(struct out *out, struct p1_recipient *from, uint32_t index)
{
	struct out_message *m = &out->message;
	struct out_recipient *r = &m->recipients[m->count++];
	const char *text =
	    or_address_format(&from->name.address, OR_STYLE_F401, &out->arena);
	enum address_kind kind = ADDRESS_ELSEWHERE;
	struct diag diag = {0};
	struct slice to;
	int error = address_to_internet(&out->mixer.addresses,
	    &from->name.address, &out->arena, &to, &kind, &diag);

	*r = (struct out_recipient){.index = index,
	    .notify = notify_of(from->indicators),
	    .answered = is_answered(from->indicators),
	    .reason = REASON_UNABLE_TO_TRANSFER,
	    .diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME};
	if (error == ERR_NOMEM || text == NULL)
		return ERR_NOMEM;
	if (error == 0 &&
	    (kind == ADDRESS_INTERNET || kind == ADDRESS_PAIRED) &&
	    can_be_said(to)) {
		r->to = arena_string(&out->arena, to);
		if (r->to == NULL)
			return ERR_NOMEM;
		r->orcpt = orcpt_of(out, text, r->to);
		return 0;
	}
	r->state = OUT_FAILED;
	(void)snprintf(r->text, sizeof(r->text), "%s",
	    error != 0 ? diag_text(&diag)
		       : "it is no address of the Internet here");
	return 0;
}

/* add_recipients - list those that this copy is responsible for */
static int
add_recipients(struct out *out)
{
	struct out_message *m = &out->message;
	int error = 0;

	m->count = 0;
	m->recipients = arena_array(
	    &out->arena, m->envelope.recipient_count, sizeof(*m->recipients));
	if (m->recipients == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; error == 0 && i < m->envelope.recipient_count; i++)
		if ((m->envelope.recipients[i].indicators &
			P1_RESPONSIBILITY) != 0)
			error = add_recipient(
			    out, &m->envelope.recipients[i], (uint32_t)i);
	return error;
}

/* add_sender - find the address of the originator, and the ENVID */
static int
add_sender(struct out *out, struct diag *diag)
{
	struct out_message *m = &out->message;
	const char *identifier;
	enum address_kind kind;
	struct slice from;
	int error = address_to_internet(&out->mixer.addresses,
	    &m->envelope.originator.address, &out->arena, &from, &kind, diag);

	/* RFC 2156 4.6.4: mail from us is from a domain of ours. */
	if (error == 0 &&
	    (kind == ADDRESS_INTERNET || kind == ADDRESS_ELSEWHERE))
		error = address_to_slash(&out->mixer.addresses,
		    &m->envelope.originator.address, &out->arena, &from, diag);
	if (error == 0 && !can_be_said(from))
		error = diag_set(diag, ERR_VALUE,
		    "its originator cannot be named to the relay");
	if (error != 0)
		return error;
	m->from = arena_string(&out->arena, from);
	identifier = mts_id_format(&m->envelope.identifier, &out->arena);
	/* A notification names the message by it. */
	if (identifier != NULL)
		identifier = arena_printf(
		    &out->arena, "%s%s", MTS_ID_ENVELOPE, identifier);
	if (identifier != NULL && strlen(identifier) <= ENVID_MAX)
		m->envid = xtext(out, "", identifier, 3 * ENVID_MAX);
	return m->from != NULL ? 0 : ERR_NOMEM;
}

/* is_wanted - tell whether the sender of a message wants to hear of a
 * recipient: MTAs on the way may have asked for more than he has.  A report
 * that says nothing of who asked is taken for wanted */
static bool
is_wanted(const struct report_recipient *r)
{
	uint32_t user = r->indicators &
	    (P1_ORIGINATOR_REPORT | P1_ORIGINATOR_NON_DELIVERY_REPORT);
	uint32_t mta =
	    r->indicators & (P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT);

	if (user == 0 && mta == 0)
		return true;
	return r->delivered ? (user & P1_ORIGINATOR_REPORT) != 0 : user != 0;
}

/* keep_wanted - leave out of a report whom the sender does not want to hear
 * of */
static void
keep_wanted(struct report *report)
{
	size_t kept = 0;

	for (size_t i = 0; i < report->recipient_count; i++)
		if (is_wanted(&report->recipients[i]))
			report->recipients[kept++] = report->recipients[i];
	report->recipient_count = kept;
}

/* pass_unwanted - note that a report is done with: nobody wants it, and nothing
 * is sent */
static int
pass_unwanted(struct out_message *m)
{
	struct out_recipient *r = &m->recipients[m->count++];

	m->eight_bit = false;
	*r = (struct out_recipient){.state = OUT_PASSED};
	(void)strlcpy(r->text, "its sender wants no report: nothing was sent",
	    sizeof(r->text));
	return 0;
}

/* read_report - read the content of a report, which the buffer keeps, but for
 * recipients of whom its sender does not want to hear */
static int
read_report(struct out *out, struct out_job *job, struct buffer *content,
    struct report *report, struct diag *diag)
{
	uint64_t from = job->given.envelope_length;
	int error = job_channel_body(&out->channel, &job->given, from,
	    from + job->given.content_length, add_octets, content);

	if (error == 0)
		error = report_decode(
		    buffer_slice(content), &out->arena, report, diag);
	if (error == 0)
		keep_wanted(report);
	return error;
}

/* write_report - write the message of a report */
static int
write_report(struct out *out, const struct report *report, struct diag *diag)
{
	struct out_message *m = &out->message;
	struct report_origin origin;
	enum address_kind kind;
	struct slice to;
	int error = address_to_internet(&out->mixer.addresses,
	    &m->envelope.originator.address, &out->arena, &to, &kind, diag);

	if (error == 0 && !can_be_said(to))
		error = diag_set(diag, ERR_VALUE,
		    "its originator cannot be named to the relay");
	if (error == 0)
		error = out_content_begin(out, diag);
	if (error == 0)
		error = out_memory_origin(out, report, &origin);
	if (error == 0)
		error = message_id_to_internet(&out->mixer.mapping,
		    &(struct ipm_identifier){
			.local = m->envelope.identifier.local},
		    &out->arena, &origin.message_id);
	if (error == 0)
		error = report_to_internet(&out->mixer.mapping, &m->envelope,
		    report, &origin, out_content_gather, out);
	if (error != 0)
		return error;
	/* No report on a report. */
	m->from = "";
	m->envid = NULL;
	m->recipients[m->count++] = (struct out_recipient){
	    .to = arena_string(&out->arena, to), .notify = "NEVER"};
	return m->recipients[0].to != NULL ? 0 : ERR_NOMEM;
}

/* map_report - map a report, which goes to whom the message came from, or to
 * nobody if he wants none */
static int
map_report(struct out *out, struct out_job *job, struct diag *diag)
{
	struct out_message *m = &out->message;
	struct report report;
	struct buffer content;
	int error;

	m->recipients = arena_alloc(&out->arena, sizeof(*m->recipients));
	if (m->recipients == NULL)
		return ERR_NOMEM;
	buffer_init(&content, MIXER_REPORT_MAX);
	error = read_report(out, job, &content, &report, diag);
	if (error == 0)
		error = report.recipient_count == 0
		    ? pass_unwanted(m)
		    : write_report(out, &report, diag);
	buffer_fini(&content);
	return error;
}

/* ask_alone - prepare to ask the server for the recipients of a probe, which no
 * message follows */
static void
ask_alone(struct out_message *m)
{
	int64_t length = m->envelope.content_length;

	buffer_reset(&m->content);
	m->length = length > 0 ? (uint64_t)length : 0;
	m->large = m->eight_bit = m->receipt = false;
	m->envid = NULL;
	for (size_t i = 0; i < m->count; i++)
		m->recipients[i].notify = m->recipients[i].orcpt = NULL;
}

/* send_from_nobody - send a message that must not be reported on (RFC 8098
 * 3) */
static void
send_from_nobody(struct out_message *m)
{
	m->from = "";
	m->envid = NULL;
	for (size_t i = 0; i < m->count; i++)
		m->recipients[i].notify = "NEVER";
}

/* read_envelope - read the envelope of a job */
static int
read_envelope(struct out *out, struct out_job *job, struct diag *diag)
{
	struct buffer envelope;
	struct slice octets;
	int error;

	buffer_init(&envelope, P1_ENVELOPE_MAX);
	error = job_channel_body(&out->channel, &job->given, 0,
	    job->given.envelope_length, add_octets, &envelope);
	if (error == 0)
		error =
		    arena_slice(&out->arena, buffer_slice(&envelope), &octets);
	buffer_fini(&envelope);
	return error != 0 ? error
			  : p1_decode(job->given.kind, octets, &out->arena,
				&out->message.envelope, diag);
}

/* out_message_make - read a job, and make its message */
int
out_message_make(struct out *out, struct out_job *job, struct diag *diag)
{
	struct out_message *m = &out->message;
	int error;

	arena_reset(&out->arena);
	m->count = 0;
	out_memory_begin(out);
	error = read_envelope(out, job, diag);
	out->mixer.mapping.now = clock_wall() / 1000;
	/* A marker would be a loss. */
	mapping_set(&out->mixer.mapping, out->mixer.section);
	if (error == 0 &&
	    out->mixer.mapping.unmappable == CONF_UNMAPPABLE_MARKER &&
	    extension_number_is(&m->envelope.extensions,
		EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 1))
		out->mixer.mapping.unmappable = CONF_UNMAPPABLE_REFUSE;
	/* The recipient of a report has written what it returns. */
	out->mixer.mapping.only = NULL;
	out->mixer.mapping.author = NULL;
	out->mixer.mapping.blind = job->given.kind == MTS_REPORT
	    ? MAPPING_BLIND_SHOWN
	    : MAPPING_BLIND_HIDDEN;
	if (error == 0 && job->given.kind == MTS_REPORT)
		return map_report(out, job, diag);
	if (error == 0)
		error = add_recipients(out);
	if (error == 0)
		error = add_sender(out, diag);
	out->mixer.mapping.author = m->from;
	if (error == 0 && job->given.kind == MTS_PROBE)
		ask_alone(m);
	else if (error == 0)
		error = out_content_make(out, job, diag);
	if (error == 0 && m->receipt)
		send_from_nobody(m);
	return error;
}
