/* SPDX-License-Identifier: ISC */
/*
 * stream.h - read BER as it arrives, in pieces of any size
 *
 * For what is larger than memory: a content of a gigabyte costs what a small
 * one does.  Octets are pushed in; the elements come out through a callback
 * in order.  Nothing is kept but the stack of open elements and an unfinished
 * tag and length, so that the caller decides what to store.
 *
 *   STREAM_BEGIN  an element begins; length is UINT64_MAX if indefinite.
 *                 raw holds its tag and length octets
 *   STREAM_DATA   octets of a primitive element, as many as there are now
 *   STREAM_END    the element is complete; raw holds the two end-of-contents
 *                 octets if its length was indefinite, else is empty
 *
 * The raw slices of all events joined are the octets that were pushed in.
 * Errors stick: ERR_SYNTAX, ERR_LIMIT (depth, total), what the callback
 * returned.
 */
#ifndef FOURPOST_BER_STREAM_H
#define FOURPOST_BER_STREAM_H

#include "base/buffer.h"
#include "ber/header.h"

enum ber_stream_kind {
	STREAM_BEGIN,
	STREAM_DATA,
	STREAM_END
};

struct ber_stream_event {
	enum ber_stream_kind kind;
	uint32_t tag; /* of the element, in each kind */
	bool constructed;
	unsigned depth;	  /* 0: outermost */
	uint64_t length;  /* STREAM_BEGIN */
	struct slice raw; /* borrowed, valid during the callback */
	uint64_t offset;  /* of raw, from the beginning of the stream */
};

/* Returns 0 to go on or a negative error, which ends the stream. */
typedef int (*ber_stream_callback)(
    void *arg, const struct ber_stream_event *event);

struct ber_stream {
	ber_stream_callback callback;
	void *arg;
	uint64_t total, max;
	int error;
	unsigned depth;
	struct {
		uint32_t tag;
		uint64_t end; /* where it must end at the latest */
		bool constructed;
		bool indefinite;
	} open[BER_DEPTH_MAX];
	uint8_t header[BER_HEADER_MAX]; /* that is not whole yet */
	unsigned header_len;
};

/* ber_stream_init - begin; at most max octets will be accepted */
void ber_stream_init(struct ber_stream *stream, uint64_t max,
    ber_stream_callback callback, void *arg);

/* ber_stream_push - read octets that arrived; 0 or the error that sticks */
int ber_stream_push(struct ber_stream *stream, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/*
 * ber_stream_save - write where the stream stands, to go on in another process
 * ber_stream_restore - set a stream that ber_stream_init made to where it stood
 *
 * Octets to be kept as they are, about 14 for each open element.  ERR_STATE:
 * it has failed.  ERR_CORRUPT: not what was saved.
 */
int ber_stream_save(
    const struct ber_stream *stream, struct buffer *out) WARN_UNUSED;
int
ber_stream_restore(struct ber_stream *stream, struct slice octets) WARN_UNUSED;

/* ber_stream_complete - tell whether one or more whole elements were read and
 * none is open */
bool ber_stream_complete(const struct ber_stream *stream);

#endif
