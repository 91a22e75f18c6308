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

/* What a message is mapped by and where it goes. */
struct decoding {
	struct mapping mapping;
	struct address_map map;
	struct mime_charsets charsets;
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

/* drop_octets - leave octets unwritten */
static int
drop_octets(void *arg, struct slice octets)
{
	(void)arg;
	(void)octets;
	return 0;
}

/* find_raw - find the forwarded messages that cannot be read */
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
		ipm_decoder_fini(&decoder);
	} while (error == ERR_AGAIN);
	return error;
}

/* to_internet - write a content as a message of the Internet */
static int
to_internet(
    struct decoding *d, struct slice content, mime_sink sink, struct diag *diag)
{
	struct message_out *out;
	struct ipm_raw raw;
	int error = find_raw(content, &raw);

	if (error == ERR_NOMEM)
		return error;
	error = message_out_new(&d->mapping, &raw, sink, d, &out);
	if (error < 0)
		return error;
	error = message_out_push(out, content, diag);
	if (error == 0)
		error = message_out_finish(out, diag);
	message_out_free(out);
	return error;
}

/* to_x400 - write a message of the Internet as a content */
static int
to_x400(struct decoding *d, struct slice message, struct diag *diag)
{
	const struct mime_limits limits = {.size = UINT64_MAX,
	    .header = MIME_HEADER_MAX,
	    .parts = MIME_PARTS_MAX};
	struct message_in *in;
	int error = message_in_new(&d->mapping, &limits, &in);

	if (error < 0)
		return error;
	if ((error = message_in_push(in, message, diag)) == 0 &&
	    (error = message_in_finish(in, NULL, diag)) == 0) {
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
	bool message;
	struct buffer content;
};

/* take_envelope - note whether it is a message, and when that began its way */
static int
take_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct apdu *apdu = arg;

	(void)octets;
	apdu->message = envelope->kind == MTS_MESSAGE;
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

/* open_apdu - find the content in an APDU; false: it is none */
static bool
open_apdu(struct decoding *d, struct slice octets, struct buffer *content)
{
	struct apdu apdu = {.decoding = d};
	const struct transfer_handler handler = {
	    take_envelope, take_content, &apdu, NULL};
	struct transfer_reader reader;
	bool is;

	buffer_init(&apdu.content, octets.len);
	transfer_reader_init(&reader, &handler, UINT64_MAX);
	is = transfer_push(&reader, octets, NULL) == 0 &&
	    transfer_finish(&reader, NULL) == 0 && apdu.message;
	transfer_reader_fini(&reader);
	*content = apdu.content;
	return is;
}

/* map_octets - write octets as the other side has them */
static int
map_octets(struct decoding *d, struct slice octets, struct diag *diag)
{
	struct buffer content;
	struct diag reason = {0};
	int error;

	/* A content is one element, whose tag no header begins with. */
	if (octets.len > 0 && octets.data[0] == 0xa0 &&
	    to_internet(d, octets, drop_octets, &reason) == 0)
		return to_internet(d, octets, write_octets, diag);
	if (open_apdu(d, octets, &content))
		error =
		    to_internet(d, buffer_slice(&content), write_octets, diag);
	else if (octets.len > 0 && (octets.data[0] & 0x80) != 0)
		error = reason.code != 0
		    ? diag_set(diag, reason.code, "%s", diag_text(&reason))
		    : ERR_SYNTAX;
	else
		error = to_x400(d, octets, diag);
	buffer_fini(&content);
	return error;
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
