/* SPDX-License-Identifier: ISC */
/*
 * presentation_decode.c - read PPDUs
 *
 * X.226 8.  Elements of SETs come in any order, and so may those of the
 * normal mode parameters; what we do not know is passed over.
 */
#include "ber/reader.h"
#include "osi/presentation.h"

#define TAG_USER_DATA	BER_APP(1)
#define TAG_SIMPLE_DATA BER_APP(0)

/* get_context - read one proposal: identifier, abstract and transfer
 * syntaxes */
static int
get_context(const struct ber_reader *list, const struct ber_element *item,
    struct presentation_context *context)
{
	struct ber_reader in, names;
	struct ber_element el;
	struct slice oid;
	int64_t id;
	int error;

	/* -1: no reason was given; 0 is one of X.226's. */
	*context = (struct presentation_context){.reason = -1};
	if ((error = ber_enter(list, item, &in)) < 0 ||
	    (error = ber_expect(
		 &in, BER_UNI(BER_INTEGER), "context identifier", &el)) < 0 ||
	    (error = ber_get_integer(
		 &in, &el, "context identifier", 1, INT32_MAX, &id)) < 0 ||
	    (error = ber_expect(
		 &in, BER_UNI(BER_OID), "abstract syntax", &el)) < 0 ||
	    (error = ber_get_oid(
		 &in, &el, "abstract syntax", &context->abstract)) < 0 ||
	    (error = ber_expect(
		 &in, BER_UNI(BER_SEQUENCE), "transfer syntaxes", &el)) < 0 ||
	    (error = ber_enter(&in, &el, &names)) < 0)
		return error;
	/* Transfer syntaxes are read to the end though BER may come first: a
	 * malformed list is the peer's error either way. */
	context->id = (uint32_t)id;
	while ((error = ber_next(&names, &el)) > 0) {
		error = ber_get_oid(&names, &el, "transfer syntax", &oid);
		if (error < 0)
			return error;
		if (slice_equal(oid, PRESENTATION_BER))
			context->ber = true;
	}
	return error;
}

/* get_result - read the answer to one proposal */
static int
get_result(const struct ber_reader *list, const struct ber_element *item,
    struct presentation_context *context)
{
	struct ber_reader in;
	struct ber_element el;
	struct slice oid;
	int64_t number;
	int error;

	/* Results have no identifier: they answer the proposals in their
	 * order. */
	*context = (struct presentation_context){.reason = -1};
	if ((error = ber_enter(list, item, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &el)) > 0) {
		/* Elements of later editions are passed over. */
		error = 0;
		if (el.tag == BER_CTX(0)) {
			error = ber_get_integer(
			    &in, &el, "context result", 0, 2, &number);
			if (error == 0)
				context->result =
				    (enum presentation_result)number;
		} else if (el.tag == BER_CTX(1)) {
			error = ber_get_oid(&in, &el, "transfer syntax", &oid);
			if (error == 0)
				context->ber =
				    slice_equal(oid, PRESENTATION_BER);
		} else if (el.tag == BER_CTX(2)) {
			error = ber_get_integer(&in, &el,
			    "context provider reason", 0, INT32_MAX, &number);
			if (error == 0)
				context->reason = (int)number;
		}
		if (error < 0)
			return error;
	}
	return error;
}

/* get_agreed - read one of an ARU's list: identifier and transfer syntax */
static int
get_agreed(const struct ber_reader *list, const struct ber_element *item,
    struct presentation_context *context)
{
	struct ber_reader in;
	struct ber_element el;
	struct slice oid;
	int64_t id;
	int error;

	*context = (struct presentation_context){.reason = -1};
	if ((error = ber_enter(list, item, &in)) < 0 ||
	    (error = ber_expect(
		 &in, BER_UNI(BER_INTEGER), "context identifier", &el)) < 0 ||
	    (error = ber_get_integer(
		 &in, &el, "context identifier", 1, INT32_MAX, &id)) < 0 ||
	    (error = ber_expect(
		 &in, BER_UNI(BER_OID), "transfer syntax", &el)) < 0 ||
	    (error = ber_get_oid(&in, &el, "transfer syntax", &oid)) < 0)
		return error;
	context->id = (uint32_t)id;
	context->ber = slice_equal(oid, PRESENTATION_BER);
	return 0;
}

/* get_list - read a bounded list of contexts, each by get */
static int
get_list(const struct ber_reader *reader, const struct ber_element *el,
    int (*get)(const struct ber_reader *, const struct ber_element *,
	struct presentation_context *),
    struct presentation_context *context, size_t *count)
{
	struct ber_reader in;
	struct ber_element item;
	int error;

	*count = 0;
	if ((error = ber_enter(reader, el, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &item)) > 0) {
		/* The list is the peer's; the array lies in the association, so
		 * its bound is checked before each element. */
		if (*count == PRESENTATION_CONTEXTS_MAX)
			return ber_error(&in, &item, ERR_LIMIT,
			    "presentation contexts", "more than %d",
			    PRESENTATION_CONTEXTS_MAX);
		if ((error = get(&in, &item, &context[*count])) < 0)
			return error;
		(*count)++;
	}
	return error;
}

enum ppdu {
	PPDU_CP,
	PPDU_CPA,
	PPDU_CPR
};

/* normal_element - read one element of the normal mode parameters */
static int
normal_element(struct ber_reader *in, const struct ber_element *el,
    enum ppdu ppdu, struct arena *arena, struct presentation_connect *out)
{
	int64_t number;
	int error;

	switch (el->tag) {
	case BER_CTX(1):
		return ppdu != PPDU_CP
		    ? 0
		    : ber_get_octets(in, el, "calling presentation selector",
			  PRESENTATION_SELECTOR_MAX, arena,
			  &out->calling_selector);
	case BER_CTX(2):
		return ppdu != PPDU_CP
		    ? 0
		    : ber_get_octets(in, el, "called presentation selector",
			  PRESENTATION_SELECTOR_MAX, arena,
			  &out->called_selector);
	case BER_CTX(3):
		return ber_get_octets(in, el, "responding selector",
		    PRESENTATION_SELECTOR_MAX, arena,
		    &out->responding_selector);
	case BER_CTX(4):
		return ppdu != PPDU_CP ? 0
				       : get_list(in, el, get_context,
					     out->context, &out->contexts);
	case BER_CTX(5):
		return ppdu == PPDU_CP ? 0
				       : get_list(in, el, get_result,
					     out->context, &out->contexts);
	case BER_CTX(10):
		error = ber_get_integer(
		    in, el, "provider reason", 0, INT32_MAX, &number);
		if (error == 0)
			out->provider_reason = (int)number;
		return error;
	case TAG_USER_DATA:
		/* The data are read when their context is known, by
		 * presentation_find. */
		out->user_data = el->whole;
		return 0;
	default:
		return 0;
	}
}

/* normal_mode - read the parameters of normal mode */
static int
normal_mode(const struct ber_reader *reader, const struct ber_element *params,
    enum ppdu ppdu, struct arena *arena, struct presentation_connect *out)
{
	struct ber_reader in;
	struct ber_element el;
	int error;

	if ((error = ber_enter(reader, params, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &el)) > 0)
		if ((error = normal_element(&in, &el, ppdu, arena, out)) < 0)
			return error;
	return error;
}

/* get_mode - read the mode selector */
static int
get_mode(const struct ber_reader *reader, const struct ber_element *el,
    enum presentation_mode *mode)
{
	struct ber_reader in;
	struct ber_element value;
	int64_t number;
	int error;

	if ((error = ber_enter(reader, el, &in)) < 0 ||
	    (error = ber_expect(&in, BER_CTX(0), "mode", &value)) < 0 ||
	    (error = ber_get_integer(&in, &value, "mode", 0, 1, &number)) < 0)
		return error;
	*mode = (enum presentation_mode)number;
	return 0;
}

/* connect_set - read a CP or CPA */
static int
connect_set(struct slice octets, enum ppdu ppdu, struct arena *arena,
    struct presentation_connect *connect, struct diag *diag)
{
	struct presentation_connect out = {.provider_reason = -1};
	struct ber_reader reader, in;
	struct ber_element set, el, params = {0};
	bool has_mode = false, has_params = false;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_expect(&reader, BER_UNI(BER_SET),
		 ppdu == PPDU_CP ? "CP" : "CPA", &set)) < 0 ||
	    (error = ber_enter(&reader, &set, &in)) < 0)
		return error;
	/* A SET: mode and parameters come in any order, so the parameters are
	 * read after the loop. */
	while ((error = ber_next(&in, &el)) > 0) {
		if (el.tag == BER_CTX(0)) {
			if ((error = get_mode(&in, &el, &out.mode)) < 0)
				return error;
			has_mode = true;
		} else if (el.tag == BER_CTX(1)) {
			out.x410 = el.contents;
		} else if (el.tag == BER_CTX(2)) {
			params = el;
			has_params = true;
		}
	}
	if (error < 0)
		return error;
	/* X.226: the mode selector is mandatory, and nothing may be read as one
	 * mode that was sent as the other. */
	if (!has_mode)
		return diag_set(
		    diag, ERR_SYNTAX, "presentation: no mode selector");
	if (out.mode == PRESENTATION_NORMAL) {
		if (!has_params)
			return diag_set(diag, ERR_SYNTAX,
			    "presentation: no normal mode parameters");
		error = normal_mode(&in, &params, ppdu, arena, &out);
		if (error < 0)
			return error;
	}
	*connect = out;
	return 0;
}

/* presentation_decode_connect - read a CP */
int
presentation_decode_connect(struct slice octets, struct arena *arena,
    struct presentation_connect *connect, struct diag *diag)
{
	return connect_set(octets, PPDU_CP, arena, connect, diag);
}

/* presentation_decode_accept - read a CPA */
int
presentation_decode_accept(struct slice octets, struct arena *arena,
    struct presentation_connect *accept, struct diag *diag)
{
	return connect_set(octets, PPDU_CPA, arena, accept, diag);
}

/* presentation_decode_refuse - read a CPR: a SEQUENCE, or in X.410 mode a
 * SET */
int
presentation_decode_refuse(struct slice octets, struct arena *arena,
    struct presentation_connect *refuse, struct diag *diag)
{
	struct presentation_connect out = {.provider_reason = -1};
	struct ber_reader reader;
	struct ber_element el;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0)
		return error < 0
		    ? error
		    : diag_set(diag, ERR_SYNTAX, "presentation: no CPR");
	/* X.226: a CPR of X.410 mode is a SET, of normal mode a SEQUENCE. */
	if (el.tag == BER_UNI(BER_SET)) {
		out.mode = PRESENTATION_X410;
		out.x410 = el.contents;
	} else if (el.tag == BER_UNI(BER_SEQUENCE)) {
		out.mode = PRESENTATION_NORMAL;
		error = normal_mode(&reader, &el, PPDU_CPR, arena, &out);
		if (error < 0)
			return error;
	} else {
		return ber_error(
		    &reader, &el, ERR_SYNTAX, "CPR", "unexpected tag");
	}
	*refuse = out;
	return 0;
}

/* get_aru - read an ARU of normal mode */
static int
get_aru(const struct ber_reader *reader, const struct ber_element *aru,
    struct presentation_abort *out)
{
	struct ber_reader in;
	struct ber_element el;
	int error;

	if ((error = ber_enter(reader, aru, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &el)) > 0) {
		if (el.tag == BER_CTX(0)) {
			error = get_list(
			    &in, &el, get_agreed, out->context, &out->contexts);
			if (error < 0)
				return error;
		} else if (el.tag == TAG_USER_DATA) {
			out->user_data = el.whole;
		}
	}
	return error;
}

/* get_arp - read an ARP */
static int
get_arp(const struct ber_reader *reader, const struct ber_element *arp,
    struct presentation_abort *out)
{
	struct ber_reader in;
	struct ber_element el;
	int64_t number;
	int error;

	if ((error = ber_enter(reader, arp, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &el)) > 0) {
		/* An ARP has no user data, and its other elements are those of
		 * later editions. */
		if (el.tag != BER_CTX(0) && el.tag != BER_CTX(1))
			continue;
		error = ber_get_integer(
		    &in, &el, "abort reason", 0, INT32_MAX, &number);
		if (error < 0)
			return error;
		if (el.tag == BER_CTX(0))
			out->reason = (int)number;
		else
			out->event = (int)number;
	}
	return error;
}

/* presentation_decode_abort - read an ARU or ARP */
int
presentation_decode_abort(
    struct slice octets, struct presentation_abort *abort, struct diag *diag)
{
	struct presentation_abort out = {.reason = -1, .event = -1};
	struct ber_reader reader;
	struct ber_element el;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0)
		return error < 0
		    ? error
		    : diag_set(diag, ERR_SYNTAX, "presentation: no abort");
	/* X.226: the tag alone tells who aborts: [0] the user, a SEQUENCE the
	 * provider, a SET either in X.410 mode. */
	if (el.tag == BER_CTX(0)) {
		out.kind = PRESENTATION_ARU;
		error = get_aru(&reader, &el, &out);
	} else if (el.tag == BER_UNI(BER_SEQUENCE)) {
		out.kind = PRESENTATION_ARP;
		error = get_arp(&reader, &el, &out);
	} else if (el.tag == BER_UNI(BER_SET)) {
		out.kind = PRESENTATION_ABORT_X410;
		out.x410 = el.contents;
		error = 0;
	} else {
		error = ber_error(
		    &reader, &el, ERR_SYNTAX, "abort PPDU", "unexpected tag");
	}
	if (error < 0)
		return error;
	*abort = out;
	return 0;
}

/* pdv_value - read the value of a PDV list */
static int
pdv_value(struct ber_reader *in, struct slice *value)
{
	struct ber_reader single;
	struct ber_element el;
	int error;

	if ((error = ber_next(in, &el)) <= 0)
		return error < 0 ? error
				 : diag_set(in->diag, ERR_SYNTAX,
				       "presentation: PDV list without data");
	/* octet-aligned holds the same octets as single-ASN1-type, without the
	 * wrapper. */
	if (el.tag == BER_CTX(1) && !el.constructed) {
		*value = el.contents;
		return 1;
	}
	/* arbitrary is for values that are no whole octets, which BER does not
	 * make. */
	if (el.tag != BER_CTX(0))
		return ber_error(in, &el, ERR_UNSUPPORTED,
		    "presentation data values", "not a single ASN.1 type");
	if ((error = ber_enter(in, &el, &single)) < 0)
		return error;
	if ((error = ber_next(&single, &el)) <= 0)
		return error < 0
		    ? error
		    : diag_set(in->diag, ERR_SYNTAX, "presentation: empty PDV");
	*value = el.whole;
	return 1;
}

/* presentation_find - find the value in the PDV list of a context */
int
presentation_find(struct slice user_data, uint32_t context, struct slice *value,
    struct diag *diag)
{
	struct ber_reader reader, list, in;
	struct ber_element el;
	int64_t id;
	int error;

	ber_reader_init(&reader, user_data, diag);
	if ((error = ber_expect(
		 &reader, TAG_USER_DATA, "fully encoded data", &el)) < 0 ||
	    (error = ber_enter(&reader, &el, &list)) < 0)
		return error;
	while ((error = ber_next(&list, &el)) > 0) {
		struct ber_element oid;

		if ((error = ber_enter(&list, &el, &in)) < 0 ||
		    (error = ber_optional(&in, BER_UNI(BER_OID), &oid)) < 0 ||
		    (error = ber_expect(&in, BER_UNI(BER_INTEGER),
			 "context identifier", &el)) < 0 ||
		    (error = ber_get_integer(&in, &el, "context identifier", 1,
			 INT32_MAX, &id)) < 0)
			return error;
		/* Other contexts' values, such as ACSE's beside RTSE's, lie in
		 * the same list. */
		if ((uint32_t)id == context)
			return pdv_value(&in, value);
	}
	return error;
}
