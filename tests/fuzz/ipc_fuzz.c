/* SPDX-License-Identifier: ISC */
/*
 * ipc_fuzz.c - records from a process that has been taken over
 *
 * What decodes must encode, and decode to the same again.
 */
#include <stdlib.h>

#include "ipc/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - decode, encode, decode, encode, compare */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc_record record, again;
	struct buffer first, second;
	struct arena arena;
	struct diag diag = {0};
	size_t used = 0;

	arena_init(&arena, 8 << 20);
	buffer_init(&first, IPC_RECORD_MAX);
	buffer_init(&second, IPC_RECORD_MAX);
	if (ipc_record_decode(
		slice_of(data, size), &arena, &record, &used, &diag) == 0) {
		if (used > size)
			abort();
		if (ipc_record_encode(&record, &first) == 0) {
			if (ipc_record_decode(buffer_slice(&first), &arena,
				&again, &used, &diag) != 0 ||
			    ipc_record_encode(&again, &second) != 0 ||
			    !slice_equal(
				buffer_slice(&first), buffer_slice(&second)))
				abort();
		}
	}
	buffer_fini(&first);
	buffer_fini(&second);
	arena_fini(&arena);
	return 0;
}
