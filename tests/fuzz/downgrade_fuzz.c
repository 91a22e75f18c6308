/* SPDX-License-Identifier: ISC */
/*
 * downgrade_fuzz.c - an envelope or report of 1988 that becomes one of 1984
 *
 * The first octet tells which.  What is made can be read, has nothing of 1988,
 * and stays as it is when it is downgraded again.
 */
#include <stdlib.h>

#include "mhs/downgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct global_domain gateway = {
    .country = {(const uint8_t *)"DE", 2},
    .admd = {(const uint8_t *)"VIAT", 4},
    .prmd = {(const uint8_t *)"ACME", 4}};

/* envelope_again - downgrade an envelope and read it again; 0: it is one */
static int
envelope_again(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct buffer *out)
{
	struct p1_envelope envelope;
	struct diag diag = {.code = 0};
	int error = p1_decode(kind, octets, arena, &envelope, &diag);

	if (error == 0)
		error = downgrade_envelope(&envelope, &gateway, arena);
	if (error == 0)
		error = p1_encode(&envelope, EXTENSION_IMPLICIT, out);
	return error;
}

/* try_envelope - downgrade an envelope, twice */
static void
try_envelope(enum mts_kind kind, struct slice octets, struct arena *arena)
{
	struct buffer one, two;
	struct p1_envelope envelope;
	struct diag diag = {.code = 0};

	buffer_init(&one, 1 << 24);
	buffer_init(&two, 1 << 24);
	if (envelope_again(kind, octets, arena, &one) == 0) {
		if (p1_decode(kind, buffer_slice(&one), arena, &envelope,
			&diag) != 0 ||
		    envelope.extensions.count != 0 ||
		    envelope.internal_trace.count != 0 ||
		    envelope_again(kind, buffer_slice(&one), arena, &two) !=
			0 ||
		    !slice_equal(buffer_slice(&one), buffer_slice(&two)) ||
		    upgrade_envelope(&envelope, &gateway, arena) != 0)
			abort();
	}
	buffer_fini(&one);
	buffer_fini(&two);
}

/* try_report - downgrade what a report says */
static void
try_report(struct slice octets, struct arena *arena)
{
	struct report report;
	struct buffer out;
	struct diag diag = {.code = 0};

	buffer_init(&out, 1 << 24);
	if (report_decode(octets, arena, &report, &diag) == 0 &&
	    downgrade_report(&report, &gateway, arena) == 0 &&
	    report_encode(&report, EXTENSION_IMPLICIT, &out) == 0 &&
	    (report_decode(buffer_slice(&out), arena, &report, &diag) != 0 ||
		report.extensions.count != 0 || report.has_content_type))
		abort();
	buffer_fini(&out);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets;
	struct arena arena;

	if (size < 1 || size > 65536)
		return 0;
	octets = slice_of(data + 1, size - 1);
	arena_init(&arena, P1_ARENA_MAX);
	if (data[0] % 4 == 3)
		try_report(octets, &arena);
	else
		try_envelope((enum mts_kind)(data[0] % 4), octets, &arena);
	arena_fini(&arena);
	return 0;
}
