/* SPDX-License-Identifier: ISC */
/*
 * extension.c - extension fields (X.411 9.1)
 */
#include "mhs/extension.h"
#include "mhs/p1_definite.h"

/* The last number that X.411 of 1999 and X.420 give. */
#define LAST_STANDARD 46

static const char *const names[LAST_STANDARD + 1] = {
    [1] = "recipient-reassignment-prohibited",
    [2] = "originator-requested-alternate-recipient",
    [3] = "dl-expansion-prohibited",
    [4] = "conversion-with-loss-prohibited",
    [5] = "latest-delivery-time",
    [6] = "requested-delivery-method",
    [7] = "physical-forwarding-prohibited",
    [8] = "physical-forwarding-address-request",
    [9] = "physical-delivery-modes",
    [10] = "registered-mail-type",
    [11] = "recipient-number-for-advice",
    [12] = "physical-rendition-attributes",
    [13] = "originator-return-address",
    [14] = "physical-delivery-report-request",
    [15] = "originator-certificate",
    [16] = "message-token",
    [17] = "content-confidentiality-algorithm-identifier",
    [18] = "content-integrity-check",
    [19] = "message-origin-authentication-check",
    [20] = "message-security-label",
    [21] = "proof-of-submission-request",
    [22] = "proof-of-delivery-request",
    [23] = "content-correlator",
    [24] = "probe-origin-authentication-check",
    [25] = "redirection-history",
    [26] = "dl-expansion-history",
    [27] = "physical-forwarding-address",
    [28] = "recipient-certificate",
    [29] = "proof-of-delivery",
    [30] = "originator-and-DL-expansion-history",
    [31] = "reporting-DL-name",
    [32] = "reporting-MTA-certificate",
    [33] = "report-origin-authentication-check",
    [34] = "originating-MTA-certificate",
    [35] = "proof-of-submission",
    [36] = "forwarding-request",
    [37] = "trace-information",
    [38] = "internal-trace-information",
    [39] = "reporting-MTA-name",
    [40] = "multiple-originator-certificates",
    [41] = "blind-copy-recipients",
    [42] = "dl-exempted-recipients",
    [43] = "body-part-encryption-token",
    [44] = "forwarded-content-token",
    [45] = "certificate-selectors",
    [46] = "certificate-selectors-override",
};

/* extension_name - name an extension: "latest-delivery-time", or NULL if we
 * know none */
const char *
extension_name(int number)
{
	return number < 0 || number > LAST_STANDARD ? NULL : names[number];
}

/* decode_type - read the type in [0] or [3], implicit or explicit */
static int
decode_type(const struct ber_reader *reader, const struct ber_element *el,
    struct extension *extension)
{
	struct ber_reader inner;
	struct ber_element type = *el;
	bool private = el->tag == BER_CTX(3);
	int64_t number;
	int n;

	if (el->tag != BER_CTX(0) && !private)
		return ber_error(
		    reader, el, ERR_SYNTAX, "extension type", "unknown tag");
	/* Implicit and explicit tags are both seen, as the 1988 text was read
	 * both ways. */
	if (el->constructed) {
		n = ber_enter(reader, el, &inner);
		if (n != 0)
			return n;
		n = ber_next(&inner, &type);
		if (n < 0)
			return n;
		if (n == 0)
			return ber_error(
			    reader, el, ERR_SYNTAX, "extension type", "empty");
		private = type.tag == BER_UNI(BER_OID);
		n = ber_end(&inner, "extension type");
		if (n != 0)
			return n;
	}
	if (private) {
		extension->number = EXTENSION_PRIVATE;
		return ber_get_oid(
		    reader, &type, "extension type", &extension->oid);
	}
	n = ber_get_integer(
	    reader, &type, "extension type", 0, INT32_MAX, &number);
	if (n == 0)
		extension->number = (int)number;
	return n;
}

/* decode_field - read one ExtensionField */
static int
decode_field(const struct ber_reader *reader, const struct ber_element *el,
    struct extension *extension)
{
	struct ber_reader inner, value;
	struct ber_element part;
	size_t bits;
	int n;

	*extension = (struct extension){.number = 0};
	n = ber_enter(reader, el, &inner);
	if (n != 0)
		return n;
	n = ber_next(&inner, &part);
	if (n <= 0)
		return n < 0 ? n
			     : ber_error(reader, el, ERR_SYNTAX, "extension",
				   "without type");
	n = decode_type(&inner, &part, extension);
	/* Absent criticality means none: the extension may be ignored. */
	if (n == 0)
		n = ber_optional(&inner, BER_CTX(1), &part);
	if (n > 0)
		n = ber_get_bits(&inner, &part, "criticality",
		    &extension->criticality, &bits);
	if (n == 0)
		n = ber_optional(&inner, BER_CTX(2), &part);
	if (n > 0) {
		n = ber_enter(&inner, &part, &value);
		if (n == 0)
			n = ber_next(&value, &part);
		if (n > 0) {
			/* Kept as octets: an extension that is not known is
			 * passed on. */
			extension->value = part.whole;
			n = ber_end(&value, "extension value");
		}
	}
	return n != 0 ? n : ber_end(&inner, "extension");
}

/* count_fields - count how many elements are in a SET OF */
static int
count_fields(struct ber_reader reader, size_t *count)
{
	struct ber_element el;
	int n;

	*count = 0;
	while ((n = ber_next(&reader, &el)) > 0)
		(*count)++;
	return n;
}

/* extension_list_decode - read the SET OF in el, whatever its tag */
int
extension_list_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct extension_list *list)
{
	struct extension_list got = {.count = 0};
	struct ber_element definite, part;
	struct ber_reader inner;
	int n;

	/* Definite lengths let each value be kept as one slice. */
	n = p1_definite(reader, el, arena, &definite);
	if (n == 0)
		n = ber_enter(reader, &definite, &inner);
	if (n == 0)
		n = count_fields(inner, &got.capacity);
	if (n != 0)
		goto out;
	/* Counted before memory is taken, since the number is the peer's. */
	if (got.capacity > EXTENSION_MAX) {
		n = ber_error(reader, el, ERR_LIMIT, field, "more than %d",
		    EXTENSION_MAX);
		goto out;
	}
	got.items = arena_array(arena, got.capacity, sizeof(*got.items));
	if (got.items == NULL) {
		n = ber_error(reader, el, arena_error(arena), field, "%s",
		    arena_reason(arena));
		goto out;
	}
	while (n == 0 && (n = ber_next(&inner, &part)) > 0)
		n = decode_field(&inner, &part, &got.items[got.count++]);
	/* The list of the caller changes only when all of it is read. */
	if (n == 0)
		*list = got;
out:
	if (n != 0)
		diag_prefix(reader->diag, "%s", field);
	return n;
}

/* extension_encode_begin - write its SEQUENCE, type and criticality */
void
extension_encode_begin(struct ber_writer *writer,
    const struct extension *extension, enum extension_tagging tagging)
{
	bool private = extension->number == EXTENSION_PRIVATE;
	uint32_t tag = private ? BER_CTX(3) : BER_CTX(0);
	size_t bits = 0, i;

	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	if (tagging == EXTENSION_EXPLICIT) {
		ber_begin(writer, tag);
		tag = private ? BER_UNI(BER_OID) : BER_UNI(BER_INTEGER);
	}
	if (private)
		ber_put(writer, tag, extension->oid);
	else
		ber_put_integer(writer, tag, extension->number);
	if (tagging == EXTENSION_EXPLICIT)
		ber_end_element(writer);
	/* Bits behind the last that is set are not written; no bits are the
	 * default. */
	for (i = 0; i < 32; i++)
		if ((extension->criticality & BER_BIT(i)) != 0)
			bits = i + 1;
	if (bits != 0)
		ber_put_bits(writer, BER_CTX(1), extension->criticality, bits);
}

/* extension_encode - write one ExtensionField */
void
extension_encode(struct ber_writer *writer, const struct extension *extension,
    enum extension_tagging tagging)
{
	extension_encode_begin(writer, extension, tagging);
	if (extension->value.len != 0) {
		ber_begin(writer, BER_CTX(2));
		ber_put_raw(writer, extension->value);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* extension_list_encode - write the list under this tag; nothing if the list
 * is empty */
void
extension_list_encode(struct ber_writer *writer, uint32_t tag,
    const struct extension_list *list, enum extension_tagging tagging)
{
	size_t i;

	if (list->count == 0)
		return;
	ber_begin(writer, tag);
	for (i = 0; i < list->count; i++)
		extension_encode(writer, &list->items[i], tagging);
	ber_end_element(writer);
}

/* find - find the index of an extension, or count */
static size_t
find(const struct extension_list *list, int number)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->items[i].number == number)
			break;
	return i;
}

/* extension_find - find the standard extension of this number, or NULL */
const struct extension *
extension_find(const struct extension_list *list, int number)
{
	size_t i = find(list, number);

	return i == list->count ? NULL : &list->items[i];
}

/* extension_number_is - compare the value of an extension with a number */
bool
extension_number_is(
    const struct extension_list *list, int number, int64_t value)
{
	const struct extension *extension = extension_find(list, number);
	struct ber_reader reader;
	struct ber_element el;
	int64_t found;

	if (extension == NULL)
		return false;
	ber_reader_init(&reader, extension->value, NULL);
	return ber_next(&reader, &el) > 0 &&
	    ber_get_integer(&reader, &el, "value", 0, INT32_MAX, &found) == 0 &&
	    found == value;
}

/* extension_set - add a standard extension, or replace it if it is there */
int
extension_set(struct extension_list *list, struct arena *arena, int number,
    uint32_t criticality, struct slice value)
{
	struct extension *items;
	size_t i = find(list, number), capacity;

	if (i == list->count) {
		if (list->count == EXTENSION_MAX)
			return ERR_LIMIT;
		if (list->count == list->capacity) {
			capacity = list->capacity * 2 + 4;
			items = arena_array(arena, capacity, sizeof(*items));
			if (items == NULL)
				return arena_error(arena);
			if (list->count != 0)
				memcpy(items, list->items,
				    list->count * sizeof(*items));
			list->items = items;
			list->capacity = capacity;
		}
		list->count++;
	}
	list->items[i] = (struct extension){
	    .number = number, .criticality = criticality, .value = value};
	return 0;
}

/* extension_remove - take the standard extension out, if it is there */
void
extension_remove(struct extension_list *list, int number)
{
	size_t i = find(list, number);

	if (i == list->count)
		return;
	list->count--;
	memmove(&list->items[i], &list->items[i + 1],
	    (list->count - i) * sizeof(list->items[0]));
}

/* extension_unsupported - find the first critical for transfer and unknown */
const struct extension *
extension_unsupported(const struct extension_list *list)
{
	const struct extension *extension;
	size_t i;

	for (i = 0; i < list->count; i++) {
		extension = &list->items[i];
		/* X.411: a function that is critical for transfer and unknown
		 * has the message returned. */
		if ((extension->criticality & CRITICAL_FOR_TRANSFER) != 0 &&
		    extension_name(extension->number) == NULL)
			return extension;
	}
	return NULL;
}

/* done_on_delivery - tell whether a delivery here is as the extension has it */
static bool
done_on_delivery(int number)
{
	switch (number) {
	case EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED:
	case EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT:
	case EXTENSION_DL_EXPANSION_PROHIBITED:
	case EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED:
	case EXTENSION_LATEST_DELIVERY_TIME:
	case EXTENSION_CONTENT_CORRELATOR:
	case EXTENSION_REDIRECTION_HISTORY:
	case EXTENSION_DL_EXPANSION_HISTORY:
	case EXTENSION_TRACE_INFORMATION:
	case EXTENSION_INTERNAL_TRACE:
	case EXTENSION_DL_EXEMPTED_RECIPIENTS:
		return true;
	default:
		return false;
	}
}

/* extension_undelivered - find the first critical for delivery and not done */
const struct extension *
extension_undelivered(const struct extension_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct extension *extension = &list->items[i];

		if ((extension->criticality & CRITICAL_FOR_DELIVERY) != 0 &&
		    !done_on_delivery(extension->number))
			return extension;
	}
	return NULL;
}
