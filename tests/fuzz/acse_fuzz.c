/* SPDX-License-Identifier: ISC */
/*
 * acse_fuzz.c - an APDU; what was read and written again is read as the same
 */
#include <stdlib.h>

#include "osi/acse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acse_apdu apdu, again;
	struct diag diag = {.code = 0};
	struct buffer out;

	if (acse_decode(slice_of(data, size), 3, &apdu, &diag) < 0)
		return 0;
	(void)acse_diagnostic_name(apdu.source, apdu.diagnostic);
	if (apdu.value.len > size)
		abort();
	/* An AARE need not say its context, and a value may be anything. */
	if (apdu.value.len > 0 || apdu.context_name.len == 0)
		return 0;
	if (apdu.kind == ACSE_AARE && apdu.source == 0)
		apdu.source = ACSE_SOURCE_USER;
	buffer_init(&out, 1 << 20);
	if (acse_encode(&apdu, &out) < 0 ||
	    acse_decode(buffer_slice(&out), 3, &again, &diag) < 0 ||
	    again.kind != apdu.kind || again.result != apdu.result ||
	    again.diagnostic != apdu.diagnostic ||
	    !slice_equal(again.context_name, apdu.context_name))
		abort();
	buffer_fini(&out);
	return 0;
}
