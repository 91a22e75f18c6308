/* SPDX-License-Identifier: ISC */
/*
 * ipm_fuzz.c - interpersonal messages from strangers
 *
 * The first octet says in pieces of which size the rest arrives.  What comes
 * out must not depend on it, and a heading that decodes must encode and
 * decode to the same again.
 */
#include <stdlib.h>

#include "mhs/ipm_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a decoder told, as a number that depends on all of it. */
struct told {
	uint64_t hash;
	unsigned open;
	uint64_t original; /* octets of texts in sets not known */
};

/* mix - mix octets into the number */
static void
mix(struct told *told, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		told->hash =
		    (told->hash ^ octets.data[i]) * UINT64_C(0x100000001b3);
}

/* encode - encode a heading as octets */
static int
encode(const struct ipm_heading *heading, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ipm_heading_encode(&writer, heading, IPM_P22);
	return ber_finish(&writer);
}

/* on_heading - encode, decode, encode: twice the same */
static int
on_heading(void *arg, const struct ipm_heading *heading, unsigned level)
{
	struct told *told = arg;
	struct buffer first, second;
	struct ipm_heading again;
	struct arena arena;

	mix(told, slice_of(&level, sizeof(level)));
	mix(told, heading->subject);
	arena_init(&arena, IPM_ARENA_MAX);
	buffer_init(&first, 4 * IPM_HEADING_MAX);
	buffer_init(&second, 4 * IPM_HEADING_MAX);
	if (encode(heading, &first) == 0) {
		if (ipm_heading_decode(
			buffer_slice(&first), &arena, &again, NULL) == 0) {
			if (encode(&again, &second) != 0)
				abort();
		} else if (buffer_length(&first) <= IPM_HEADING_MAX) {
			abort();
		}
	}
	buffer_fini(&first);
	buffer_fini(&second);
	arena_fini(&arena);
	return 0;
}

static int
on_notification(void *arg, const struct ipm_notification *notification)
{
	struct told *told = arg;

	mix(told, slice_of_string(ipm_notification_reason(notification)));
	mix(told, notification->subject_ipm.local);
	return 0;
}

static int
on_begin(void *arg, const struct ipm_part *part)
{
	struct told *told = arg;

	told->open++;
	mix(told, slice_of_string(ipm_kind_name(part->kind)));
	mix(told, part->filename);
	mix(told, slice_of(&part->size, sizeof(part->size)));
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	struct told *told = arg;

	if (told->open == 0 || octets.len == 0)
		abort();
	mix(told, octets);
	return 0;
}

/* on_original - count octets: they come between pieces of any size */
static int
on_original(void *arg, struct slice octets)
{
	struct told *told = arg;

	if (told->open == 0)
		abort();
	told->original += octets.len;
	return 0;
}

static int
on_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct told *told = arg;

	if (told->open-- == 0)
		abort();
	mix(told, slice_of_string(ipm_kind_name(kind)));
	mix(told, slice_of(&level, sizeof(level)));
	return 0;
}

/* decode_once - decode all of it in pieces; ERR_AGAIN: with one part more as
 * BER */
static int
decode_once(
    struct slice octets, size_t piece, struct ipm_raw *raw, struct told *told)
{
	const struct ipm_handler handler = {.heading = on_heading,
	    .notification = on_notification,
	    .part_begin = on_begin,
	    .part_data = on_data,
	    .part_original = on_original,
	    .part_end = on_end,
	    .arg = told};
	struct ipm_decoder decoder;
	int error = 0;

	*told = (struct told){.hash = UINT64_C(0xcbf29ce484222325)};
	ipm_decoder_init(&decoder, &handler, UINT64_MAX);
	decoder.raw = raw;
	for (size_t i = 0; error == 0 && i < octets.len; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		error = ipm_decoder_push(
		    &decoder, slice_of(octets.data + i, n), NULL);
	}
	if (error == 0)
		error = ipm_decoder_finish(&decoder, NULL);
	if (error < 0 && decoder.unreadable != 0 && raw->count < IPM_RAW_MAX) {
		for (unsigned i = 0; i < raw->count; i++)
			if (raw->part[i] == decoder.unreadable)
				abort();
		raw->part[raw->count++] = decoder.unreadable;
		error = ERR_AGAIN;
	}
	ipm_decoder_fini(&decoder);
	return error;
}

/* decode - decode all of it in pieces; true if it was a message */
static bool
decode(struct slice octets, size_t piece, struct told *told)
{
	struct ipm_raw raw = {.count = 0};
	int error;

	do
		error = decode_once(octets, piece, &raw, told);
	while (error == ERR_AGAIN);
	return error == 0;
}

/* LLVMFuzzerTestOneInput - check that pieces and the whole tell the same */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told pieces, whole;
	bool in_pieces, at_once;

	if (size < 2)
		return 0;
	in_pieces =
	    decode(slice_of(data + 1, size - 1), (size_t)data[0] + 1, &pieces);
	at_once = decode(slice_of(data + 1, size - 1), size, &whole);
	if (in_pieces != at_once)
		abort();
	if (at_once &&
	    (pieces.hash != whole.hash || pieces.original != whole.original ||
		whole.open != 0))
		abort();
	return 0;
}
