/* SPDX-License-Identifier: ISC */
/*
 * apdu.c - an MTS-APDU of tests/vectors/mhs, taken apart; see apdu.h
 */
#include "tests/unit/mhs/apdu.h"

void
apdu_load(struct buffer *buffer, const char *name)
{
	char path[256];
	uint8_t *room;
	size_t len;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/tests/vectors/mhs/%s.bin",
	    TEST_SOURCE_DIR, name);
	buffer_init(buffer, 1 << 20);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: cannot open", path);
	ck_assert_int_eq(buffer_reserve(buffer, 65536, &room), 0);
	len = fread(room, 1, 65536, file);
	ck_assert_uint_gt(len, 0);
	buffer_commit(buffer, len);
	fclose(file);
}

static int
apdu_on_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct apdu *apdu = arg;

	apdu->envelope = *envelope;
	return buffer_append(&apdu->octets, octets.data, octets.len);
}

static int
apdu_on_content(void *arg, struct slice piece)
{
	struct apdu *apdu = arg;

	return buffer_append(&apdu->content, piece.data, piece.len);
}

static int
apdu_on_announced(void *arg, uint64_t length)
{
	struct apdu *apdu = arg;

	apdu->announced = length;
	return 0;
}

static int
apdu_on_recipients(void *arg, struct slice octets)
{
	struct apdu *apdu = arg;

	ck_assert_uint_gt(octets.len, 0);
	return buffer_append(&apdu->apart, octets.data, octets.len);
}

static void
apdu_init_by(struct apdu *apdu, uint64_t content_max,
    int (*recipients)(void *arg, struct slice octets))
{
	const struct transfer_handler handler = {apdu_on_envelope,
	    apdu_on_content, apdu, apdu_on_announced, recipients};

	apdu->announced = 0;
	buffer_init(&apdu->octets, P1_ENVELOPE_MAX);
	buffer_init(&apdu->content, 1 << 26);
	buffer_init(&apdu->apart, 2 * P1_ENVELOPE_MAX);
	arena_init(&apdu->arena, P1_ARENA_MAX);
	transfer_reader_init(&apdu->reader, &handler, content_max);
}

void
apdu_init(struct apdu *apdu, uint64_t content_max)
{
	apdu_init_by(apdu, content_max, NULL);
}

void
apdu_init_apart(struct apdu *apdu, uint64_t content_max)
{
	apdu_init_by(apdu, content_max, apdu_on_recipients);
}

void
apdu_join(struct apdu *apdu)
{
	struct p1_decoding decoding;
	struct buffer rest;
	struct slice octets;
	struct diag diag = {0};
	int more;

	if (!transfer_is_apart(&apdu->reader))
		return;
	ck_assert_uint_eq(apdu->envelope.recipient_count, 0);
	buffer_init(&rest, P1_ENVELOPE_MAX);
	ck_assert_int_eq(
	    p1_encode_rest(&apdu->envelope, EXTENSION_IMPLICIT, &rest), 0);
	ck_assert_int_eq(
	    arena_slice(&apdu->arena, buffer_slice(&rest), &octets), 0);
	buffer_fini(&rest);
	ck_assert_msg(p1_decode_begin_apart(apdu->envelope.kind, octets,
			  buffer_slice(&apdu->apart), &apdu->arena, &decoding,
			  &diag) == 0,
	    "%s", diag_text(&diag));
	while (
	    (more = p1_decode_some(&decoding, 1000, &apdu->arena, &diag)) == 1)
		;
	ck_assert_msg(more == 0, "%s", diag_text(&diag));
	apdu->envelope = decoding.envelope;
}

void
apdu_read(struct apdu *apdu, const char *name)
{
	struct diag diag;
	int error;

	diag_clear(&diag);
	apdu_load(&apdu->file, name);
	apdu_init(apdu, UINT64_MAX);
	error = transfer_push(&apdu->reader, buffer_slice(&apdu->file), &diag);
	if (error == 0)
		error = transfer_finish(&apdu->reader, &diag);
	ck_assert_msg(error == 0, "%s: %s", name, diag.text);
}

void
apdu_fini(struct apdu *apdu)
{
	transfer_reader_fini(&apdu->reader);
	buffer_fini(&apdu->file);
	buffer_fini(&apdu->octets);
	buffer_fini(&apdu->content);
	buffer_fini(&apdu->apart);
	arena_fini(&apdu->arena);
}
