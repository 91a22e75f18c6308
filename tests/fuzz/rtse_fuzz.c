/* SPDX-License-Identifier: ISC */
/*
 * rtse_fuzz.c - an APDU and the bind in it; read, written, read as the same,
 * also the fields alone, as X.410 mode has them; and the EXTERNAL of a
 * transfer, in two pieces
 */
#include <stdlib.h>

#include "osi/external.h"
#include "osi/rtse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* take - read the APDU in data, cut at a place: count its octets, -1 if it is
 * none, and sum them */
static long
take(struct slice octets, size_t cut, uint32_t *sum)
{
	struct external external;
	struct slice part[2], out[2];
	long len = 0;

	part[0] = slice_of(octets.data, cut);
	part[1] = slice_of(octets.data + cut, octets.len - cut);
	*sum = 0;
	external_init(&external, 5);
	for (int i = 0; i < 2; i++) {
		if (external_push(&external, part[i], out, NULL) < 0)
			return -1;
		for (int j = 0; j < 2; j++)
			for (size_t k = 0; k < out[j].len; k++, len++)
				*sum = *sum * 31 + out[j].data[k];
	}
	return external_finish(&external, NULL) < 0 ? -1 : len;
}

/* fields - read the fields of each kind of APDU, write and read them again */
static void
fields(struct slice octets, struct arena *arena)
{
	static const enum rtse_kind kinds[] = {
	    RTSE_RTORQ, RTSE_RTOAC, RTSE_RTORJ, RTSE_RTAB};
	struct rtse_apdu apdu, again;
	struct diag diag = {.code = 0};
	struct buffer out;

	buffer_init(&out, 1 << 20);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		buffer_reset(&out);
		if (rtse_decode_fields(octets, kinds[i], arena, &apdu, &diag) <
			0 ||
		    apdu.user.len > 0)
			continue;
		if (rtse_encode_fields(&apdu, &out) < 0 ||
		    rtse_decode_fields(buffer_slice(&out), kinds[i], arena,
			&again, &diag) < 0 ||
		    again.kind != apdu.kind ||
		    again.checkpoint_size != apdu.checkpoint_size ||
		    (apdu.kind == RTSE_RTORQ &&
			again.application_protocol !=
			    apdu.application_protocol) ||
		    again.refuse_reason != apdu.refuse_reason ||
		    again.abort_reason != apdu.abort_reason)
			abort();
		(void)rtse_refusal_name(apdu.refuse_reason);
	}
	buffer_fini(&out);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_of(data, size), value;
	struct rtse_apdu apdu, again;
	struct diag diag = {.code = 0};
	struct arena arena;
	struct buffer out;
	uint32_t sum, other;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	if (rtse_decode(octets, &arena, &apdu, &diag) == 0) {
		(void)rtse_abort_name(apdu.abort_reason);
		if (rtse_encode(&apdu, &out) == 0 && apdu.user.len == 0 &&
		    (rtse_decode(buffer_slice(&out), &arena, &again, &diag) <
			    0 ||
			again.kind != apdu.kind ||
			again.checkpoint_size != apdu.checkpoint_size ||
			again.window != apdu.window ||
			again.recover != apdu.recover ||
			again.abort_reason != apdu.abort_reason))
			abort();
		for (int bind = RTSE_BIND_INVOKE; bind <= RTSE_BIND_ERROR;
		     bind++)
			if (rtse_bind_decode(apdu.user, (enum rtse_bind)bind,
				&value, &diag) == 0 &&
			    value.len > size)
				abort();
	}
	fields(octets, &arena);
	if (take(octets, size / 2, &sum) != take(octets, size, &other) ||
	    sum != other)
		if (take(octets, size, &other) >= 0)
			abort();
	buffer_fini(&out);
	arena_fini(&arena);
	return 0;
}
