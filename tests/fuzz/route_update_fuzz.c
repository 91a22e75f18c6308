/* SPDX-License-Identifier: ISC */
/*
 * route_update_fuzz.c - a routing update of a peer
 *
 * What is read must encode, and be read the same again.
 */
#include <stdlib.h>

#include "mhs/route_update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* same - tell whether two updates hold the same routes */
static bool
same(const struct route_update *a, const struct route_update *b)
{
	if (a->count != b->count || a->sequence != b->sequence ||
	    !slice_equal(a->mta, b->mta))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!slice_equal(a->routes[i].space, b->routes[i].space) ||
		    a->routes[i].hops != b->routes[i].hops ||
		    a->routes[i].lifetime != b->routes[i].lifetime ||
		    a->routes[i].down != b->routes[i].down)
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct route_update update, again;
	struct buffer out;
	struct arena arena;
	struct diag diag;

	diag_clear(&diag);
	arena_init(&arena, 1 << 22);
	buffer_init(&out, 1 << 22);
	if (route_update_decode(slice_of(data, size), &arena, &update, &diag) ==
		0 &&
	    route_update_encode(&update, &out) == 0 &&
	    (route_update_decode(buffer_slice(&out), &arena, &again, &diag) !=
		    0 ||
		!same(&update, &again)))
		abort();
	buffer_fini(&out);
	arena_fini(&arena);
	return 0;
}
