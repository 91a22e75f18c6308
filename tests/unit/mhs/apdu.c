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

void
apdu_init(struct apdu *apdu, uint64_t content_max)
{
	struct transfer_handler handler = {
	    apdu_on_envelope, apdu_on_content, apdu, apdu_on_announced};

	apdu->announced = 0;
	buffer_init(&apdu->octets, P1_ENVELOPE_MAX);
	buffer_init(&apdu->content, 1 << 26);
	transfer_reader_init(&apdu->reader, &handler, content_max);
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
}
