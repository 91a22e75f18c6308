/* SPDX-License-Identifier: ISC */
/*
 * rtse.c - the APDUs of reliable transfer, and the bind within
 *
 * X.228 9, X.880.
 */
#include "ber/writer.h"
#include "osi/rtse.h"

/* get_number - read an implicitly tagged INTEGER of 0 to max */
static int
get_number(const struct ber_reader *in, const struct ber_element *el,
    const char *name, int64_t max, unsigned *to)
{
	int64_t number;
	int error = ber_get_integer(in, el, name, 0, max, &number);

	if (error == 0)
		*to = (unsigned)number;
	return error;
}

/* get_reason - read a reason, which may be absent */
static int
get_reason(const struct ber_reader *in, const struct ber_element *el,
    const char *name, int *to)
{
	unsigned number;
	int error = get_number(in, el, name, INT32_MAX, &number);

	if (error == 0)
		*to = (int)number;
	return error;
}

/* get_only - read the one element within a tag, whole; empty if there is
 * none */
static int
get_only(const struct ber_reader *in, const struct ber_element *el,
    struct slice *whole)
{
	struct ber_reader inner;
	struct ber_element only;
	int error;

	/* [0] IMPLICIT NULL: no user data. */
	if (!el->constructed && el->contents.len == 0) {
		*whole = slice_of(NULL, 0);
		return 0;
	}
	if ((error = ber_enter(in, el, &inner)) < 0 ||
	    (error = ber_next(&inner, &only)) < 0)
		return error;
	*whole = error > 0 ? only.whole : slice_of(NULL, 0);
	return 0;
}

/* get_references - read a SessionConnectionIdentifier */
static int
get_references(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct session_references *out)
{
	struct ber_reader inner;
	struct ber_element part;
	struct slice octets;
	int error;

	if ((error = ber_enter(in, el, &inner)) < 0)
		return error;
	while ((error = ber_next(&inner, &part)) > 0) {
		enum session_reference which;

		switch (part.tag) {
		case BER_UNI(BER_T61_STRING):
		case BER_UNI(BER_OCTET_STRING):
			/* X.228: a T61String in X.410 mode, an OCTET STRING in
			 * normal mode; either is taken in both. */
			which = SESSION_CALLING;
			break;
		case BER_UNI(BER_UTC_TIME):
			which = SESSION_COMMON;
			break;
		case BER_CTX(0):
			which = SESSION_ADDITIONAL;
			break;
		default:
			continue;
		}
		error = ber_get_octets(&inner, &part, "session reference",
		    SESSION_CALLING_MAX, arena, &octets);
		if (error < 0)
			return error;
		if (session_references_set(out, which, octets) < 0)
			return ber_error(&inner, &part, ERR_LIMIT,
			    "session reference", "too long");
	}
	return error;
}

/* get_connection_data - open or recover */
static int
get_connection_data(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct rtse_apdu *out)
{
	struct ber_reader inner;
	struct ber_element choice;
	int error;

	if ((error = ber_enter(in, el, &inner)) < 0)
		return error;
	if ((error = ber_next(&inner, &choice)) <= 0)
		return error < 0
		    ? error
		    : ber_error(in, el, ERR_SYNTAX, "connection data", "empty");
	if (choice.tag == BER_CTX(0))
		return get_only(&inner, &choice, &out->user);
	if (choice.tag != BER_CTX(1))
		return ber_error(&inner, &choice, ERR_SYNTAX, "connection data",
		    "neither open nor recover");
	/* To recover is to continue the session of a connection that was lost;
	 * its references say which. */
	out->recover = true;
	return get_references(&inner, &choice, arena, &out->references);
}

/* open_element - read an element of an RTORQ or RTOAC */
static int
open_element(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct rtse_apdu *out)
{
	uint32_t data = out->kind == RTSE_RTORQ ? BER_CTX(3) : BER_CTX(2);

	/* X.228: the connection data is [3] in an RTORQ, [2] in an RTOAC. */
	if (el->tag == data)
		return get_connection_data(in, el, arena, out);
	if (el->tag == BER_CTX(0))
		return get_number(in, el, "checkpoint size",
		    RTSE_CHECKPOINT_MAX, &out->checkpoint_size);
	if (el->tag == BER_CTX(1))
		return get_number(
		    in, el, "window size", INT32_MAX, &out->window);
	/* Here [2] is of an RTORQ alone: in an RTOAC the tag was the data. */
	if (el->tag == BER_CTX(2))
		return get_number(in, el, "dialogue mode", 1, &out->dialogue);
	if (el->tag == BER_CTX(4))
		return get_reason(
		    in, el, "application protocol", &out->application_protocol);
	return 0;
}

/* end_element - read an element of an RTORJ or RTAB */
static int
end_element(const struct ber_reader *in, const struct ber_element *el,
    struct rtse_apdu *out)
{
	if (out->kind == RTSE_RTORJ) {
		if (el->tag == BER_CTX(0))
			return get_reason(
			    in, el, "refuse reason", &out->refuse_reason);
		return el->tag == BER_CTX(1) ? get_only(in, el, &out->user) : 0;
	}
	if (el->tag == BER_CTX(0))
		return get_reason(in, el, "abort reason", &out->abort_reason);
	return el->tag == BER_CTX(2) ? get_only(in, el, &out->user) : 0;
}

/* get_kind - set the kind that an outermost tag names */
static int
get_kind(const struct ber_reader *reader, const struct ber_element *el,
    enum rtse_kind *kind)
{
	switch (el->tag) {
	case BER_CTX(RTSE_RTORQ):
	case BER_CTX(RTSE_RTOAC):
	case BER_CTX(RTSE_RTORJ):
	case BER_CTX(RTSE_RTAB):
		*kind = (enum rtse_kind)(el->tag - BER_CTX(0));
		return 0;
	case BER_UNI(RTSE_RTAB): /* ISODE's own */
		*kind = RTSE_RTAB;
		return 0;
	case BER_UNI(BER_INTEGER):
		/* X.228 gives RTTP and RTTR no tags of their own: a bare
		 * INTEGER and a bare OCTET STRING. */
		*kind = RTSE_RTTP;
		return 0;
	case BER_UNI(BER_OCTET_STRING):
		*kind = RTSE_RTTR;
		return 0;
	default:
		return ber_error(
		    reader, el, ERR_SYNTAX, "RTSE APDU", "unknown tag");
	}
}

static const struct rtse_apdu nothing_said = {
    .window = RTSE_WINDOW_DEFAULT,
    .application_protocol = -1,
    .refuse_reason = -1,
    .abort_reason = -1,
};

/* get_fields - read the elements of an RTORQ, RTOAC, RTORJ or RTAB */
static int
get_fields(struct ber_reader *in, struct arena *arena, struct rtse_apdu *out)
{
	struct ber_element el;
	int error;

	while ((error = ber_next(in, &el)) > 0) {
		error = out->kind == RTSE_RTORQ || out->kind == RTSE_RTOAC
		    ? open_element(in, &el, arena, out)
		    : end_element(in, &el, out);
		if (error < 0)
			return error;
	}
	return error;
}

/* rtse_decode_fields - read the contents of an APDU, as X.410 mode has them */
int
rtse_decode_fields(struct slice fields, enum rtse_kind kind,
    struct arena *arena, struct rtse_apdu *apdu, struct diag *diag)
{
	struct rtse_apdu out = nothing_said;
	struct ber_reader in;
	int error;

	out.kind = kind;
	ber_reader_init(&in, fields, diag);
	if ((error = get_fields(&in, arena, &out)) < 0)
		return error;
	*apdu = out;
	return 0;
}

/* rtse_decode - read an APDU of normal mode */
int
rtse_decode(struct slice octets, struct arena *arena, struct rtse_apdu *apdu,
    struct diag *diag)
{
	struct rtse_apdu out = nothing_said;
	struct ber_reader reader, in;
	struct ber_element el;
	int64_t number;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0)
		return error < 0 ? error
				 : diag_set(diag, ERR_SYNTAX, "RTSE: no APDU");
	if ((error = get_kind(&reader, &el, &out.kind)) < 0)
		return error;
	if (out.kind == RTSE_RTTP) {
		error = ber_get_integer(
		    &reader, &el, "priority", 0, UINT32_MAX, &number);
		if (error == 0)
			out.priority = (uint32_t)number;
	} else if (out.kind != RTSE_RTTR) {
		if ((error = ber_enter(&reader, &el, &in)) < 0)
			return error;
		error = get_fields(&in, arena, &out);
	}
	if (error < 0)
		return error;
	*apdu = out;
	return 0;
}

/* put_references - write a SessionConnectionIdentifier, as an alternative;
 * string is the tag of its text */
static void
put_references(struct ber_writer *writer, uint32_t string,
    const struct session_references *references)
{
	ber_begin(writer, BER_CTX(1));
	ber_put(writer, string,
	    session_references_get(references, SESSION_CALLING));
	ber_put(writer, BER_UNI(BER_UTC_TIME),
	    session_references_get(references, SESSION_COMMON));
	if (references->additional_len > 0)
		ber_put(writer, BER_CTX(0),
		    session_references_get(references, SESSION_ADDITIONAL));
	ber_end_element(writer);
}

/* put_open - write the elements of an RTORQ or RTOAC */
static void
put_open(
    struct ber_writer *writer, uint32_t string, const struct rtse_apdu *apdu)
{
	bool request = apdu->kind == RTSE_RTORQ;

	/* X.228: an absent checkpoint size is 0, and what has its default value
	 * need not be sent. */
	if (apdu->checkpoint_size != 0)
		ber_put_integer(writer, BER_CTX(0), apdu->checkpoint_size);
	if (apdu->window != RTSE_WINDOW_DEFAULT)
		ber_put_integer(writer, BER_CTX(1), apdu->window);
	if (request && apdu->dialogue != 0)
		ber_put_integer(writer, BER_CTX(2), apdu->dialogue);
	ber_begin(writer, request ? BER_CTX(3) : BER_CTX(2));
	if (apdu->recover) {
		put_references(writer, string, &apdu->references);
	} else if (apdu->user.len == 0) {
		ber_put_null(writer, BER_CTX(0));
	} else {
		ber_begin(writer, BER_CTX(0));
		ber_put_raw(writer, apdu->user);
		ber_end_element(writer);
	}
	ber_end_element(writer);
	/* Only X.410 mode names the application here; in normal mode ACSE's
	 * context name does. */
	if (request && apdu->application_protocol >= 0)
		ber_put_integer(writer, BER_CTX(4), apdu->application_protocol);
}

/* put_end - write the elements of an RTORJ or RTAB */
static void
put_end(struct ber_writer *writer, const struct rtse_apdu *apdu)
{
	int reason =
	    apdu->kind == RTSE_RTORJ ? apdu->refuse_reason : apdu->abort_reason;

	if (reason >= 0)
		ber_put_integer(writer, BER_CTX(0), reason);
	if (apdu->user.len == 0)
		return;
	ber_begin(writer, apdu->kind == RTSE_RTORJ ? BER_CTX(1) : BER_CTX(2));
	ber_put_raw(writer, apdu->user);
	ber_end_element(writer);
}

/* rtse_encode - write an APDU but RTTR */
int
rtse_encode(const struct rtse_apdu *apdu, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	switch (apdu->kind) {
	case RTSE_RTTP:
		ber_put_integer(&writer, BER_UNI(BER_INTEGER), apdu->priority);
		break;
	case RTSE_RTORQ:
	case RTSE_RTOAC:
		ber_begin(&writer, BER_CTX(apdu->kind));
		put_open(&writer, BER_UNI(BER_OCTET_STRING), apdu);
		ber_end_element(&writer);
		break;
	case RTSE_RTORJ:
	case RTSE_RTAB:
		ber_begin(&writer, BER_CTX(apdu->kind));
		put_end(&writer, apdu);
		ber_end_element(&writer);
		break;
	case RTSE_RTTR:
		return ERR_VALUE;
	}
	return ber_finish(&writer);
}

/* rtse_encode_fields - write the contents of an APDU, for X.410 mode */
int
rtse_encode_fields(const struct rtse_apdu *apdu, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	switch (apdu->kind) {
	case RTSE_RTORQ:
	case RTSE_RTOAC:
		put_open(&writer, BER_UNI(BER_T61_STRING), apdu);
		break;
	case RTSE_RTORJ:
	case RTSE_RTAB:
		put_end(&writer, apdu);
		break;
	case RTSE_RTTP:
	case RTSE_RTTR:
		return ERR_VALUE;
	}
	return ber_finish(&writer);
}

/* rtse_bind_decode - read the value inside a bind-invoke, -result or -error */
int
rtse_bind_decode(struct slice octets, enum rtse_bind bind, struct slice *value,
    struct diag *diag)
{
	struct ber_reader reader;
	struct ber_element el;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0)
		return error < 0 ? error
				 : diag_set(diag, ERR_SYNTAX, "bind: missing");
	if (el.tag == BER_CTX(bind))
		return get_only(&reader, &el, value);
	/* A peer that leaves the wrapper off an error is still understood: its
	 * refusal matters more than the tag. */
	if (bind == RTSE_BIND_ERROR) {
		*value = el.whole;
		return 0;
	}
	return ber_error(&reader, &el, ERR_SYNTAX, "bind", "unexpected tag");
}

/* rtse_bind_encode - put the wrapper around a value */
int
rtse_bind_encode(enum rtse_bind bind, struct slice value, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_CTX(bind));
	ber_put_raw(&writer, value);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* rtse_refusal_name - name the reason of an RTORJ in words */
const char *
rtse_refusal_name(int reason)
{
	static const char *const name[] = {
	    "busy",
	    "cannot recover",
	    "validation failure",
	    "unacceptable dialogue mode",
	};

	if (reason < 0)
		return "no reason given";
	return (size_t)reason < sizeof(name) / sizeof(name[0])
	    ? name[reason]
	    : "unknown reason";
}

/* rtse_abort_name - name the reason of an RTAB in words */
const char *
rtse_abort_name(int reason)
{
	static const char *const name[] = {
	    "local system problem",
	    "invalid parameter",
	    "unrecognized activity",
	    "temporary problem",
	    "RTSE protocol error",
	    "permanent problem",
	    "user error",
	    "transfer completed",
	};

	if (reason < 0)
		return "no reason given";
	return (size_t)reason < sizeof(name) / sizeof(name[0])
	    ? name[reason]
	    : "unknown reason";
}
