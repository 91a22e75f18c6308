/* SPDX-License-Identifier: ISC */
/*
 * mts_identifier.c - global domain identifiers and MTS identifiers in BER
 *
 * Their text is in mts_identifier_text.c.
 */
#include "mhs/mts_identifier.h"
#include "mhs/or_address.h"

/* Twice X.411's bounds are read: peers exceed them. */
#define DOMAIN_NAME_READ 64

/* get_name - read a NumericString or PrintableString from el itself */
static int
get_name(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct slice *text, bool *numeric)
{
	if (el->tag != BER_UNI(BER_NUMERIC_STRING) &&
	    el->tag != BER_UNI(BER_PRINTABLE_STRING))
		return ber_error(reader, el, ERR_SYNTAX, field,
		    "neither numeric nor printable");
	/* Both types may say the same name; which one it was is kept, so that
	 * trace goes on as it came. */
	*numeric = el->tag == BER_UNI(BER_NUMERIC_STRING);
	return ber_get_octets(reader, el, field, DOMAIN_NAME_READ, arena, text);
}

/* get_tagged - read the same from an element with an application tag around
 * it */
static int
get_tagged(struct ber_reader *reader, uint32_t tag, const char *field,
    struct arena *arena, struct slice *text, bool *numeric)
{
	struct ber_reader inner;
	struct ber_element el;
	int n;

	n = ber_expect(reader, tag, field, &el);
	if (n != 0)
		return n;
	n = ber_enter(reader, &el, &inner);
	if (n != 0)
		return n;
	n = ber_next(&inner, &el);
	if (n <= 0)
		return n < 0
		    ? n
		    : ber_error(reader, &el, ERR_SYNTAX, field, "empty");
	n = get_name(&inner, &el, field, arena, text, numeric);
	if (n != 0)
		return n;
	return ber_end(&inner, field);
}

/* global_domain_decode - read a GlobalDomainIdentifier, whatever its tag */
int
global_domain_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct global_domain *domain)
{
	struct global_domain got = {.country_numeric = false};
	struct ber_reader inner;
	struct ber_element prmd;
	int n;

	n = ber_enter(reader, el, &inner);
	if (n == 0)
		n = get_tagged(&inner, BER_APP(1), "country-name", arena,
		    &got.country, &got.country_numeric);
	if (n == 0)
		n = get_tagged(&inner, BER_APP(2), "administration-domain-name",
		    arena, &got.admd, &got.admd_numeric);
	if (n == 0)
		n = ber_next(&inner, &prmd);
	/* X.411: the private domain is optional, and has no tag around it. */
	if (n > 0) {
		n = get_name(&inner, &prmd, "private-domain-identifier", arena,
		    &got.prmd, &got.prmd_numeric);
		if (n == 0)
			n = ber_end(&inner, field);
	}
	if (n < 0) {
		diag_prefix(reader->diag, "%s", field);
		return n;
	}
	*domain = got;
	return 0;
}

/* string_tag - choose the tag of a domain name */
static uint32_t
string_tag(bool numeric)
{
	return numeric ? BER_UNI(BER_NUMERIC_STRING)
		       : BER_UNI(BER_PRINTABLE_STRING);
}

/* global_domain_encode - write a GlobalDomainIdentifier under this tag */
void
global_domain_encode(
    struct ber_writer *writer, uint32_t tag, const struct global_domain *domain)
{
	ber_begin(writer, tag);
	ber_begin(writer, BER_APP(1));
	ber_put(writer, string_tag(domain->country_numeric), domain->country);
	ber_end_element(writer);
	ber_begin(writer, BER_APP(2));
	ber_put(writer, string_tag(domain->admd_numeric), domain->admd);
	ber_end_element(writer);
	if (domain->prmd.len != 0)
		ber_put(writer, string_tag(domain->prmd_numeric), domain->prmd);
	ber_end_element(writer);
}

/* mts_identifier_decode - read an MTSIdentifier, whatever its tag */
int
mts_identifier_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct mts_identifier *identifier)
{
	struct mts_identifier got;
	struct ber_reader inner;
	struct ber_element part;
	int n;

	n = ber_enter(reader, el, &inner);
	if (n == 0)
		n = ber_expect(&inner, GLOBAL_DOMAIN_TAG,
		    "global-domain-identifier", &part);
	if (n == 0)
		n = global_domain_decode(&inner, &part,
		    "global-domain-identifier", arena, &got.domain);
	if (n == 0)
		n = ber_expect(
		    &inner, BER_UNI(BER_IA5_STRING), "local-identifier", &part);
	if (n == 0)
		n = ber_get_octets(&inner, &part, "local-identifier",
		    2 * MTS_LOCAL_MAX, arena, &got.local);
	/* An identifier without its local part would be the same for all
	 * messages of a domain. */
	if (n == 0 && got.local.len == 0)
		n = ber_error(
		    &inner, &part, ERR_VALUE, "local-identifier", "empty");
	if (n == 0)
		n = ber_end(&inner, field);
	if (n != 0) {
		diag_prefix(reader->diag, "%s", field);
		return n;
	}
	*identifier = got;
	return 0;
}

/* mts_identifier_encode - write an MTSIdentifier under this tag */
void
mts_identifier_encode(struct ber_writer *writer, uint32_t tag,
    const struct mts_identifier *identifier)
{
	ber_begin(writer, tag);
	global_domain_encode(writer, GLOBAL_DOMAIN_TAG, &identifier->domain);
	ber_put(writer, BER_UNI(BER_IA5_STRING), identifier->local);
	ber_end_element(writer);
}

/* global_domain_compare - compare in a total order */
int
global_domain_compare(
    const struct global_domain *a, const struct global_domain *b)
{
	int n;

	/* Compared as O/R attributes are: without regard to case and extra
	 * blanks. */
	n = or_text_compare(a->country, b->country);
	if (n == 0)
		n = or_text_compare(a->admd, b->admd);
	if (n == 0)
		n = or_text_compare(a->prmd, b->prmd);
	return n;
}

/* global_domain_dup - make a deep copy into an arena */
int
global_domain_dup(const struct global_domain *from, struct arena *arena,
    struct global_domain *to)
{
	struct global_domain copy = *from;

	if (arena_slice(arena, from->country, &copy.country) != 0 ||
	    arena_slice(arena, from->admd, &copy.admd) != 0 ||
	    arena_slice(arena, from->prmd, &copy.prmd) != 0)
		return arena_error(arena);
	*to = copy;
	return 0;
}
