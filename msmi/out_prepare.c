/* SPDX-License-Identifier: ISC */
/*
 * out_prepare.c - make the file of a job
 *
 * A recipient without a mailbox here is an outcome of its own; the message
 * goes to the others.  A content that is no interpersonal message, or one
 * that cannot be read, is delivered as an attachment: nothing that arrives is
 * lost because of what it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/out.h"

#define TEXT_MAX   (1024 * 1024)
#define HEADER_MAX (8 * 1024 * 1024)

/* id-mct-p2-1984 and -1988, 2.6.1.10.0 and .1 */
#define CONTENT_P2_1984 slice_of("\x56\x01\x0a\x00", 4)
#define CONTENT_P2_1988 slice_of("\x56\x01\x0a\x01", 4)

struct preparing {
	struct out *out;
	struct out_job *job;
	struct p1_envelope envelope;
	struct mailbox *mailboxes;
	size_t mailbox_count;
	struct buffer gathered; /* envelope, then the content of a report */
	struct buffer text;	/* of a report, or a note of ours */
	struct slice subject;
	struct ipm_raw unreadable; /* forwarded messages, attached as BER */
	bool raw;		   /* the content is attached as it is */
	bool report;		   /* the text is all there is */
	struct diag diag;
};

/* gather_octets - append octets to a buffer, as a sink */
static int
gather_octets(void *arg, struct slice octets)
{
	struct buffer *buffer = arg;

	return buffer_append(buffer, octets.data, octets.len);
}

/* read_envelope - decode the envelope into the arena */
static int
read_envelope(struct preparing *p)
{
	struct slice octets;
	int error;

	error = job_channel_body(&p->out->channel, &p->job->given, 0,
	    p->job->given.envelope_length, gather_octets, &p->gathered);
	/* The envelope is kept for the whole job, the buffer is needed for the
	 * content. */
	if (error == 0)
		error = arena_slice(
		    &p->out->arena, buffer_slice(&p->gathered), &octets);
	if (error == 0)
		error = p1_decode(p->job->given.kind, octets, &p->out->arena,
		    &p->envelope, &p->diag);
	buffer_reset(&p->gathered);
	return error;
}

/* refuse_recipient - note a recipient that has no mailbox here */
static void
refuse_recipient(struct preparing *p, size_t index, const struct diag *diag)
{
	struct out_job *job = p->job;
	const char *text = arena_printf(&p->out->arena, "%s", diag_text(diag));

	/* Indices are those of the envelope: qmgr knows no others. */
	job->failed[job->failed_count++] =
	    (struct ipc_recipient_outcome){.index = (uint32_t)index,
		.reason = REASON_UNABLE_TO_TRANSFER,
		.diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME,
		.text = slice_of_string(text == NULL ? "" : text)};
}

/* by_name - compare mailboxes */
static int
by_name(const void *a, const void *b)
{
	return mailbox_compare(a, b);
}

/* find_mailboxes - find the mailboxes of the recipients that this copy
 * serves */
static int
find_mailboxes(struct preparing *p)
{
	size_t count = p->envelope.recipient_count, kept = 0;
	struct arena *arena = &p->out->arena;

	p->mailboxes = arena_array(arena, count + 1, sizeof(*p->mailboxes));
	p->job->failed = arena_array(arena, count + 1, sizeof(*p->job->failed));
	if (p->mailboxes == NULL || p->job->failed == NULL)
		return arena_error(&p->out->arena);
	for (size_t i = 0; i < count; i++) {
		const struct p1_recipient *r = &p->envelope.recipients[i];
		struct diag diag = {0};

		/* Recipients of other copies are named in the file by the
		 * heading alone. */
		if ((r->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		if (address_to_mailbox(&p->out->msmi.addressing,
			&r->name.address, &p->mailboxes[p->mailbox_count],
			&diag) == 0)
			p->mailbox_count++;
		else
			refuse_recipient(p, i, &diag);
	}
	/* Two recipients may have one mailbox, which gets the message once. */
	qsort(p->mailboxes, p->mailbox_count, sizeof(*p->mailboxes), by_name);
	for (size_t i = 0; i < p->mailbox_count; i++) {
		if (kept == 0 ||
		    mailbox_compare(
			&p->mailboxes[kept - 1], &p->mailboxes[i]) != 0)
			p->mailboxes[kept++] = p->mailboxes[i];
	}
	p->job->mailboxes = p->mailbox_count = kept;
	return 0;
}

/* find_sender - find the mailbox that a report is for */
static int
find_sender(struct preparing *p)
{
	p->mailboxes = arena_alloc(&p->out->arena, sizeof(*p->mailboxes));
	if (p->mailboxes == NULL)
		return arena_error(&p->out->arena);
	p->job->mailboxes = p->mailbox_count = 1;
	return address_to_mailbox(&p->out->msmi.addressing,
	    &p->envelope.originator.address, p->mailboxes, &p->diag);
}

/* is_ipm - tell whether the content is an interpersonal message */
static bool
is_ipm(const struct p1_content_type *type)
{
	/* A peer may name P2 by its OID as well as by its number. */
	if (type->built_in == P1_CONTENT_OID)
		return slice_equal(type->oid, CONTENT_P2_1984) ||
		    slice_equal(type->oid, CONTENT_P2_1988);
	return type->built_in == P1_CONTENT_P2 ||
	    type->built_in == P1_CONTENT_P22;
}

struct decoding {
	struct ipm_decoder decoder;
	struct diag diag;
};

/* decode_octets - decode octets of the content, as a sink */
static int
decode_octets(void *arg, struct slice octets)
{
	struct decoding *d = arg;

	return ipm_decoder_push(&d->decoder, octets, &d->diag);
}

/* attach_octets - put octets of a content that is attached, as a sink */
static int
attach_octets(void *arg, struct slice octets)
{
	return assembly_data(arg, octets);
}

/* is_passing - tell whether an error is of the worker, not of the message */
static bool
is_passing(int error)
{
	/* Errors of the worker come again for no reason of the message: it is
	 * tried later. */
	return error == ERR_CLOSED || error == ERR_TIMEOUT ||
	    error == ERR_CANCELLED || error == ERR_NOMEM || error == ERR_IO;
}

/* add_unreadable - note a forwarded message that cannot be read; ERR_AGAIN
 * asks for the content once more, in which that part is an attachment */
static int
add_unreadable(struct preparing *p, unsigned part, int error)
{
	struct ipm_raw *raw = &p->unreadable;

	/* After the lengths are measured no part may become another. */
	if (is_passing(error) || p->out->assembly.writing ||
	    raw->count == IPM_RAW_MAX)
		return error;
	raw->part[raw->count++] = part;
	return ERR_AGAIN;
}

/* read_content - pass once over the content of a message */
static int
read_content(struct preparing *p, struct diag *diag)
{
	struct assembly *a = &p->out->assembly;
	uint64_t from = p->job->given.envelope_length;
	uint64_t to = from + p->job->given.content_length;
	struct ipm_handler handler = assembly_handler(a);
	struct decoding d = {.diag = {0}};
	int error;

	if (p->report || p->raw) {
		error = assembly_text(a, buffer_slice(&p->text));
		if (error == 0 && p->raw)
			error = assembly_attach(
			    a, p->report ? "REPORT.BER" : "CONTENT.BER");
		if (error == 0 && p->raw)
			error = job_channel_body(&p->out->channel,
			    &p->job->given, from, to, attach_octets, a);
		return error;
	}
	/* Unbounded here: qmgr has checked the length. */
	ipm_decoder_init(&d.decoder, &handler, UINT64_MAX);
	d.decoder.raw = &p->unreadable;
	error = job_channel_body(
	    &p->out->channel, &p->job->given, from, to, decode_octets, &d);
	if (error == 0)
		error = ipm_decoder_finish(&d.decoder, &d.diag);
	if (error != 0 && d.decoder.unreadable != 0)
		error = add_unreadable(p, d.decoder.unreadable, error);
	ipm_decoder_fini(&d.decoder);
	*diag = d.diag;
	return error;
}

/* note_raw - write the text that stands beside an attached content */
static int
note_raw(struct preparing *p, const char *why)
{
	char type[P1_CONTENT_TYPE_TEXT], note[1024];
	int len;

	p1_content_type_format(&p->envelope.content_type, type);
	len = snprintf(note, sizeof(note),
	    "This message could not be shown: %s.\r\n"
	    "Its content, of type %s, is attached as it came.\r\n",
	    why, type);
	p->raw = true;
	buffer_reset(&p->text);
	return buffer_append(&p->text, note,
	    len < (int)sizeof(note) ? (size_t)len : sizeof(note) - 1);
}

/* begin_measure - forget what was measured, and begin again */
static void
begin_measure(struct preparing *p)
{
	/* Names and lengths of a first attempt must not remain: the second has
	 * other parts. */
	struct assembly *a = &p->out->assembly;

	assembly_fini(a);
	assembly_init(a, &p->out->msmi.addressing, &p->out->arena);
	a->sender = &p->envelope.originator.address;
}

/* measure_file - pass first over everything, for names and lengths */
static int
measure_file(struct preparing *p)
{
	struct diag diag = {0};
	int error = 0;

	begin_measure(p);
	if (p->report)
		return read_content(p, &diag);
	/* A content that is no message is attached as it came, since refusing
	 * it would tell the recipient nothing. */
	if (!is_ipm(&p->envelope.content_type))
		error = note_raw(p, "it is no interpersonal message");
	if (error == 0)
		error = read_content(p, &diag);
	while (error == ERR_AGAIN) {
		begin_measure(p);
		diag_clear(&diag);
		error = read_content(p, &diag);
	}
	/* An attached content is not read, so it cannot be unreadable. */
	if (error == 0 || is_passing(error) || p->raw)
		return error;
	error = note_raw(
	    p, diag.code != 0 ? diag_text(&diag) : error_strerror(error));
	if (error == 0) {
		begin_measure(p);
		error = read_content(p, &diag);
	}
	return error;
}

/* map_priority - map the priority as Microsoft's X.400 gateway does */
static char
map_priority(const struct preparing *p)
{
	/* Registered mail and urgency come first, as the priority of MS Mail
	 * has one value for all. */
	if (p->out->assembly.registered)
		return 'R';
	if (p->envelope.priority == P1_URGENT)
		return '5';
	if (p->envelope.priority == P1_NON_URGENT)
		return '1';
	if (p->out->assembly.importance == IPM_HIGH)
		return '4';
	return p->out->assembly.importance == IPM_LOW ? '2' : '3';
}

/* format_sender - format who sent it */
static const char *
format_sender(struct preparing *p)
{
	const struct conf_address *postmaster =
	    &p->out->msmi.conf->mta.postmaster;
	const struct or_address *address = &p->envelope.originator.address;
	const char *text = NULL;

	/* MS Mail shows reports as from the postmaster. */
	if (p->report)
		address = postmaster->address;
	if (address != NULL && address->encoded.len > 0)
		text = address_for_mmff(
		    &p->out->msmi.addressing, address, &p->out->arena);
	return text == NULL || strlen(text) > MMFF_LINE_MAX / 2
	    ? "X400:(no address that could be shown)"
	    : text;
}

/* make_header - make what stands before the text */
static int
make_header(struct preparing *p, struct buffer *header)
{
	struct assembly *a = &p->out->assembly;
	struct arena *arena = &p->out->arena;
	const char **to = arena_array(arena, p->mailbox_count + 1, sizeof(*to));
	int64_t begun = trace_begun(&p->envelope.trace);
	char text[MAILBOX_TEXT];
	struct mmff_out m = {.to = to,
	    .to_count = p->mailbox_count,
	    .from = format_sender(p),
	    .subject = p->report ? p->subject : a->subject,
	    .priority = map_priority(p),
	    .time = begun != TRACE_NO_TIME ? begun : clock_wall() / 1000,
	    .attachments = a->attachment,
	    .attachment_count = a->targets - 1,
	    .text_size = a->target[0].size};

	if (to == NULL)
		return arena_error(&p->out->arena);
	for (size_t i = 0; i < p->mailbox_count; i++) {
		to[i] = arena_printf(
		    arena, "%s", mailbox_format(&p->mailboxes[i], text));
		if (to[i] == NULL)
			return arena_error(&p->out->arena);
	}
	for (size_t i = 1; i < a->targets; i++)
		a->attachment[i - 1].size = a->target[i].size;
	return mmff_write(&m, p->out->msmi.msmail->code_page, header);
}

/* write_file - pass again over everything, and write it */
static int
write_file(struct preparing *p)
{
	struct assembly *a = &p->out->assembly;
	struct buffer header;
	struct out_file file = {.fd = -1};
	struct diag diag = {0};
	int error;

	buffer_init(&header, HEADER_MAX);
	/* The header is made when all sizes are known, and stands before
	 * them. */
	if ((error = make_header(p, &header)) < 0)
		goto out;
	/* Named after the message: a worker that crashes leaves a name that the
	 * next one recognizes. */
	(void)snprintf(p->job->temporary, sizeof(p->job->temporary),
	    ".%08llX" OUT_TEMPORARY, (unsigned long long)p->job->given.message);
	error = out_file_begin(p->out, &file, p->job->temporary, &p->diag);
	if (error < 0)
		goto out;
	/* Contents stand behind the header, whose length is known by now. */
	assembly_write(a, buffer_length(&header), out_file_write, &file);
	error = out_file_write(&file, 0, buffer_slice(&header));
	if (error == 0)
		error = read_content(p, &diag);
	/* Both passes must give the same octets, or sizes in the header would
	 * be false. */
	for (size_t i = 0; error == 0 && i < a->targets; i++) {
		if (a->target[i].done != a->target[i].size)
			error = ERR_CORRUPT;
		p->job->octets = a->target[i].offset + a->target[i].size;
	}
	if (error == ERR_IO)
		(void)diag_set(&p->diag, error, "OUT/%s: %s", p->job->temporary,
		    strerror(errno));
	if (error == 0)
		error = out_file_end(p->out, &file, &p->diag);
	if (error < 0) {
		out_file_drop(p->out, &file, p->job->temporary);
		p->job->temporary[0] = '\0';
	}
out:
	buffer_fini(&header);
	return error;
}

/* read_report - make the text of a report */
static int
read_report(struct preparing *p)
{
	uint64_t begin = p->job->given.envelope_length;
	struct report report;
	struct diag diag = {0};
	int error;

	p->report = true;
	p->subject = slice_of_string("Report");
	if (p->job->given.content_length > OUT_REPORT_MAX)
		return note_raw(p, "the report is too large");
	error = job_channel_body(&p->out->channel, &p->job->given, begin,
	    begin + p->job->given.content_length, gather_octets, &p->gathered);
	if (error < 0)
		return error;
	error = report_decode(
	    buffer_slice(&p->gathered), &p->out->arena, &report, &diag);
	if (error == 0)
		error = out_report_text(
		    p->out, &p->envelope, &report, &p->text, &p->subject);
	if (error < 0 && !is_passing(error))
		error = note_raw(p, diag_text(&diag));
	return error;
}

/* prepared_before - tell whether a worker that ended wrote the file */
static bool
prepared_before(struct preparing *p)
{
	struct out_job *job = p->job;
	struct stat st;

	/* Without a note no earlier worker has come so far. */
	if (job->temporary[0] == '\0')
		return false;
	job->noted = true;
	/* A file that lost its temporary name has its own. */
	job->prepared = fstatat(p->out->msmi.postoffice.fd[PO_OUT],
			    job->temporary, &st, AT_SYMLINK_NOFOLLOW) == 0;
	job->octets = job->prepared ? (uint64_t)st.st_size : 0;
	return true;
}

/* prepare_file - do everything up to the temporary file */
static int
prepare_file(struct preparing *p)
{
	struct out_job *job = p->job;
	int error = read_envelope(p);

	if (error < 0)
		return error;
	error =
	    job->given.kind == MTS_REPORT ? find_sender(p) : find_mailboxes(p);
	if (error < 0)
		return error;
	job->result = IPC_DELIVERED;
	if (p->mailbox_count == 0)
		return ERR_NOTFOUND;
	/* A probe asks whether the mailbox exists, which is answered by now. */
	if (job->given.kind == MTS_PROBE || prepared_before(p))
		return 0;
	if (job->given.kind == MTS_REPORT && (error = read_report(p)) < 0)
		return error;
	if ((error = measure_file(p)) < 0 || (error = write_file(p)) < 0)
		return error;
	job->prepared = true;
	return 0;
}

/* fail_job - set the outcome of a job that could not be prepared */
static void
fail_job(struct preparing *p, int error)
{
	struct out_job *job = p->job;
	const char *text =
	    p->diag.code != 0 ? diag_text(&p->diag) : error_strerror(error);

	if (error == ERR_NOTFOUND && job->failed_count > 0)
		text = (const char *)job->failed[0].text.data;
	if (error == ERR_NOTFOUND)
		out_fail(job, IPC_REFUSED, REASON_UNABLE_TO_TRANSFER,
		    DIAGNOSTIC_UNRECOGNISED_OR_NAME, text);
	else if (error == ERR_CANCELLED)
		out_fail(job, IPC_UNSTARTED, 0, DIAGNOSTIC_NONE, "cancelled");
	else if (error == ERR_IO)
		out_unusable(p->out, job, text);
	else if (is_passing(error) || error == ERR_CORRUPT)
		out_fail(job, IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
		    DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER, text);
	else
		out_fail(job, IPC_REFUSED, REASON_UNABLE_TO_TRANSFER,
		    DIAGNOSTIC_PROTOCOL_VIOLATION, text);
	/* The outcome is of all recipients, not of some. */
	job->failed_count = 0;
}

/* keep_failed - copy the recipients that failed out of the arena */
static void
keep_failed(struct out_job *job)
{
	size_t count = job->failed_count;
	struct ipc_recipient_outcome *kept = NULL;

	if (count > 0)
		kept = calloc(count, sizeof(*kept));
	for (size_t i = 0; kept != NULL && i < count; i++) {
		kept[i] = job->failed[i];
		/* The words are the same for all: one will do. */
		kept[i].text =
		    slice_of_string("no such mailbox in this postoffice");
	}
	if (count > 0 && kept == NULL)
		out_fail(job, IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
		    DIAGNOSTIC_NONE, "no memory");
	job->failed = kept;
	job->failed_count = kept == NULL ? 0 : count;
}

/* out_prepare - make the file of a job, or decide that there is none */
void
out_prepare(struct out *out, struct out_job *job)
{
	struct preparing p = {.out = out, .job = job};
	int error;

	job->begun = clock_monotonic();
	worker_item(&out->msmi.worker, job->given.message);
	buffer_init(&p.gathered, OUT_REPORT_MAX);
	buffer_init(&p.text, TEXT_MAX);
	error = prepare_file(&p);
	if (error < 0)
		fail_job(&p, error);
	keep_failed(job);
	buffer_fini(&p.gathered);
	buffer_fini(&p.text);
	assembly_fini(&out->assembly);
	arena_reset(&out->arena);
	worker_item(&out->msmi.worker, 0);
}
