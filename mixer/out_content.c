/* SPDX-License-Identifier: ISC */
/*
 * out_content.c - the octets of the message of a job
 *
 * Its length, and whether it can be mapped at all, is to be known before the
 * server is told of it.  So it is mapped twice: what is no larger than
 * OUT_MEMORY is kept from the first time, a larger one is read from qmgr again.
 * Both times come to the same octets.
 */
#include <stdio.h>

#include "mhs/charset.h"
#include "mime/mime_date.h"
#include "mixer/envelope_out.h"
#include "mixer/message_out.h"
#include "mixer/out.h"
#include "mixer/trace_text.h"

#define HEADER_MAX 1024
#define PIECE_MAX  65536

/* out_content_gather - take octets of the message at hand */
int
out_content_gather(void *arg, struct slice octets)
{
	struct out *out = arg;
	struct out_message *m = &out->message;

	m->length += octets.len;
	m->eight_bit = m->eight_bit || !charset_is_ascii(octets);
	/* A report cannot be mapped again: its content was read whole. */
	if (m->envelope.kind != MTS_REPORT && m->length > OUT_MEMORY) {
		m->large = true;
		buffer_reset(&m->content);
	}
	return m->large ? 0
			: buffer_append(&m->content, octets.data, octets.len);
}

/* put_header - write the first fields: that it came by us, and the envelope */
static int
put_header(struct out *out, mime_sink sink, void *arg, struct diag *diag)
{
	char text[HEADER_MAX], date[MIME_DATE_MAX],
	    identifier[MTS_IDENTIFIER_TEXT];
	struct mime_writer writer;
	int len;

	mts_identifier_format(&out->message.envelope.identifier, identifier);
	/* The identifier came from a peer. */
	for (char *c = identifier; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || strchr("()\\", *c) != NULL)
			*c = '?';
	len = snprintf(text, sizeof(text),
	    "Received: by %s with MIXER\r\n\t(%.400s);\r\n\t%s\r\n",
	    out->mixer.section->mail_domain, identifier,
	    mime_date_format(out->mixer.mapping.now, date));
	mime_writer_init(&writer, sink, arg);
	mime_put(&writer, slice_of(text, (size_t)len));
	/* By the trace the other gateway finds that a message goes round. */
	if (out->message.envelope.kind == MTS_MESSAGE)
		envelope_to_internet(
		    &out->mixer.mapping, &out->message.envelope, &writer);
	else
		trace_text_put(&writer, &out->message.envelope.trace,
		    &out->message.envelope.internal_trace, &out->arena);
	return writer.error == 0
	    ? 0
	    : diag_set(diag, writer.error, "%s", error_strerror(writer.error));
}

/* out_content_begin - begin a message with its first fields */
int
out_content_begin(struct out *out, struct diag *diag)
{
	buffer_reset(&out->message.content);
	out->message.length = 0;
	out->message.large = out->message.eight_bit = false;
	return put_header(out, out_content_gather, out, diag);
}

/* map_once - map the content of a job; ERR_AGAIN: raw has one part more that
 * cannot be read */
static int
map_once(struct out *out, struct out_job *job, mime_sink sink, void *arg,
    struct diag *diag)
{
	struct message_out *message;
	struct ipm_raw *raw = &out->message.raw;
	struct client_job *given = &job->given;
	uint64_t left = given->content_length, end;
	struct buffer octets;
	int error;

	error = message_out_new(&out->mixer.mapping, raw, sink, arg, &message);
	if (error != 0)
		return error;
	end = given->envelope_length + left;
	buffer_init(&octets, LIMITS_BODY);
	client_job_seek(given, given->envelope_length);
	/* Octets are taken out of the job: while mixer-memory is asked, qmgr
	 * may add to its body and move it. */
	while (error == 0 && left > 0) {
		error = job_channel_octets(&out->channel, given, end, &octets);
		if (error != 0)
			break;
		left -= buffer_length(&octets);
		error = message_out_push(message, buffer_slice(&octets), diag);
	}
	if (error == 0)
		error = message_out_finish(message, diag);
	if (error != 0 && message_out_unreadable(message, raw))
		error = ERR_AGAIN;
	out->message.receipt = message_out_is_receipt(message);
	message_out_free(message);
	buffer_fini(&octets);
	return error;
}

/* out_content_make - map the content of a job */
int
out_content_make(struct out *out, struct out_job *job, struct diag *diag)
{
	struct mapping *mapping = &out->mixer.mapping;
	struct out_message *m = &out->message;
	int error;

	m->raw = (struct ipm_raw){.count = 0};
	/* Of the blind recipients nobody is told, but one of himself. */
	mapping->only = m->count == 1
	    ? &m->envelope.recipients[m->recipients[0].index].name.address
	    : NULL;
	do {
		diag_clear(diag);
		error = out_content_begin(out, diag);
		if (error == 0)
			error =
			    map_once(out, job, out_content_gather, out, diag);
	} while (error == ERR_AGAIN);
	return error;
}

/* write_again - map a large message another time */
static int
write_again(struct out *out, struct out_job *job, mime_sink sink, void *arg)
{
	struct diag diag = {0};
	int error = put_header(out, sink, arg, &diag);

	return error != 0 ? error : map_once(out, job, sink, arg, &diag);
}

/* out_content_write - write the message to a sink */
int
out_content_write(
    struct out *out, struct out_job *job, mime_sink sink, void *arg)
{
	struct slice rest = buffer_slice(&out->message.content);
	int error = 0;

	if (out->message.large)
		return write_again(out, job, sink, arg);
	while (error == 0 && rest.len > 0) {
		size_t len = rest.len < PIECE_MAX ? rest.len : PIECE_MAX;

		error = sink(arg, slice_of(rest.data, len));
		rest = slice_of(rest.data + len, rest.len - len);
	}
	return error;
}
