/* SPDX-License-Identifier: ISC */
/*
 * or_downgrade.c - O/R addresses between systems of 1988 and of 1984
 */
#include "mhs/charset.h"
#include "mhs/or_downgrade.h"

#define DDA_1984  4   /* ub-domain-defined-attributes */
#define DDA_VALUE 128 /* octets of a value */
#define VALUES	  4   /* X400-88 and its three overflows */

static const char *const overflow[VALUES] = {
    "X400-88", "X400-C1", "X400-C2", "X400-C3"};

/* is_printable - tell whether a text can be a PrintableString, whatever form it
 * came in */
static bool
is_printable(struct slice text, uint8_t forms)
{
	return text.len == 0 || (forms & (OR_PRINTABLE | OR_NUMERIC)) != 0 ||
	    charset_is_printable(text);
}

/* is_1984 - tell whether an address needs no change */
static bool
is_1984(const struct or_address *address)
{
	const uint8_t simple = OR_PRINTABLE | OR_NUMERIC;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		if (address->attribute[i].len != 0 &&
		    (i == OR_COMMON_NAME || i == OR_TERMINAL_TYPE ||
			(address->forms[i] & ~(unsigned)simple) != 0))
			return false;
	for (unsigned i = 0; i < address->dda_count; i++)
		if ((address->dda[i].forms & ~(unsigned)simple) != 0)
			return false;
	return address->extension_count == 0;
}

/* fits - tell whether all but a common name can be said in 1984 */
static bool
fits(const struct or_address *address)
{
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		if (!is_printable(address->attribute[i], address->forms[i]))
			return false;
	for (unsigned i = 0; i < address->dda_count; i++)
		if (!is_printable(
			address->dda[i].type, address->dda[i].forms) ||
		    !is_printable(address->dda[i].value, address->dda[i].forms))
			return false;
	/* RFC 2156 puts a common name into a domain defined attribute, of which
	 * 1984 allows four. */
	return address->extension_count == 0 &&
	    address->attribute[OR_TERMINAL_TYPE].len == 0 &&
	    address->dda_count +
		(address->attribute[OR_COMMON_NAME].len != 0) <=
	    DDA_1984;
}

/* add_dda - add a domain defined attribute at the end */
static int
add_dda(struct or_address *address, const char *type, struct slice value,
    struct arena *arena)
{
	char *text = arena_string(arena, value);

	return text == NULL ? arena_error(arena)
			    : or_address_set_dda(address, type, text, arena);
}

/* plain_forms - ask for the simplest form of every attribute */
static void
plain_forms(struct or_address *address)
{
	memset(address->forms, 0, sizeof(address->forms));
	for (unsigned i = 0; i < address->dda_count; i++)
		address->dda[i].forms = 0;
}

/* move_common_name - put a common name into the attribute Common */
static int
move_common_name(struct or_address *address, struct arena *arena)
{
	struct slice common = address->attribute[OR_COMMON_NAME];
	struct or_dda *own;

	own = arena_array(arena, address->dda_count + 1U, sizeof(*own));
	if (own == NULL)
		return arena_error(arena);
	if (address->dda_count > 0)
		memcpy(own, address->dda, address->dda_count * sizeof(*own));
	address->dda = own;
	address->attribute[OR_COMMON_NAME] = slice_of(NULL, 0);
	plain_forms(address);
	return common.len == 0 ? 0 : add_dda(address, "Common", common, arena);
}

/* set_domain - set country, ADMD and PRMD of an address */
static int
set_domain(struct or_address *address, const struct global_domain *domain,
    struct arena *arena)
{
	const struct {
		enum or_attribute attribute;
		struct slice text;
	} parts[] = {{OR_COUNTRY, domain->country}, {OR_ADMD, domain->admd},
	    {OR_PRMD, domain->prmd}};
	int error = 0;

	for (size_t i = 0; i < 3 && error == 0; i++) {
		char *text = arena_string(arena, parts[i].text);

		if (text == NULL)
			return arena_error(arena);
		if (parts[i].text.len != 0)
			error = or_address_set(
			    address, parts[i].attribute, text, arena);
	}
	return error;
}

/* wrap - put a whole address as text into attributes at a gateway */
static int
wrap(struct or_address *address, const struct global_domain *gateway,
    struct arena *arena)
{
	struct or_address out = {.dda_count = 0};
	char *text = or_address_format(address, OR_STYLE_RFC2156, arena);
	struct slice rest;
	int error;

	if (text == NULL)
		return arena_error(arena);
	error = charset_ascii_to_printable(slice_of_string(text), arena, &rest);
	/* Four values of a domain defined attribute hold 512 characters; a
	 * longer address has no form of 1984. */
	if (error == 0 && rest.len > VALUES * DDA_VALUE)
		error = ERR_VALUE;
	if (error == 0)
		error = set_domain(&out, gateway, arena);
	/* Each piece is cut at the bound of a value, which may be within a
	 * word: unwrap joins them as they are. */
	for (size_t i = 0; error == 0 && rest.len > 0; i++) {
		size_t len = rest.len < DDA_VALUE ? rest.len : DDA_VALUE;

		error =
		    add_dda(&out, overflow[i], slice_of(rest.data, len), arena);
		rest = slice_of(rest.data + len, rest.len - len);
	}
	/* The name is replaced whole or not at all. */
	if (error == 0)
		*address = out;
	return error;
}

/* seal - write the octets of an address; whatever is wrong with it */
static int
seal(struct or_address *address, struct arena *arena)
{
	int error = or_address_seal(address, arena, NULL);

	return error == 0 || error == ERR_NOMEM ? error : ERR_VALUE;
}

/* or_name_downgrade - make a name one of 1984 */
int
or_name_downgrade(struct or_name *name, const struct global_domain *gateway,
    struct arena *arena)
{
	struct or_address address = name->address;
	int error = 0;

	/* Without octets there is no address, only a directory name, which 1984
	 * cannot carry. */
	if (address.encoded.len == 0)
		return ERR_VALUE;
	if (!is_1984(&address)) {
		error = ERR_VALUE;
		/* The attribute Common is tried first: whoever follows RFC 2156
		 * can read it, the wrapped form gateways alone. */
		if (fits(&address)) {
			error = move_common_name(&address, arena);
			if (error == 0)
				error = seal(&address, arena);
		}
		/* Even where all attributes fit their form an address may break
		 * another bound of 1984. */
		if (error == ERR_VALUE) {
			address = name->address;
			error = wrap(&address, gateway, arena);
			if (error == 0)
				error = seal(&address, arena);
		}
	}
	if (error != 0)
		return error;
	name->address = address;
	/* X.411: a directory name came with 1988; the address beside it is
	 * enough. */
	name->directory_name = slice_of(NULL, 0);
	return 0;
}

/* find_dda - find the attribute of this type, or NULL */
static const struct or_dda *
find_dda(const struct or_address *address, const char *type)
{
	for (unsigned i = 0; i < address->dda_count; i++)
		if (or_text_compare(
			address->dda[i].type, slice_of_string(type)) == 0)
			return &address->dda[i];
	return NULL;
}

/* unwrap - read the address that a gateway's attributes hold.  ERR_SYNTAX:
 * there is none */
static int
unwrap(struct or_address *address, struct arena *arena)
{
	size_t len = 0;
	char *text = arena_alloc(arena, VALUES * OR_TEXT_MAX);
	struct slice ascii;
	int error;

	if (text == NULL)
		return arena_error(arena);
	for (unsigned i = 0; i < VALUES; i++) {
		const struct or_dda *dda = find_dda(address, overflow[i]);

		/* RFC 2156: the values follow one another, so the first that is
		 * missing ends them. */
		if (dda == NULL)
			break;
		/* Memory was taken for values of this length alone. */
		if (dda->value.len > OR_TEXT_MAX)
			return ERR_SYNTAX;
		memcpy(text + len, dda->value.data, dda->value.len);
		len += dda->value.len;
	}
	error = charset_printable_to_ascii(slice_of(text, len), arena, &ascii);
	if (error == 0)
		error = or_address_parse(ascii, arena, address, NULL);
	return error == 0 || error == ERR_NOMEM ? error : ERR_SYNTAX;
}

/* is_gateway - tell whether an address names a domain and nothing in it but
 * attributes of its own */
static bool
is_gateway(
    const struct or_address *address, const struct global_domain *gateway)
{
	/* Anything between domain and attributes would make it another address
	 * of the same domain, not our wrapping. */
	for (unsigned i = OR_ORGANIZATION; i < OR_ATTRIBUTES; i++)
		if (address->attribute[i].len != 0)
			return false;
	return or_text_compare(
		   address->attribute[OR_COUNTRY], gateway->country) == 0 &&
	    or_text_compare(address->attribute[OR_ADMD], gateway->admd) == 0 &&
	    or_text_compare(address->attribute[OR_PRMD], gateway->prmd) == 0 &&
	    find_dda(address, overflow[0]) != NULL;
}

/* take_common_name - make a common name of the attribute Common */
static int
take_common_name(
    struct or_address *address, const struct or_dda *dda, struct arena *arena)
{
	struct or_dda *rest;
	unsigned count = 0;
	char *text = arena_string(arena, dda->value);

	rest = arena_array(arena, address->dda_count, sizeof(*rest));
	if (text == NULL || rest == NULL)
		return arena_error(arena);
	for (unsigned i = 0; i < address->dda_count; i++)
		if (&address->dda[i] != dda)
			rest[count++] = address->dda[i];
	address->dda = rest;
	address->dda_count = count;
	return or_address_set(address, OR_COMMON_NAME, text, arena);
}

/* or_name_upgrade - make of a name of 1984 what it was in 1988 */
int
or_name_upgrade(struct or_name *name, const struct global_domain *gateway,
    struct arena *arena)
{
	struct or_address address = name->address;
	const struct or_dda *common = find_dda(&address, "Common");
	int error;

	if (is_gateway(&address, gateway))
		error = unwrap(&address, arena);
	/* An address of 1988 may have both, and then the common name is its
	 * own. */
	else if (common != NULL && common->value.len > 0 &&
	    address.attribute[OR_COMMON_NAME].len == 0)
		error = take_common_name(&address, common, arena);
	else
		return 0;
	if (error == 0)
		error = or_address_seal(&address, arena, NULL);
	if (error == 0)
		name->address = address;
	/* A name that only looks wrapped is left as it came: to refuse the
	 * message would be worse. */
	return error == ERR_NOMEM ? error : 0;
}
