/* SPDX-License-Identifier: ISC */
/*
 * cotp_fuzz.c - a TPDU; what was read and written again is read as the same
 */
#include <stdlib.h>

#include "osi/cotp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cotp_tpdu tpdu, again;
	struct diag diag = {.code = 0};
	struct buffer out;

	if (cotp_decode(slice_of(data, size), &tpdu, &diag) < 0)
		return 0;
	(void)cotp_reason_name(tpdu.reason);
	if (tpdu.code == COTP_DT) {
		if (tpdu.data.len != size - COTP_DATA_HEADER)
			abort();
		return 0;
	}
	buffer_init(&out, 1000);
	if (cotp_encode(&tpdu, &out) == 0) {
		if (cotp_decode(buffer_slice(&out), &again, &diag) < 0 ||
		    again.code != tpdu.code || again.dst_ref != tpdu.dst_ref ||
		    again.tpdu_size != tpdu.tpdu_size ||
		    !slice_equal(again.calling, tpdu.calling) ||
		    !slice_equal(again.called, tpdu.called))
			abort();
	}
	buffer_fini(&out);
	return 0;
}
