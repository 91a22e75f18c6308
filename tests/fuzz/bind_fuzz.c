/* SPDX-License-Identifier: ISC */
/*
 * bind_fuzz.c - a bind from a stranger
 *
 * What is read and is not strong must encode and be read the same again.
 */
#include <stdlib.h>

#include "mhs/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mta_bind bind, again;
	struct buffer out;
	struct arena arena;
	struct diag diag;

	diag_clear(&diag);
	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	if (mta_bind_decode(slice_of(data, size), &arena, &bind, &diag) == 0 &&
	    mta_bind_encode(&bind, BIND_INVOKE, &out) == 0) {
		if (mta_bind_decode(
			buffer_slice(&out), &arena, &again, &diag) != 0 ||
		    !slice_equal(bind.password, again.password))
			abort();
	}
	buffer_fini(&out);
	arena_fini(&arena);
	return 0;
}
