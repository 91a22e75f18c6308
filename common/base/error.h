/* SPDX-License-Identifier: ISC */
/*
 * error.h - the result codes of the library, and a place for the reason
 *
 * Every library function that can fail returns 0 (or a count) or a negative
 * enum error; on error its out-parameters are untouched.  A function whose
 * caller must be able to tell a person what was wrong takes a struct diag.
 */
#ifndef FOURPOST_BASE_ERROR_H
#define FOURPOST_BASE_ERROR_H

#define WARN_UNUSED	       __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum error {
	ERR_NOMEM = -1,	      /* the system is out of memory; later perhaps */
	ERR_SYNTAX = -2,      /* the octets or the text are malformed */
	ERR_TRUNCATED = -3,   /* ended too early */
	ERR_LIMIT = -4,	      /* over a cap of ours (depth, count, size,
			       * memory): it will never fit */
	ERR_UNSUPPORTED = -5, /* well-formed, but we do not do it */
	ERR_VALUE = -6,	      /* well-formed, the value is out of range */
	ERR_TIMEOUT = -7,     /* a deadline passed */
	ERR_CLOSED = -8,      /* the other side went away */
	ERR_IO = -9,	      /* the system refused; errno tells */
	ERR_NOTFOUND = -10,   /* no such thing */
	ERR_EXISTS = -11,     /* there already */
	ERR_FULL = -12,	      /* no room for the time being */
	ERR_DENIED = -13,     /* not allowed, not authenticated */
	ERR_BUSY = -14,	      /* in use, locked; try later */
	ERR_CORRUPT = -15,    /* what we stored ourselves does not add up */
	ERR_STATE = -16,      /* not possible in this state */
	ERR_CANCELLED = -17,  /* told to stop */
	ERR_AGAIN = -18,      /* nothing yet; call again when readable */
	ERR_REFUSED = -19,    /* the peer said no */
	ERR_PROTOCOL = -20,   /* the peer broke the protocol */
};

/*
 * The reason of a failure in words, for a log line or a person.  The text
 * names the field, line, file or peer; it holds only printable characters.
 */
struct diag {
	int code; /* an enum error, 0 when nothing was set */
	char text[248];
};

/* error_strerror - return what an enum error means, a static string */
const char *error_strerror(int code);

/*
 * diag_set - note the reason and return its code
 *
 * diag may be NULL.  The first reason wins: a diag that already has a code
 * keeps its text, so that the innermost cause is what a person reads.
 */
int
diag_set(struct diag *diag, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* diag_prefix - put "prefix: " before the text that is there, if any */
void diag_prefix(struct diag *diag, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* diag_clear - forget the reason, so that diag can be used again */
void diag_clear(struct diag *diag);

/* diag_text - return the text, or the meaning of code where there is none */
const char *diag_text(const struct diag *diag);

#endif
