/* SPDX-License-Identifier: ISC */
/*
 * proxy_header_fuzz.c - what a balancer says of a caller
 */
#include <stdlib.h>

#include "worker/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag diag = {.code = 0};
	struct proxy_header header;
	size_t len = 0;
	int wants;

	while ((wants = proxy_header_wants(slice_of(data, len), &diag)) > 0) {
		len += (size_t)wants;
		if (len > PROXY_HEADER_MAX)
			abort();
		if (len > size)
			return 0;
	}
	if (wants < 0 ||
	    proxy_header_parse(slice_of(data, len), &header, &diag) < 0)
		return diag.code != 0 ? 0 : (abort(), 0);
	if (header.call == PROXY_CALL && header.length == 0)
		abort();
	return 0;
}
