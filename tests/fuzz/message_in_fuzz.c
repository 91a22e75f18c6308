/* SPDX-License-Identifier: ISC */
/*
 * message_in_fuzz.c - messages of the Internet as contents of X.400
 *
 * The first octet says in pieces of which size the rest arrives.  What becomes
 * a content becomes a message again, and that the same content.
 */
#include "tests/fuzz/mixer_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - take a message to X.400, back and there again */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer content, message, again;

	if (size < 2)
		return 0;
	buffer_init(&content, TRIP_MAX);
	buffer_init(&message, TRIP_MAX);
	buffer_init(&again, TRIP_MAX);
	if (trip_to_x400(slice_of(data + 1, size - 1), (size_t)data[0] + 1,
		&content) == 0) {
		if (trip_to_internet(buffer_slice(&content), 4096, &message) !=
		    0)
			abort();
		trip_check_lines(buffer_slice(&message));
		if (trip_to_x400(buffer_slice(&message), 4096, &again) != 0)
			abort();
	}
	buffer_fini(&content);
	buffer_fini(&message);
	buffer_fini(&again);
	return 0;
}
