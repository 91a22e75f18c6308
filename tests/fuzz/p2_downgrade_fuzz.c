/* SPDX-License-Identifier: ISC */
/*
 * p2_downgrade_fuzz.c - a content of 1988 that becomes one of 1984
 *
 * The plan is the same whatever pieces the content comes in.  What is made by
 * it can be planned again, and has nothing more to convert.
 */
#include <stdlib.h>

#include "mhs/p2_downgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct global_domain gateway = {
    .country = {(const uint8_t *)"DE", 2},
    .admd = {(const uint8_t *)"VIAT", 4},
    .prmd = {(const uint8_t *)"ACME", 4}};

/* downgrade - plan a content in pieces of a size, and make it; the result */
static int
downgrade(struct slice octets, size_t step, struct buffer *out, bool *converted)
{
	struct p2_downgrade d;
	struct diag diag = {.code = 0};
	uint64_t within, at = 0;
	int error = 0;

	p2_downgrade_init(&d, &gateway);
	for (size_t i = 0; error == 0 && i < octets.len; i += step)
		error = p2_downgrade_push(&d,
		    slice_of(octets.data + i,
			octets.len - i < step ? octets.len - i : step),
		    &diag);
	if (error == 0)
		error = p2_downgrade_finish(&d, &diag);
	*converted = d.converted;
	while (error == 0 && at < d.plan.length) {
		const struct p2_piece *piece =
		    p2_plan_find(&d.plan, at, &within);
		struct slice from;

		if (piece == NULL)
			abort();
		from = piece->own ? buffer_slice(&d.plan.own) : octets;
		if (piece->at + piece->len > from.len)
			abort();
		error = buffer_append(out, from.data + piece->at + within,
		    (size_t)(piece->len - within));
		at += piece->len - within;
	}
	p2_downgrade_fini(&d);
	return error;
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice octets = slice_of(data, size);
	struct buffer whole, parts, again;
	bool converted;
	int error;

	buffer_init(&whole, 1 << 26);
	buffer_init(&parts, 1 << 26);
	buffer_init(&again, 1 << 26);
	error = downgrade(octets, size == 0 ? 1 : size, &whole, &converted);
	if (downgrade(octets, 3, &parts, &converted) != error ||
	    (error == 0 &&
		!slice_equal(buffer_slice(&whole), buffer_slice(&parts))))
		abort();
	if (error == 0 &&
	    (downgrade(buffer_slice(&whole), 64, &again, &converted) != 0 ||
		converted))
		abort();
	buffer_fini(&whole);
	buffer_fini(&parts);
	buffer_fini(&again);
	return 0;
}
