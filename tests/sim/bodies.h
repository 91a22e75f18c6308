/* SPDX-License-Identifier: ISC */
/*
 * bodies.h - the octets of items: composed, and found again in what is sent
 */
#ifndef FOURPOST_TESTS_SIM_BODIES_H
#define FOURPOST_TESTS_SIM_BODIES_H

#include "mhs/p1.h"
#include "mhs/report.h"
#include "tests/sim/items.h"

/* item_body - compose envelope and content of an item: valid until the next;
 * *envelope is how much of it is the envelope */
struct slice item_body(const struct item *item, size_t *envelope);

/* item_key - compose its key */
struct slice item_key(const struct item *item);

/* item_of_job - read the beginning of a job: the item, or NULL for a report of
 * the queue manager; *mask is body_mask of it */
struct item *item_of_job(const struct ipc_job *job, unsigned *mask);

/* body_mask - get the recipients that an envelope is for, a bit for each by its
 * place in it; where no list has sent it on, that is its place in the item */
unsigned body_mask(const struct p1_envelope *e);

/* item_check - check a piece of a content at an offset */
void item_check(const struct item *item, uint64_t offset, struct slice piece);

/* body_item - find the item of a content identifier, or NULL */
struct item *body_item(struct slice identifier);

/* body_decode - decode an envelope that is sent; what it is made of is valid
 * until the next */
void body_decode(
    enum mts_kind kind, struct slice octets, struct p1_envelope *envelope);

/* body_report - decode a report that is sent; the item that it is on, or a
 * peer's report itself */
struct item *body_report(struct slice content, struct report *report);

#endif
