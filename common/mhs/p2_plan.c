/* SPDX-License-Identifier: ISC */
/*
 * p2_plan.c - what a content that is made of another consists of
 */
#include <stdlib.h>

#include "mhs/p2_plan.h"

#define OWN_MAX	   ((size_t)16 * 1024 * 1024)
#define PIECES_MAX 1000000

/* p2_plan_init - begin with nothing */
void
p2_plan_init(struct p2_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	buffer_init(&plan->own, OWN_MAX);
}

/* p2_plan_fini - give the memory back */
void
p2_plan_fini(struct p2_plan *plan)
{
	buffer_fini(&plan->own);
	free(plan->pieces);
	plan->pieces = NULL;
	plan->count = plan->capacity = 0;
}

/* Whose octets a piece is made of. */
enum source {
	SOURCE_OLD, /* the old content's */
	SOURCE_OWN
};

/* add_piece - add a piece at the end, or to the last one if it goes on there */
static int
add_piece(struct p2_plan *plan, enum source source, uint64_t at, uint64_t len)
{
	bool own = source == SOURCE_OWN;
	struct p2_piece *last =
	    plan->count > 0 ? &plan->pieces[plan->count - 1] : NULL;

	plan->length += len;
	/* Pieces that follow one another become one, since a content of a
	 * gigabyte arrives in small ones. */
	if (last != NULL && last->len > 0 && last->own == own &&
	    last->at + last->len == at && len > 0) {
		last->len += len;
		return 0;
	}
	/* Bounded, as a content of many small bodies could ask for as many
	 * pieces. */
	if (plan->count == PIECES_MAX)
		return ERR_LIMIT;
	if (plan->count == plan->capacity) {
		size_t more = plan->capacity == 0 ? 32 : plan->capacity * 2;
		struct p2_piece *pieces =
		    reallocarray(plan->pieces, more, sizeof(*pieces));

		if (pieces == NULL)
			return ERR_NOMEM;
		plan->pieces = pieces;
		plan->capacity = more;
	}
	plan->pieces[plan->count++] = (struct p2_piece){own, at, len};
	return 0;
}

/* p2_plan_own - add octets of our own */
int
p2_plan_own(struct p2_plan *plan, struct slice octets)
{
	size_t at = buffer_length(&plan->own);
	int error = buffer_append(&plan->own, octets.data, octets.len);

	return error < 0 ? error : add_piece(plan, SOURCE_OWN, at, octets.len);
}

/* p2_plan_old - add octets of the old content */
int
p2_plan_old(struct p2_plan *plan, uint64_t at, uint64_t len)
{
	return add_piece(plan, SOURCE_OLD, at, len);
}

/* p2_plan_open - begin an element whose length is not known yet */
int
p2_plan_open(struct p2_plan *plan, uint8_t tag)
{
	int error = plan->opened == BER_DEPTH_MAX
	    ? ERR_LIMIT
	    : add_piece(plan, SOURCE_OWN, 0, 0);

	if (error < 0)
		return error;
	/* The header is written when the length is known; its piece holds the
	 * place. */
	plan->open[plan->opened].piece = plan->count - 1;
	plan->open[plan->opened].begin = plan->length;
	plan->open[plan->opened].tag = tag;
	plan->opened++;
	return 0;
}

/* put_header - write tag and length to octets; return how many */
static size_t
put_header(uint8_t octets[10], uint8_t tag, uint64_t len)
{
	uint8_t count = 0;

	octets[0] = tag;
	if (len < 128) {
		octets[1] = (uint8_t)len;
		return 2;
	}
	while (count < 8 && len >> (8 * count) != 0)
		count++;
	octets[1] = 0x80 | count;
	for (uint8_t i = 0; i < count; i++)
		octets[2 + i] = (uint8_t)(len >> (8 * (count - 1 - i)));
	return 2U + count;
}

/* p2_plan_close - end the innermost open element */
int
p2_plan_close(struct p2_plan *plan)
{
	uint8_t header[10];
	struct p2_piece *piece;
	size_t len, at = buffer_length(&plan->own);
	int error;

	plan->opened--;
	piece = &plan->pieces[plan->open[plan->opened].piece];
	len = put_header(header, plan->open[plan->opened].tag,
	    plan->length - plan->open[plan->opened].begin);
	if ((error = buffer_append(&plan->own, header, len)) < 0)
		return error;
	*piece = (struct p2_piece){true, at, len};
	plan->length += len;
	return 0;
}

/* p2_plan_find - find the piece that holds an octet */
const struct p2_piece *
p2_plan_find(struct p2_plan *plan, uint64_t offset, uint64_t *within)
{
	/* Readers mostly go forward, so the search begins where the last one
	 * ended. */
	if (offset < plan->found_at)
		plan->found = plan->found_at = 0;
	for (; plan->found < plan->count; plan->found++) {
		const struct p2_piece *piece = &plan->pieces[plan->found];

		if (offset - plan->found_at < piece->len) {
			*within = offset - plan->found_at;
			return piece;
		}
		plan->found_at += piece->len;
	}
	return NULL;
}
