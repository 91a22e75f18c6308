/* SPDX-License-Identifier: ISC */
/*
 * rtse.h - the APDUs of reliable transfer (X.228 9), and the bind within
 *
 * The fields of RTORQ, RTOAC, RTORJ and RTAB are those of X.410-1984 mode
 * too, where they stand in a SET of another tag: reader and writer of the
 * contents are one.  The bind is that of remote operations (X.880 annex):
 * bind-invoke [16], bind-result [17], bind-error [18] around an argument,
 * result or error that is not looked into.
 *
 * Decoded slices borrow from the APDU or live in the arena.
 */
#ifndef FOURPOST_OSI_RTSE_H
#define FOURPOST_OSI_RTSE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "osi/session_references.h"

#define RTSE_WINDOW_DEFAULT 3
#define RTSE_CHECKPOINT_MAX (1024 * 1024) /* of what we believe: 1 GB */

enum rtse_kind {
	RTSE_RTORQ = 16,
	RTSE_RTOAC = 17,
	RTSE_RTORJ = 18,
	RTSE_RTAB = 22,
	RTSE_RTTP = 2, /* the universal tags */
	RTSE_RTTR = 4,
};

enum rtse_bind {
	RTSE_BIND_INVOKE = 16,
	RTSE_BIND_RESULT = 17,
	RTSE_BIND_ERROR = 18
};

struct rtse_apdu {
	enum rtse_kind kind;
	unsigned checkpoint_size; /* RTORQ, RTOAC; units of 1024 */
	unsigned window;
	unsigned dialogue;		      /* RTORQ; 0 monologue, 1 TWA */
	int application_protocol;	      /* RTORQ, X.410 mode; -1: none */
	bool recover;			      /* RTORQ, RTOAC */
	struct session_references references; /* if recover */
	int refuse_reason;		      /* RTORJ, X.410 mode; -1: none */
	int abort_reason;		      /* RTAB; -1: none */
	uint32_t priority;		      /* RTTP */
	struct slice user; /* RTORQ, RTOAC, RTORJ, RTAB: one type,
				     whole; empty: none.  RTTR: not set */
};

/* rtse_decode - read an APDU of normal mode; an RTAB of universal tag 22 too */
int rtse_decode(struct slice octets, struct arena *arena,
    struct rtse_apdu *apdu, struct diag *diag) WARN_UNUSED;

/* rtse_encode - write an APDU but RTTR */
int rtse_encode(const struct rtse_apdu *apdu, struct buffer *out) WARN_UNUSED;

/*
 * rtse_decode_fields - read the contents of an RTORQ, RTOAC, RTORJ or RTAB as
 * X.410 mode has them, without the APDU's tag
 */
int rtse_decode_fields(struct slice fields, enum rtse_kind kind,
    struct arena *arena, struct rtse_apdu *apdu, struct diag *diag) WARN_UNUSED;

/* rtse_encode_fields - write such contents, references as T61Strings */
int rtse_encode_fields(
    const struct rtse_apdu *apdu, struct buffer *out) WARN_UNUSED;

/*
 * rtse_bind_decode - read the value inside a bind-invoke, -result or -error
 *
 * For an error the wrapper may be missing, as PP has it: then *value is all.
 */
int rtse_bind_decode(struct slice octets, enum rtse_bind bind,
    struct slice *value, struct diag *diag) WARN_UNUSED;

/* rtse_bind_encode - put the wrapper around a value */
int rtse_bind_encode(
    enum rtse_bind bind, struct slice value, struct buffer *out) WARN_UNUSED;

/* Refuse reasons of an RTORJ in X.410 mode. */
enum rtse_refusal {
	RTSE_REFUSED_BUSY = 0,
	RTSE_REFUSED_CANNOT_RECOVER = 1,
	RTSE_REFUSED_VALIDATION = 2,
	RTSE_REFUSED_DIALOGUE = 3,
};

/* rtse_refusal_name - name the reason of an RTORJ in words, static */
const char *rtse_refusal_name(int reason);

/* rtse_abort_name - name the reason of an RTAB in words, static */
const char *rtse_abort_name(int reason);

#endif
