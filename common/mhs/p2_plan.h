/* SPDX-License-Identifier: ISC */
/*
 * p2_plan.h - what a content that is made of another consists of
 *
 * Octets of our own and runs of octets of the old content, in order.  Elements
 * may be opened before their length is known.
 *
 * ERR_LIMIT: more than 16 MB of our own, more than a million pieces, elements
 * within too many others.  ERR_NOMEM.
 */
#ifndef FOURPOST_MHS_P2_PLAN_H
#define FOURPOST_MHS_P2_PLAN_H

#include "base/buffer.h"
#include "ber/header.h"

struct p2_piece {
	bool own;    /* of our own octets, else of the old content */
	uint64_t at; /* offset there */
	uint64_t len;
};

struct p2_plan {
	struct buffer own;
	struct p2_piece *pieces; /* owned */
	size_t count, capacity;
	uint64_t length; /* of the new content */
	struct {
		size_t piece;	/* that tag and length will be */
		uint64_t begin; /* length there */
		uint8_t tag;
	} open[BER_DEPTH_MAX]; /* elements, as they enclose each other */
	unsigned opened;
	size_t found;	   /* the piece that was asked for last, and where it */
	uint64_t found_at; /* begins in the new content */
};

/* p2_plan_init - begin with nothing */
void p2_plan_init(struct p2_plan *plan);

/* p2_plan_fini - give the memory back */
void p2_plan_fini(struct p2_plan *plan);

/* p2_plan_own - add octets of our own */
int p2_plan_own(struct p2_plan *plan, struct slice octets) WARN_UNUSED;

/* p2_plan_old - add octets of the old content */
int p2_plan_old(struct p2_plan *plan, uint64_t at, uint64_t len) WARN_UNUSED;

/* p2_plan_open - begin an element of this tag, one octet */
int p2_plan_open(struct p2_plan *plan, uint8_t tag) WARN_UNUSED;

/* p2_plan_close - end the innermost open element */
int p2_plan_close(struct p2_plan *plan) WARN_UNUSED;

/* p2_plan_find - find the piece that holds an octet of the new content, and
 * the place of that octet in it; NULL behind the end */
const struct p2_piece *
p2_plan_find(struct p2_plan *plan, uint64_t offset, uint64_t *within);

#endif
