/* SPDX-License-Identifier: ISC */
/*
 * decode_mime.c - x4decode --mime: a message as the other side has it
 */
#include "tools/decode_mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mhs/transfer.h"
#include "mixer/message_in.h"
#include "mixer/message_out.h"
#include "mixer/report_out.h"
#include "mixer/status_in.h"

/* Memory for a report. */
#define ARENA_MAX ((size_t)256 * 1024 * 1024)

/* The mapping, and where a message goes. */
struct decoding {
	struct mapping mapping;
	struct address_map map;
	struct mime_charsets charsets;
	unsigned max_parts;
	FILE *stream;
};

/* write_octets - write octets to the stream */
static int
write_octets(void *arg, struct slice octets)
{
	struct decoding *d = arg;

	return fwrite(octets.data, 1, octets.len, d->stream) == octets.len
	    ? 0
	    : ERR_IO;
}

/* find_raw - find the forwarded messages that cannot be read, before anything
 * is written.  Errors of ipm_decode.h: the content cannot */
static int
find_raw(struct slice content, struct ipm_raw *raw)
{
	const struct ipm_handler handler = {.arg = NULL};
	struct ipm_decoder decoder;
	int error;

	raw->count = 0;
	do {
		ipm_decoder_init(&decoder, &handler, UINT64_MAX);
		decoder.raw = raw;
		error = ipm_decoder_push(&decoder, content, NULL);
		if (error < 0 && decoder.unreadable != 0 &&
		    raw->count < IPM_RAW_MAX) {
			raw->part[raw->count++] = decoder.unreadable;
			error = ERR_AGAIN;
		}
		if (error == 0)
			error = ipm_decoder_finish(&decoder, NULL);
		ipm_decoder_fini(&decoder);
	} while (error == ERR_AGAIN);
	return error;
}

/* to_internet - write a content as a message of the Internet */
static int
to_internet(struct decoding *d, struct slice content, struct diag *diag)
{
	struct message_out *out;
	struct ipm_raw raw;
	int error = find_raw(content, &raw);

	if (error == 0)
		error =
		    message_out_new(&d->mapping, &raw, write_octets, d, &out);
	if (error < 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	error = message_out_push(out, content, diag);
	if (error == 0)
		error = message_out_finish(out, diag);
	message_out_free(out);
	return error;
}

/* write_report - write the content of a report that a message is; ERR_NOTFOUND:
 * it is none */
static int
write_report(struct decoding *d, struct slice text, struct arena *arena)
{
	struct report report;
	struct buffer out;
	int error = status_to_report(&d->mapping, text, arena, &report);

	if (error < 0)
		return error;
	buffer_init(&out, P1_ENVELOPE_MAX);
	error = report_encode(&report, EXTENSION_IMPLICIT, &out);
	if (error == 0)
		error = write_octets(d, buffer_slice(&out));
	buffer_fini(&out);
	return error;
}

/* write_notification - write the notification that a message is; ERR_NOTFOUND:
 * it is none */
static int
write_notification(struct decoding *d, struct slice text, struct arena *arena)
{
	struct ipm_notification notification;
	struct buffer out;
	int error =
	    status_to_notification(&d->mapping, text, arena, &notification);

	if (error < 0)
		return error;
	buffer_init(&out, IPM_HEADING_MAX);
	error = ipm_notification_encode(&notification, &out);
	if (error == 0)
		error = write_octets(d, buffer_slice(&out));
	buffer_fini(&out);
	return error;
}

/* write_status - write what a message says to programs.  ERR_NOTFOUND: it says
 * nothing, and is for people */
static int
write_status(struct decoding *d, const struct message_plan *plan)
{
	struct arena arena;
	int error = ERR_NOTFOUND;

	arena_init(&arena, ARENA_MAX);
	if (plan->status == MESSAGE_STATUS_DELIVERY)
		error = write_report(d, plan->status_text, &arena);
	else if (plan->status == MESSAGE_STATUS_DISPOSITION)
		error = write_notification(d, plan->status_text, &arena);
	arena_fini(&arena);
	return error == ERR_SYNTAX ? ERR_NOTFOUND : error;
}

/* to_x400 - write a message of the Internet as a content */
static int
to_x400(struct decoding *d, struct slice message, struct diag *diag)
{
	struct message_plan plan;
	const struct mime_limits limits = {.size = UINT64_MAX,
	    .header = MIME_HEADER_MAX,
	    .parts = d->max_parts};
	struct message_in *in;
	int error = message_in_new(&d->mapping, &limits, &in);

	if (error < 0)
		return error;
	if ((error = message_in_push(in, message, diag)) == 0 &&
	    (error = message_in_finish(in, &plan, diag)) == 0)
		error = write_status(d, &plan);
	/* Any other message is for people. */
	if (error == ERR_NOTFOUND) {
		message_in_again(in, write_octets, d);
		error = message_in_push(in, message, diag);
		if (error == 0)
			error = message_in_finish(in, NULL, diag);
	}
	message_in_free(in);
	return error;
}

/* An APDU being taken apart. */
struct apdu {
	struct decoding *decoding;
	enum mts_kind kind;
	const struct p1_envelope *envelope; /* of the reader */
	struct buffer content;
};

/* report_out - write the content of a report as a message; ERR_SYNTAX: it is
 * none */
static int
report_out(
    struct decoding *d, struct slice octets, const struct p1_envelope *envelope)
{
	struct report report;
	struct arena arena;
	int error;

	arena_init(&arena, ARENA_MAX);
	error = report_decode(octets, &arena, &report, NULL);
	if (error == 0)
		error = report_to_internet(
		    &d->mapping, envelope, &report, NULL, write_octets, d);
	arena_fini(&arena);
	return error;
}

/* take_envelope - note what it is, and when it began its way */
static int
take_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct apdu *apdu = arg;

	(void)octets;
	apdu->kind = envelope->kind;
	apdu->envelope = envelope;
	if (envelope->trace.count > 0)
		apdu->decoding->mapping.now =
		    envelope->trace.elements[0].arrival;
	return 0;
}

/* take_content - keep octets of the content */
static int
take_content(void *arg, struct slice piece)
{
	struct apdu *apdu = arg;

	return buffer_append(&apdu->content, piece.data, piece.len);
}

/* map_apdu - write the message or report of an APDU; ERR_NOTFOUND: it is no
 * APDU */
static int
map_apdu(struct decoding *d, struct slice octets, struct diag *diag)
{
	struct apdu apdu = {.decoding = d};
	const struct transfer_handler handler = {
	    take_envelope, take_content, &apdu, NULL, NULL};
	struct transfer_reader reader;
	int error = ERR_NOTFOUND;

	buffer_init(&apdu.content, octets.len);
	transfer_reader_init(&reader, &handler, UINT64_MAX);
	if (transfer_push(&reader, octets, NULL) == 0 &&
	    transfer_finish(&reader, NULL) == 0) {
		if (apdu.kind == MTS_REPORT)
			error = report_out(
			    d, buffer_slice(&apdu.content), apdu.envelope);
		else if (apdu.kind == MTS_MESSAGE)
			error =
			    to_internet(d, buffer_slice(&apdu.content), diag);
		else
			error = diag_set(
			    diag, ERR_UNSUPPORTED, "a probe has no content");
	}
	transfer_reader_fini(&reader);
	buffer_fini(&apdu.content);
	return error;
}

/* The tags of contents: a message, a notification, a report. */
#define TAG_MESSAGE	 0xa0
#define TAG_NOTIFICATION 0xa1
#define TAG_REPORT	 0x31

/* map_octets - write octets as the other side has them */
static int
map_octets(struct decoding *d, struct slice octets, struct diag *diag)
{
	uint8_t tag = octets.len > 0 ? octets.data[0] : 0;
	int error = map_apdu(d, octets, diag);

	if (error != ERR_NOTFOUND)
		return error;
	/* No header begins with one of these but for the last, "1". */
	if (tag == TAG_MESSAGE || tag == TAG_NOTIFICATION)
		return to_internet(d, octets, diag);
	if (tag == TAG_REPORT) {
		error = report_out(d, octets, NULL);
		if (error != ERR_SYNTAX && error != ERR_TRUNCATED)
			return error;
	}
	return to_x400(d, octets, diag);
}

/* decode_mime - write a message as a section mixer maps it */
enum exit_status
decode_mime(
    const struct options *options, const char *mixer, struct slice octets)
{
	struct conf *conf = options_conf(options);
	const struct conf_mixer *section = conf_mixer_find(conf, mixer);
	struct decoding d = {.stream = stdout};
	struct diag diag = {0};
	int error;

	if (section == NULL)
		options_fail(options, EXIT_STATUS_CONFIG,
		    "%s: there is no section mixer \"%s\"", options->config,
		    mixer);
	if (address_map_read(&d.map, section, &diag) != 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	mime_charsets_open(&d.charsets);
	d.mapping.addresses = &d.map;
	d.mapping.charsets = &d.charsets;
	d.mapping.now = (int64_t)time(NULL);
	mapping_set(&d.mapping, section);
	d.max_parts = section->max_parts;
	arc4random_buf(d.mapping.secret, sizeof(d.mapping.secret));
	error = map_octets(&d, octets, &diag);
	if (fflush(stdout) != 0 && error == 0)
		error = ERR_IO;
	mime_charsets_close(&d.charsets);
	address_map_fini(&d.map);
	conf_free(conf);
	if (error != 0)
		options_fail(options, EXIT_STATUS_REFUSED, "%s",
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
	return EXIT_STATUS_DONE;
}
