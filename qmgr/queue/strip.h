/* SPDX-License-Identifier: ISC */
/*
 * strip.h - what stays here of an envelope that goes to a link
 *
 * Internal trace and per-domain bilateral information are for those who have
 * agreed on them (RFC 1327 5.1): see strip-internal-trace and strip-bilateral.
 * All else goes out as it came.
 *
 * The queue holds the whole envelope, and with it which of the two stays here
 * (store_message.strip): so a message that takes another route has them
 * still, and one that is sent again after a cut has the same octets, whatever
 * the settings are by then.  They are left out while the envelope is read for
 * a worker, by a plan: what is sent are ranges of the stored octets, with new
 * headers where a length has changed.
 */
#ifndef FOURPOST_QMGR_STRIP_H
#define FOURPOST_QMGR_STRIP_H

#include "base/error.h"
#include "base/slice.h"
#include "mhs/mts_kind.h"
#include "qmgr/links/link.h"

/* Both bits of store_message.strip. */
#define STRIP_INTERNAL_TRACE 1U
#define STRIP_BILATERAL	     2U

#define STRIP_HEADER_MAX 12

/* Octets of an envelope as it is sent: a header, then a range of what is
 * stored; either may be empty. */
struct strip_piece {
	uint8_t header[STRIP_HEADER_MAX];
	size_t header_len;
	size_t offset, len;
};

#define STRIP_PIECES 6

struct strip_plan {
	struct strip_piece pieces[STRIP_PIECES];
	size_t count;
	uint64_t length; /* of the envelope as it is sent */
};

/* Appends octets of the stored envelope, from an offset, to where arg says. */
typedef int strip_read_fn(void *arg, size_t offset, size_t len);

/* strip_of - tell what a link is not to get, as store_message.strip */
uint32_t strip_of(const struct link_policy *policy);

/*
 * strip_plan - plan what is sent of an envelope of this kind
 *
 * The envelope is as p1_encode wrote it.  ERR_CORRUPT: it is not.
 */
int strip_plan(enum mts_kind kind, struct slice envelope, uint32_t strip,
    struct strip_plan *plan) WARN_UNUSED;

/* Gets octets of the stored envelope, valid until the next call. */
typedef int
strip_get_fn(void *arg, size_t offset, size_t len, struct slice *octets);

/* strip_plan_large - plan as strip_plan does, but look only at the headers of
 * the elements of the envelope, and at extensions.  Errors of get */
int strip_plan_large(enum mts_kind kind, size_t length, uint32_t strip,
    strip_get_fn *get, void *arg, struct strip_plan *plan) WARN_UNUSED;

/*
 * strip_read - read octets of the envelope as it is sent
 *
 * From an offset, len of them or up to its end: headers are appended to out,
 * ranges by read, in their order.  Errors of read; ERR_NOMEM.
 */
int strip_read(const struct strip_plan *plan, uint64_t offset, size_t len,
    struct buffer *out, strip_read_fn *read, void *arg) WARN_UNUSED;

#endif
