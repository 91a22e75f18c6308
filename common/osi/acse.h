/* SPDX-License-Identifier: ISC */
/*
 * acse.h - the APDUs of association control (X.227 9), kernel only
 *
 * Titles, qualifiers and what belongs to other functional units are passed
 * over.  Decoded slices borrow from the APDU.
 */
#ifndef FOURPOST_OSI_ACSE_H
#define FOURPOST_OSI_ACSE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

enum acse_kind {
	ACSE_AARQ = 0,
	ACSE_AARE = 1,
	ACSE_RLRQ = 2,
	ACSE_RLRE = 3,
	ACSE_ABRT = 4,
};

enum acse_result {
	ACSE_ACCEPTED = 0,
	ACSE_REJECTED_PERMANENT = 1,
	ACSE_REJECTED_TRANSIENT = 2,
};

/* The giver of the diagnostic: the tag of its alternative. */
enum acse_source {
	ACSE_SOURCE_USER = 1,
	ACSE_SOURCE_PROVIDER = 2
};

/* Diagnostics of the user. */
enum acse_diagnostic {
	ACSE_DIAGNOSTIC_NULL = 0,
	ACSE_DIAGNOSTIC_NO_REASON = 1,
	ACSE_DIAGNOSTIC_CONTEXT_NAME = 2,
};

/* Of the provider. */
#define ACSE_NO_COMMON_VERSION 2

enum acse_abort_source {
	ACSE_ABORT_USER = 0,
	ACSE_ABORT_PROVIDER = 1
};

struct acse_apdu {
	enum acse_kind kind;
	bool version1;		   /* AARQ, AARE: offered, or not said */
	struct slice context_name; /* AARQ, AARE: contents octets */
	enum acse_result result;   /* AARE */
	enum acse_source source;   /* AARE */
	int diagnostic;		   /* AARE */
	int reason;		   /* RLRQ, RLRE; -1: none */
	enum acse_abort_source abort_source; /* ABRT */
	/* The association data that concerns us: an EXTERNAL. */
	bool direct;	    /* encode: with {2 1 1}; AARQ, AARE do */
	uint32_t indirect;  /* its presentation context; 0: not said */
	struct slice value; /* its single ASN.1 type, whole; or empty */
};

/*
 * acse_decode - read an APDU
 *
 * Of several EXTERNALs the one of presentation context user_context is taken,
 * or one that doesn't name a context.
 */
int acse_decode(struct slice octets, uint32_t user_context,
    struct acse_apdu *apdu, struct diag *diag) WARN_UNUSED;

/* acse_encode - write an APDU */
int acse_encode(const struct acse_apdu *apdu, struct buffer *out) WARN_UNUSED;

/* acse_diagnostic_name - name a diagnostic in words, static */
const char *acse_diagnostic_name(enum acse_source source, int diagnostic);

#endif
