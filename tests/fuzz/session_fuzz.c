/* SPDX-License-Identifier: ISC */
/*
 * session_fuzz.c - a TSDU; what was read and written again is read as the same
 */
#include <stdlib.h>

#include "osi/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* again - write it, read it, compare */
static void
again(const struct session_pdu *pdu)
{
	struct session_pdu other;
	struct diag diag = {.code = 0};
	struct buffer out;

	buffer_init(&out, 1 << 20);
	if (session_encode(pdu, &out) == 0) {
		if (session_decode(buffer_slice(&out), &other, &diag) < 0 ||
		    other.kind != pdu->kind)
			abort();
		/* A parameter that has no place in an SPDU is not written. */
		if (pdu->kind == SESSION_MINOR && other.serial != pdu->serial)
			abort();
		if (pdu->kind == SESSION_ACTIVITY_START &&
		    !slice_equal(other.activity, pdu->activity))
			abort();
		if (pdu->kind != SESSION_REFUSE &&
		    !slice_equal(other.user_data, pdu->user_data))
			abort();
	}
	buffer_fini(&out);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_of(data, size);
	struct session_pdu pdu;
	struct diag diag = {.code = 0};
	uint8_t enclosure;
	size_t header;
	int is_data = session_data(octets, &header, &enclosure, &diag);

	if (is_data > 0 && header > size)
		abort();
	diag_clear(&diag);
	if (session_decode(octets, &pdu, &diag) < 0)
		return 0;
	(void)session_name(pdu.kind);
	(void)session_refusal_name(pdu.reason);
	if ((pdu.kind == SESSION_DATA) != (is_data > 0))
		abort();
	again(&pdu);
	return 0;
}
