/* SPDX-License-Identifier: ISC */
/*
 * tpkt_fuzz.c - packets, one after the other; their headers written again
 */
#include <stdlib.h>

#include "osi/tpkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), tpdu;
	struct diag diag = {.code = 0};
	uint8_t header[TPKT_HEADER];
	size_t used;

	while (tpkt_decode(rest, &tpdu, &used, &diag) > 0) {
		if (used > rest.len || tpdu.len != used - TPKT_HEADER)
			abort();
		tpkt_encode(header, tpdu.len);
		if (header[0] != rest.data[0] || header[2] != rest.data[2] ||
		    header[3] != rest.data[3])
			abort();
		rest = slice_of(rest.data + used, rest.len - used);
	}
	return 0;
}
