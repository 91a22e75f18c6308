/* SPDX-License-Identifier: ISC */
/*
 * p1_recipient.c - the per-recipient fields of one recipient
 */
#include "mhs/p1_recipient.h"

#include "mhs/p1_definite.h"
#include "mhs/p1_field.h"

/* decode_recipient_part - read one element of per-recipient fields */
static int
decode_recipient_part(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena,
    struct p1_recipient *recipient, unsigned *fields)
{
	int64_t number;
	size_t bits;
	int n;

	switch (el->tag) {
	case OR_NAME_TAG:
		n = p1_once(reader, el, "recipient-name", 1, fields);
		return n != 0 ? n
			      : or_name_decode(reader, el, "recipient-name",
				    arena, &recipient->name);
	case BER_CTX(0):
		/* X.411 has 32,767 at most; more recipients are read to be
		 * reported on. */
		n = ber_get_integer(reader, el,
		    "originally-specified-recipient-number", 0,
		    P1_RECIPIENTS_READ, &number);
		if (n == 0)
			recipient->number = (int)number;
		return n;
	case BER_CTX(1):
		*fields |= 2;
		return ber_get_bits(reader, el, "per-recipient-indicators",
		    &recipient->indicators, &bits);
	case BER_CTX(2):
		n = ber_get_integer(
		    reader, el, "explicit-conversion", 0, INT16_MAX, &number);
		if (n == 0)
			recipient->explicit_conversion = (int)number;
		return n;
	case BER_CTX(3):
		n = p1_once(reader, el, "extensions", 4, fields);
		return n != 0 ? n
			      : extension_list_decode(reader, el, "extensions",
				    arena, &recipient->extensions);
	default:
		return p1_no_place(reader, el, "per-recipient-fields");
	}
}

/* p1_recipient_get - read one whose lengths are definite */
int
p1_recipient_get(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	struct p1_recipient *recipient = item;
	struct ber_reader inner;
	struct ber_element part;
	unsigned fields = 0;
	int n;

	(void)name;
	/* X.411: the number of a recipient has no default: 1 keeps a report on
	 * a broken envelope legal. */
	recipient->number = 1;
	recipient->explicit_conversion = -1;
	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0)
		n = decode_recipient_part(
		    &inner, &part, arena, recipient, &fields);
	if (n == 0 && (fields & 1) == 0)
		n = ber_error(
		    reader, el, ERR_SYNTAX, "recipient-name", "missing");
	if (n == 0 && (fields & 2) == 0)
		n = ber_error(reader, el, ERR_SYNTAX,
		    "per-recipient-indicators", "missing");
	return n;
}

/* p1_recipient_decode - read one in lengths of any form */
int
p1_recipient_decode(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena,
    struct p1_recipient *recipient)
{
	struct ber_element definite = *el;
	int n = 0;

	if (!p1_is_definite(el->whole))
		n = p1_definite(reader, el, arena, &definite);
	return n != 0
	    ? n
	    : p1_recipient_get(reader, &definite, NULL, arena, recipient);
}

/* p1_recipient_put - write one, with these indicators */
void
p1_recipient_put(struct ber_writer *writer,
    const struct p1_recipient *recipient, uint32_t indicators,
    enum extension_tagging tagging)
{
	ber_begin(writer, BER_UNI(BER_SET));
	or_name_encode(writer, OR_NAME_TAG, &recipient->name);
	ber_put_integer(writer, BER_CTX(0), recipient->number);
	/* PerRecipientIndicators has SIZE (8); peers refuse a ninth bit. */
	ber_put_bits(
	    writer, BER_CTX(1), indicators & P1_RECIPIENT_INDICATORS, 8);
	if (recipient->explicit_conversion >= 0)
		ber_put_integer(
		    writer, BER_CTX(2), recipient->explicit_conversion);
	extension_list_encode(
	    writer, BER_CTX(3), &recipient->extensions, tagging);
	ber_end_element(writer);
}
