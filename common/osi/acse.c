/* SPDX-License-Identifier: ISC */
/*
 * acse.c - the APDUs of association control
 *
 * X.227 9.  No AP titles and no protocol version are sent: peers want none.
 */
#include "ber/writer.h"
#include "osi/acse.h"
#include "osi/presentation.h"

#define TAG_VERSION    BER_CTX(0)
#define TAG_CONTEXT    BER_CTX(1)
#define TAG_RESULT     BER_CTX(2)
#define TAG_DIAGNOSTIC BER_CTX(3)
#define TAG_REASON     BER_CTX(0) /* RLRQ, RLRE; ABRT: its source */
#define TAG_USER       BER_CTX(30)

/* get_within - read the one INTEGER that an explicit tag encloses */
static int
get_within(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, int64_t max, int64_t *number)
{
	struct ber_reader in;
	struct ber_element value;
	int error;

	if ((error = ber_enter(reader, el, &in)) < 0 ||
	    (error = ber_expect(&in, BER_UNI(BER_INTEGER), name, &value)) < 0)
		return error;
	return ber_get_integer(&in, &value, name, 0, max, number);
}

/* get_diagnostic - read the source and its diagnostic */
static int
get_diagnostic(const struct ber_reader *reader, const struct ber_element *el,
    struct acse_apdu *out)
{
	struct ber_reader in;
	struct ber_element choice;
	int64_t number;
	int error;

	if ((error = ber_enter(reader, el, &in)) < 0)
		return error;
	if ((error = ber_next(&in, &choice)) <= 0)
		return error < 0 ? error
				 : ber_error(reader, el, ERR_SYNTAX,
				       "result source diagnostic", "empty");
	/* X.227: the service user is [1] and the provider [2]; an alternative
	 * of a later edition is no reason to refuse the APDU. */
	if (choice.tag != BER_CTX(1) && choice.tag != BER_CTX(2))
		return 0;
	error = get_within(&in, &choice, "diagnostic", INT32_MAX, &number);
	if (error < 0)
		return error;
	out->source =
	    choice.tag == BER_CTX(1) ? ACSE_SOURCE_USER : ACSE_SOURCE_PROVIDER;
	out->diagnostic = (int)number;
	return 0;
}

/* get_external - read the context and value of an EXTERNAL */
static int
get_external(const struct ber_reader *reader, const struct ber_element *el,
    uint32_t *indirect, struct slice *value)
{
	struct ber_reader in, single;
	struct ber_element part;
	int64_t id;
	int error;

	*indirect = 0;
	*value = slice_of(NULL, 0);
	if ((error = ber_enter(reader, el, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &part)) > 0) {
		if (part.tag == BER_UNI(BER_INTEGER)) {
			error = ber_get_integer(&in, &part,
			    "indirect reference", 1, INT32_MAX, &id);
			if (error < 0)
				return error;
			*indirect = (uint32_t)id;
		} else if (part.tag == BER_CTX(0)) {
			/* single-ASN1-type is explicit: the value keeps its own
			 * tag. */
			if ((error = ber_enter(&in, &part, &single)) < 0)
				return error;
			if ((error = ber_next(&single, &part)) < 0)
				return error;
			if (error > 0)
				*value = part.whole;
		} else if (part.tag == BER_CTX(1) && !part.constructed) {
			/* octet-aligned is implicit: the contents are the whole
			 * encoding of the value. */
			*value = part.contents;
		}
	}
	return error;
}

/* get_user - read the EXTERNAL of our context, if there is one */
static int
get_user(const struct ber_reader *reader, const struct ber_element *el,
    uint32_t user_context, struct acse_apdu *out)
{
	struct ber_reader in;
	struct ber_element item;
	int error;

	if ((error = ber_enter(reader, el, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &item)) > 0) {
		struct slice value;
		uint32_t indirect;

		if (item.tag != BER_UNI(BER_EXTERNAL))
			continue;
		error = get_external(&in, &item, &indirect, &value);
		if (error < 0)
			return error;
		/* X.227 lets an APDU bear several EXTERNALs; values of contexts
		 * that we do not run are passed over. */
		if (indirect != 0 && indirect != user_context)
			continue;
		out->indirect = indirect;
		out->value = value;
		return 0;
	}
	return error;
}

/* associate_element - read an element of an AARQ or AARE */
static int
associate_element(const struct ber_reader *in, const struct ber_element *el,
    struct acse_apdu *out)
{
	struct ber_reader inner;
	struct ber_element value;
	uint32_t bits;
	size_t count;
	int64_t number;
	int error;

	switch (el->tag) {
	case TAG_VERSION:
		error = ber_get_bits(in, el, "version", &bits, &count);
		if (error == 0)
			out->version1 = (bits & BER_BIT(0)) != 0;
		return error;
	case TAG_CONTEXT:
		if ((error = ber_enter(in, el, &inner)) < 0 ||
		    (error = ber_expect(&inner, BER_UNI(BER_OID),
			 "application context", &value)) < 0)
			return error;
		return ber_get_oid(
		    &inner, &value, "application context", &out->context_name);
	case TAG_RESULT:
		/* In an AARQ the same tags are the called AP title and AE
		 * qualifier. */
		if (out->kind != ACSE_AARE)
			return 0;
		error = get_within(in, el, "result", 2, &number);
		if (error == 0)
			out->result = (enum acse_result)number;
		return error;
	case TAG_DIAGNOSTIC:
		return out->kind == ACSE_AARE ? get_diagnostic(in, el, out) : 0;
	default:
		return 0;
	}
}

/* apdu_element - read one element of any APDU */
static int
apdu_element(const struct ber_reader *in, const struct ber_element *el,
    uint32_t user_context, struct acse_apdu *out)
{
	int64_t number;
	int error;

	if (el->tag == TAG_USER)
		return get_user(in, el, user_context, out);
	if (out->kind == ACSE_AARQ || out->kind == ACSE_AARE)
		return associate_element(in, el, out);
	if (el->tag != TAG_REASON)
		return 0;
	/* [0] is the reason of an RLRQ or RLRE, and the source of an ABRT,
	 * which has two values. */
	error = ber_get_integer(in, el, "reason", 0,
	    out->kind == ACSE_ABRT ? 1 : INT32_MAX, &number);
	if (error < 0)
		return error;
	if (out->kind == ACSE_ABRT)
		out->abort_source = (enum acse_abort_source)number;
	else
		out->reason = (int)number;
	return 0;
}

/* acse_decode - read an APDU */
int
acse_decode(struct slice octets, uint32_t user_context, struct acse_apdu *apdu,
    struct diag *diag)
{
	struct acse_apdu out = {.version1 = true, .reason = -1};
	struct ber_reader reader, in;
	struct ber_element el;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0)
		return error < 0 ? error
				 : diag_set(diag, ERR_SYNTAX, "ACSE: no APDU");
	/* An unknown element is passed over, an unknown APDU cannot be: nothing
	 * would say what became of the association. */
	if (el.tag < BER_APP(ACSE_AARQ) || el.tag > BER_APP(ACSE_ABRT))
		return ber_error(
		    &reader, &el, ERR_SYNTAX, "ACSE APDU", "unknown tag");
	out.kind = (enum acse_kind)(el.tag - BER_APP(ACSE_AARQ));
	if ((error = ber_enter(&reader, &el, &in)) < 0)
		return error;
	while ((error = ber_next(&in, &el)) > 0)
		if ((error = apdu_element(&in, &el, user_context, &out)) < 0)
			return error;
	if (error < 0)
		return error;
	/* X.227: the context name is mandatory in an AARQ, since nothing else
	 * says which application is called. */
	if (out.kind == ACSE_AARQ && out.context_name.len == 0)
		return diag_set(
		    diag, ERR_SYNTAX, "ACSE: AARQ without context name");
	*apdu = out;
	return 0;
}

/* put_explicit - write an INTEGER in an explicit tag */
static void
put_explicit(struct ber_writer *writer, uint32_t tag, int64_t value)
{
	ber_begin(writer, tag);
	ber_put_integer(writer, BER_UNI(BER_INTEGER), value);
	ber_end_element(writer);
}

/* acse_encode - write an APDU */
int
acse_encode(const struct acse_apdu *apdu, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_APP(apdu->kind));
	if (apdu->kind == ACSE_AARQ || apdu->kind == ACSE_AARE) {
		ber_begin(&writer, TAG_CONTEXT);
		ber_put(&writer, BER_UNI(BER_OID), apdu->context_name);
		ber_end_element(&writer);
	}
	if (apdu->kind == ACSE_AARE) {
		put_explicit(&writer, TAG_RESULT, apdu->result);
		ber_begin(&writer, TAG_DIAGNOSTIC);
		put_explicit(&writer, BER_CTX(apdu->source), apdu->diagnostic);
		ber_end_element(&writer);
	}
	if (apdu->kind == ACSE_ABRT)
		ber_put_integer(&writer, TAG_REASON, apdu->abort_source);
	if ((apdu->kind == ACSE_RLRQ || apdu->kind == ACSE_RLRE) &&
	    apdu->reason >= 0)
		ber_put_integer(&writer, TAG_REASON, apdu->reason);
	if (apdu->value.len > 0) {
		ber_begin(&writer, TAG_USER);
		ber_begin(&writer, BER_UNI(BER_EXTERNAL));
		if (apdu->direct)
			ber_put(&writer, BER_UNI(BER_OID), PRESENTATION_BER);
		ber_put_integer(&writer, BER_UNI(BER_INTEGER), apdu->indirect);
		ber_begin(&writer, BER_CTX(0));
		ber_put_raw(&writer, apdu->value);
		ber_end_element(&writer);
		ber_end_element(&writer);
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* acse_diagnostic_name - name a diagnostic in words */
const char *
acse_diagnostic_name(enum acse_source source, int diagnostic)
{
	static const char *const user[] = {
	    "no diagnostic",
	    "no reason given",
	    "application context not supported",
	    "calling AP title not recognized",
	    "calling AP invocation identifier not recognized",
	    "calling AE qualifier not recognized",
	    "calling AE invocation identifier not recognized",
	    "called AP title not recognized",
	    "called AP invocation identifier not recognized",
	    "called AE qualifier not recognized",
	    "called AE invocation identifier not recognized",
	    "authentication mechanism not recognized",
	    "authentication mechanism required",
	    "authentication failure",
	    "authentication required",
	};

	/* X.227 knows two other diagnostics of the provider, which say no more
	 * than that the association was refused. */
	if (source == ACSE_SOURCE_PROVIDER)
		return diagnostic == ACSE_NO_COMMON_VERSION
		    ? "no common ACSE version"
		    : "refused by the ACSE entity";
	return diagnostic >= 0 &&
		(size_t)diagnostic < sizeof(user) / sizeof(user[0])
	    ? user[diagnostic]
	    : "unknown diagnostic";
}
