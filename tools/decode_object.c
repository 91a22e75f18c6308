/* SPDX-License-Identifier: ISC */
/*
 * decode_object.c - an APDU or a content as the one JSON form; see
 * decode_object.h
 */
#include "tools/decode_object.h"

#include "json/object_write.h"
#include "mhs/ipm_decode.h"
#include "mhs/transfer.h"

/* An APDU that is being read. */
struct decoding {
	struct object_context context;
	struct object_writer *writer;
};

/* take_envelope - begin the object */
static int
take_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct decoding *d = arg;

	(void)octets;
	d->writer = object_writer_new(envelope, &d->context, NULL);
	return d->writer == NULL ? ERR_NOMEM : 0;
}

/* take_content - hand on a piece of the content */
static int
take_content(void *arg, struct slice piece)
{
	struct decoding *d = arg;

	return object_writer_push(d->writer, piece);
}

/* print_object - print the object that was read */
static int
print_object(struct decoding *d, FILE *stream)
{
	struct buffer text;
	struct slice line;
	int error;

	buffer_init(&text, OBJECT_TEXT_MAX);
	error = object_writer_finish(d->writer, &text);
	line = buffer_slice(&text);
	if (error == 0 &&
	    (fwrite(line.data, 1, line.len, stream) != line.len ||
		fputc('\n', stream) == EOF))
		error = ERR_IO;
	buffer_fini(&text);
	return error;
}

/* print_apdu - print an MTS-APDU; ERR_SYNTAX: it is none that is whole */
static int
print_apdu(struct slice octets, FILE *stream)
{
	struct decoding d = {.context = {.arrival = OBJECT_NO_TIME,
				 .content = {.place = OBJECT_INLINE}}};
	const struct transfer_handler handler = {
	    take_envelope, take_content, &d, NULL, NULL};
	struct transfer_reader reader;
	int error;

	transfer_reader_init(&reader, &handler, UINT64_MAX);
	error = transfer_push(&reader, octets, NULL);
	if (error == 0)
		error = transfer_finish(&reader, NULL);
	if (error == 0)
		error = print_object(&d, stream);
	else if (error != ERR_NOMEM)
		error = ERR_SYNTAX;
	object_writer_free(d.writer);
	transfer_reader_fini(&reader);
	return error;
}

/* is_content - tell whether octets are a whole content of a message (P2 and
 * P22 begin alike) or of a report */
static bool
is_content(struct slice octets, enum mts_kind kind)
{
	struct ipm_decoder decoder;
	struct report report;
	struct arena arena;
	bool is;

	if (kind == MTS_REPORT) {
		arena_init(&arena, OBJECT_ARENA_MAX);
		is = report_decode(octets, &arena, &report, NULL) == 0;
		arena_fini(&arena);
		return is;
	}
	ipm_decoder_init(
	    &decoder, &(struct ipm_handler){.arg = NULL}, UINT64_MAX);
	decoder.whole_messages = true;
	is = ipm_decoder_push(&decoder, octets, NULL) == 0 &&
	    ipm_decoder_finish(&decoder, NULL) == 0;
	ipm_decoder_fini(&decoder);
	return is;
}

/* print_content - print a content alone; ERR_SYNTAX: it is none */
static int
print_content(struct slice octets, enum mts_kind kind, FILE *stream)
{
	struct decoding d = {.context = {.arrival = OBJECT_NO_TIME,
				 .content = {.place = OBJECT_INLINE},
				 .content_alone = true}};
	struct p1_envelope envelope;
	int error;

	if (!is_content(octets, kind))
		return ERR_SYNTAX;
	p1_init(&envelope, kind);
	envelope.content_type.built_in = P1_CONTENT_P22;
	error = take_envelope(&d, &envelope, octets);
	if (error == 0)
		error = take_content(&d, octets);
	if (error == 0)
		error = print_object(&d, stream);
	object_writer_free(d.writer);
	return error;
}

/* decode_object - print an APDU or a content as one line of JSON */
int
decode_object(struct slice octets, FILE *stream)
{
	int error = print_apdu(octets, stream);

	if (error == ERR_SYNTAX)
		error = print_content(octets, MTS_MESSAGE, stream);
	return error == ERR_SYNTAX ? print_content(octets, MTS_REPORT, stream)
				   : error;
}
