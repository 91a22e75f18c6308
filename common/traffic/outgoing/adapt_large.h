/* SPDX-License-Identifier: ISC */
/*
 * adapt_large.h - the recipients of a large envelope for a peer of 1984
 *
 * The envelope is read from qmgr twice: once to know how long its recipients
 * will be, and once while they are sent, so that some of them are in memory at
 * a time.  Each reading gives the same octets.
 */
#ifndef FOURPOST_TRAFFIC_ADAPT_LARGE_H
#define FOURPOST_TRAFFIC_ADAPT_LARGE_H

#include "traffic/engine/traffic.h"

struct adapt_large;

/*
 * adapt_large_read - read the first job's envelope
 *
 * Its rest is decoded into the arena.  ERR_UNSUPPORTED: a recipient cannot be
 * told to the peer, and *why says why.  Errors of jobs_body and of
 * p1_decode_rest.
 */
int adapt_large_read(struct traffic *traffic, struct client_job *job,
    uint64_t deadline, struct arena *arena, struct p1_envelope *rest,
    struct adapt_large **large, const char **why) WARN_UNUSED;

/* adapt_large_free - give the memory back; NULL does nothing */
void adapt_large_free(struct adapt_large *large);

/*
 * adapt_large_frame - write what stands before the recipients
 *
 * rest is the envelope without them, as p1_encode_rest writes it for 1984: with
 * nothing behind the place of the recipients.  content_length is what the peer
 * gets.
 */
int adapt_large_frame(struct adapt_large *large, struct slice rest,
    uint64_t content_length, struct buffer *prefix) WARN_UNUSED;

/* adapt_large_length - count the octets of the recipients, and of what stands
 * between them and the content; of NULL none */
uint64_t adapt_large_length(const struct adapt_large *large);

/* adapt_large_next - get the next of these octets, from an offset; at least
 * one, valid until the next call */
int adapt_large_next(struct adapt_large *large, struct traffic *traffic,
    struct client_job *job, uint64_t offset, uint64_t deadline,
    struct slice *octets) WARN_UNUSED;

#endif
