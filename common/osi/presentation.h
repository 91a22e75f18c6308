/* SPDX-License-Identifier: ISC */
/*
 * presentation.h - the PPDUs of the kernel (X.226 8), BER only
 *
 * Decoded slices borrow from the PPDU or live in the arena.
 */
#ifndef FOURPOST_OSI_PRESENTATION_H
#define FOURPOST_OSI_PRESENTATION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define PRESENTATION_CONTEXTS_MAX 32
#define PRESENTATION_SELECTOR_MAX 64

/* Contents octets of {2 1 1}, BER, and {2 2 1 0 1}, ACSE. */
#define PRESENTATION_BER ((struct slice){(const uint8_t *)"\x51\x01", 2})
#define PRESENTATION_ACSE \
	((struct slice){(const uint8_t *)"\x52\x01\x00\x01", 4})

enum presentation_mode {
	PRESENTATION_X410 = 0,
	PRESENTATION_NORMAL = 1
};

enum presentation_result {
	PRESENTATION_ACCEPTED = 0,
	PRESENTATION_USER_REJECTED = 1,
	PRESENTATION_PROVIDER_REJECTED = 2,
};

/* Provider-reason of a context's result. */
enum presentation_context_reason {
	PRESENTATION_CONTEXT_UNSPECIFIED = 0,
	PRESENTATION_CONTEXT_ABSTRACT = 1,
	PRESENTATION_CONTEXT_TRANSFER = 2,
	PRESENTATION_CONTEXT_LIMIT = 3,
};

/* Provider-reason of a CPR. */
enum presentation_refusal {
	PRESENTATION_REFUSED_UNSPECIFIED = 0,
	PRESENTATION_REFUSED_CONGESTED = 1,
	PRESENTATION_REFUSED_LIMIT = 2,
	PRESENTATION_REFUSED_ADDRESS = 3,
	PRESENTATION_REFUSED_VERSION = 4,
	PRESENTATION_REFUSED_DEFAULT_CONTEXT = 5,
	PRESENTATION_REFUSED_USER_DATA = 6,
	PRESENTATION_REFUSED_NO_PSAP = 7,
};

/* Abort-reason of an ARP. */
enum presentation_abort_reason {
	PRESENTATION_ABORT_UNSPECIFIED = 0,
	PRESENTATION_ABORT_UNRECOGNIZED = 1,
	PRESENTATION_ABORT_UNEXPECTED = 2,
	PRESENTATION_ABORT_PRIMITIVE = 3,
	PRESENTATION_ABORT_UNRECOGNIZED_PARAMETER = 4,
	PRESENTATION_ABORT_UNEXPECTED_PARAMETER = 5,
	PRESENTATION_ABORT_VALUE = 6,
};

struct presentation_context {
	uint32_t id;
	struct slice abstract; /* contents octets of the OID */
	bool ber;	       /* BER is among the transfer syntaxes */
	/* of a CPA or CPR */
	enum presentation_result result;
	int reason; /* -1: none */
};

/* CP, CPA and CPR have much in common. */
struct presentation_connect {
	enum presentation_mode mode;
	struct slice x410; /* contents of its parameters, in that mode */
	struct slice calling_selector, called_selector;
	struct slice responding_selector;
	struct presentation_context context[PRESENTATION_CONTEXTS_MAX];
	size_t contexts;	/* CPA, CPR: results, in the order of the CP */
	int provider_reason;	/* CPR; -1: none */
	struct slice user_data; /* the whole [APPLICATION 1]; or empty */
};

enum presentation_abort_kind {
	PRESENTATION_ARU,
	PRESENTATION_ARP,
	PRESENTATION_ABORT_X410,
};

struct presentation_abort {
	enum presentation_abort_kind kind;
	struct presentation_context context[PRESENTATION_CONTEXTS_MAX];
	size_t contexts;	/* ARU: those agreed */
	struct slice user_data; /* ARU: the whole [APPLICATION 1] */
	struct slice x410;	/* contents of the RTAB */
	int reason;		/* ARP; -1: none */
	int event;		/* ARP; -1: none */
};

/* Decode; a PPDU of X.410 mode gives mode and x410 alone.  Errors of
 * ber/reader.h, ERR_LIMIT, ERR_UNSUPPORTED. */
int presentation_decode_connect(struct slice octets, struct arena *arena,
    struct presentation_connect *connect, struct diag *diag) WARN_UNUSED;
int presentation_decode_accept(struct slice octets, struct arena *arena,
    struct presentation_connect *accept, struct diag *diag) WARN_UNUSED;
int presentation_decode_refuse(struct slice octets, struct arena *arena,
    struct presentation_connect *refuse, struct diag *diag) WARN_UNUSED;
int presentation_decode_abort(struct slice octets,
    struct presentation_abort *abort, struct diag *diag) WARN_UNUSED;

/*
 * presentation_find - find the value in the PDV list of a context
 *
 * user_data is a whole [APPLICATION 1]; *value the whole element that is
 * single-ASN1-type, or the octets that are octet-aligned.  1, 0 if no PDV
 * list is of this context, or an error.
 */
int presentation_find(struct slice user_data, uint32_t context,
    struct slice *value, struct diag *diag) WARN_UNUSED;

/* Encode, of normal mode; user data is the value of one PDV list, in context
 * user_context; none if it is empty. */
int presentation_encode_connect(const struct presentation_connect *connect,
    uint32_t user_context, struct slice user, struct buffer *out) WARN_UNUSED;
int presentation_encode_accept(const struct presentation_connect *accept,
    uint32_t user_context, struct slice user, struct buffer *out) WARN_UNUSED;
int presentation_encode_refuse(const struct presentation_connect *refuse,
    uint32_t user_context, struct slice user, struct buffer *out) WARN_UNUSED;
int presentation_encode_abort(const struct presentation_abort *abort,
    uint32_t user_context, struct slice user, struct buffer *out) WARN_UNUSED;
int presentation_encode_data(
    uint32_t user_context, struct slice user, struct buffer *out) WARN_UNUSED;

/*
 * presentation_encode_x410 - write a CP or CPA of X.410 mode
 * presentation_encode_x410_end - write its CPR or ARU, which have no selector
 *
 * fields is the contents of an RTORQ, RTOAC, RTORJ or RTAB.
 */
int
presentation_encode_x410(struct slice fields, struct buffer *out) WARN_UNUSED;
int presentation_encode_x410_end(
    struct slice fields, struct buffer *out) WARN_UNUSED;

/* presentation_data_header - write the octets before len octets of an RTTR
 * (OCTET STRING) that are sent apart, its own tag and length included; at most
 * PRESENTATION_DATA_HEADER_MAX octets.  Returns how many. */
#define PRESENTATION_DATA_HEADER_MAX 48
size_t presentation_data_header(uint8_t header[PRESENTATION_DATA_HEADER_MAX],
    uint32_t context, uint64_t len);

/* Reasons in words, static. */
const char *presentation_refusal_name(int reason);
const char *presentation_abort_name(int reason);
const char *presentation_context_reason_name(int reason);

#endif
