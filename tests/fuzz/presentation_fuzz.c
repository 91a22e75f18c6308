/* SPDX-License-Identifier: ISC */
/*
 * presentation_fuzz.c - a PPDU of each kind, and the PDV lists in it
 */
#include <stdlib.h>

#include "osi/presentation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* find - find the values of a few contexts */
static void
find(struct slice user_data)
{
	struct diag diag = {.code = 0};
	struct slice value;

	for (uint32_t context = 1; context < 6; context += 2)
		if (presentation_find(user_data, context, &value, &diag) > 0 &&
		    value.len > user_data.len)
			abort();
}

/* check_connect - write a CP or CPA that was read, and read it again */
static void
check_connect(const struct presentation_connect *connect, struct arena *arena)
{
	struct presentation_connect other;
	struct diag diag = {.code = 0};
	struct buffer out;

	find(connect->user_data);
	if (connect->mode != PRESENTATION_NORMAL)
		return;
	buffer_init(&out, 1 << 20);
	if (presentation_encode_connect(
		connect, 1, slice_of("\x05\x00", 2), &out) == 0 &&
	    (presentation_decode_connect(
		 buffer_slice(&out), arena, &other, &diag) < 0 ||
		other.contexts != connect->contexts ||
		!slice_equal(other.called_selector, connect->called_selector)))
		abort();
	buffer_fini(&out);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_of(data, size);
	struct presentation_connect connect;
	struct presentation_abort abort_ppdu;
	struct diag diag = {.code = 0};
	struct arena arena;

	arena_init(&arena, 1 << 20);
	if (presentation_decode_connect(octets, &arena, &connect, &diag) == 0)
		check_connect(&connect, &arena);
	if (presentation_decode_accept(octets, &arena, &connect, &diag) == 0)
		find(connect.user_data);
	if (presentation_decode_refuse(octets, &arena, &connect, &diag) == 0) {
		(void)presentation_refusal_name(connect.provider_reason);
		find(connect.user_data);
	}
	if (presentation_decode_abort(octets, &abort_ppdu, &diag) == 0) {
		(void)presentation_abort_name(abort_ppdu.reason);
		find(abort_ppdu.user_data);
	}
	find(octets);
	arena_fini(&arena);
	return 0;
}
