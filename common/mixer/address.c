/* SPDX-License-Identifier: ISC */
/*
 * address.c - addresses of the Internet as O/R addresses, and back (RFC 2156
 * 4.3)
 *
 * Of the ways to write an O/R address the first is taken that gives the same
 * address again; so what no way can say is an error, and never another address.
 */
#include "mixer/address.h"

#include "mhs/charset.h"
#include "mixer/foreign.h"
#include "mixer/imcea.h"
#include "mixer/personal_name.h"

/* no_room - say why an arena gives nothing */
static int
no_room(const struct arena *arena, struct diag *diag)
{
	return diag_set(diag, arena_error(arena), "%s", arena_reason(arena));
}

/* --- from the Internet --- */

/* parse_whole - read a local part that is a whole O/R address */
static int
parse_whole(struct slice local, struct arena *arena, struct or_address *to,
    struct diag *diag)
{
	int error;

	if (imcea_is(local) &&
	    (error = imcea_decode(local, arena, &local)) != 0)
		return diag_set(
		    diag, error, "IMCEAX400: %s", error_strerror(error));
	return or_address_parse(local, arena, to, diag);
}

/* set_labels - set the levels below a pair from the labels below its domain */
static int
set_labels(const struct address_pair *pair, struct slice domain,
    struct or_address *to, struct diag *diag)
{
	unsigned level = pair->levels;
	struct slice rest = slice_of(domain.data,
	    domain.len > pair->domain.len ? domain.len - pair->domain.len - 1
					  : 0);

	while (rest.len > 0) {
		const uint8_t *dot = memrchr(rest.data, '.', rest.len);
		size_t from = dot == NULL ? 0 : (size_t)(dot + 1 - rest.data);
		struct slice label =
		    slice_of(rest.data + from, rest.len - from);

		if (level == ADDRESS_MAP_LEVELS || !addr_spec_is_label(label))
			return diag_set(diag, ERR_VALUE,
			    "\"%.*s\": more labels than O/R addresses have "
			    "units, or not a label",
			    (int)domain.len, (const char *)domain.data);
		to->attribute[OR_COUNTRY + level++] = label;
		rest.len = from == 0 ? 0 : from - 1;
	}
	return 0;
}

/* drop_below - take away what the domain says from the highest attribute on
 * that stands left of the @ */
static void
drop_below(struct or_address *to, const struct or_address *left)
{
	unsigned level = OR_ADMD;

	while (level <= OR_ORGANIZATION && left->attribute[level].len == 0)
		level++;
	if (level > OR_ORGANIZATION)
		return;
	for (; level <= OR_OU4; level++)
		to->attribute[level].len = 0;
}

/* add_left - add the attributes left of the @ to those of the domain, which
 * they replace; units stand below the domain's */
static int
add_left(
    struct or_address *to, const struct or_address *left, struct diag *diag)
{
	unsigned unit = OR_OU1;

	drop_below(to, left);
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		if ((i < OR_OU1 || i > OR_OU4) && left->attribute[i].len > 0)
			to->attribute[i] = left->attribute[i];
	while (unit <= OR_OU4 && to->attribute[unit].len > 0)
		unit++;
	for (unsigned i = OR_OU1; i <= OR_OU4; i++) {
		if (left->attribute[i].len == 0)
			continue;
		if (unit > OR_OU4)
			return diag_set(diag, ERR_LIMIT,
			    "organizational unit: more than four");
		to->attribute[unit++] = left->attribute[i];
	}
	to->dda = left->dda;
	to->dda_count = left->dda_count;
	to->extension = left->extension;
	to->extension_count = left->extension_count;
	return 0;
}

/* from_pair - make the O/R address of an address that a pair covers */
static int
from_pair(const struct address_pair *pair, const struct addr_spec *spec,
    struct arena *arena, struct or_address *to, struct diag *diag)
{
	struct or_address made = {.dda_count = 0}, left = {.dda_count = 0};
	int error;

	memcpy(&made.attribute[OR_COUNTRY], pair->value, sizeof(pair->value));
	error = set_labels(pair, spec->domain, &made, diag);
	if (error == 0)
		error = spec->local.data[0] == '/'
		    ? or_address_parse_prefix(spec->local, arena, &left, diag)
		    : personal_name_parse(spec->local, arena, &left, diag);
	if (error == 0)
		error = add_left(&made, &left, diag);
	if (error == 0)
		error = or_address_seal(&made, arena, diag);
	if (error == 0)
		*to = made;
	return error;
}

/* is_shortage - tell whether an error is of memory, so that nothing else may be
 * made of an address */
static bool
is_shortage(int error)
{
	return error == ERR_NOMEM;
}

/* from_covered - make the O/R address by users, mail-domain or pairs; 1 where
 * none of them covers it */
static int
from_covered(const struct address_map *map, const struct addr_spec *spec,
    struct arena *arena, struct or_address *to, enum address_kind *kind,
    struct diag *diag)
{
	const struct address_user *user = address_map_user(map, spec);
	const struct address_pair *pair;
	int error;

	*kind = ADDRESS_PAIRED;
	if (user != NULL) {
		*to = user->address;
		return 0;
	}
	if (address_map_same_domain(spec->domain, map->mail_domain)) {
		*kind = ADDRESS_SLASH;
		return parse_whole(spec->local, arena, to, diag);
	}
	pair = address_map_domain(map, spec->domain);
	if (pair == NULL || spec->local.len == 0)
		return 1;
	if (imcea_is(spec->local) &&
	    parse_whole(spec->local, arena, to, NULL) == 0) {
		*kind = ADDRESS_SLASH;
		return 0;
	}
	/* RFC 2156 4.3.4: a local part that is neither is one of the
	 * Internet. */
	error = from_pair(pair, spec, arena, to, NULL);
	return error == 0 || is_shortage(error) ? error : 1;
}

/* address_from_internet - make the O/R address of an address of the Internet */
int
address_from_internet(const struct address_map *map, struct slice text,
    struct arena *arena, struct or_address *to, enum address_kind *kind,
    struct diag *diag)
{
	struct addr_spec spec;
	struct or_address made;
	enum address_kind is;
	struct slice copy;
	int error;

	if (text.len > OR_ADDRESS_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "no address: longer than %d octets", OR_ADDRESS_MAX);
	if (arena_slice(arena, text, &copy) != 0)
		return no_room(arena, diag);
	error = addr_spec_parse(copy, arena, &spec, diag);
	if (error != 0)
		return error;
	error = from_covered(map, &spec, arena, &made, &is, diag);
	if (error == 1) {
		is = ADDRESS_INTERNET;
		error = foreign_encode(map->gateway, copy, arena, &made, diag);
	}
	if (error == 0) {
		*to = made;
		*kind = is;
	}
	return error;
}

/* --- to the Internet --- */

/* comes_back - tell whether a text gives this address again */
static bool
comes_back(const struct address_map *map, const struct or_address *address,
    struct slice text, struct arena *arena)
{
	struct or_address again;
	enum address_kind kind;

	return address_from_internet(map, text, arena, &again, &kind, NULL) ==
	    0 &&
	    or_address_compare(address, &again) == 0;
}

/* write_spec - write an address that gives this O/R address again; 1 where it
 * does not */
static int
write_spec(const struct address_map *map, const struct or_address *from,
    struct slice local, struct slice domain, struct arena *arena,
    struct slice *text)
{
	struct addr_spec spec = {local, domain};
	struct slice written;
	int error;

	if (!charset_is_ascii(local))
		return 1;
	error = addr_spec_format(&spec, arena, &written, NULL);
	if (error == ERR_VALUE ||
	    (error == 0 && !comes_back(map, from, written, arena)))
		return 1;
	if (error == 0)
		*text = written;
	return error;
}

/* write_slash - write attributes as a local part "/G=…/S=…/"; 1 if it does not
 * come back */
static int
write_slash(const struct address_map *map, const struct or_address *from,
    const struct or_address *left, struct slice domain, struct arena *arena,
    struct slice *text)
{
	char *local = or_address_format(left, OR_STYLE_RFC2156, arena);

	return local == NULL ? ERR_NOMEM
			     : write_spec(map, from, slice_of_string(local),
				   domain, arena, text);
}

/* count_labels - count how many levels below a pair can be labels */
static unsigned
count_labels(const struct address_pair *pair, const struct or_address *from)
{
	unsigned level = pair->levels;

	while (level < ADDRESS_MAP_LEVELS &&
	    addr_spec_is_label(from->attribute[OR_COUNTRY + level]))
		level++;
	return level - pair->levels;
}

/* make_domain - write a domain with labels of the levels below its pair */
static int
make_domain(const struct address_pair *pair, unsigned labels,
    const struct or_address *from, struct arena *arena, struct slice *domain)
{
	const char *text = arena_printf(arena, "%.*s", (int)pair->domain.len,
	    (const char *)pair->domain.data);

	for (unsigned i = 0; text != NULL && i < labels; i++) {
		struct slice label =
		    from->attribute[OR_COUNTRY + pair->levels + i];

		text = arena_printf(arena, "%.*s.%s", (int)label.len,
		    (const char *)label.data, text);
	}
	if (text == NULL)
		return arena_error(arena);
	*domain = slice_of_string(text);
	return domain->len > ADDR_SPEC_DOMAIN_MAX ? 1 : 0;
}

/* rest_of - get the attributes that are not in the domain */
static struct or_address
rest_of(const struct or_address *from, unsigned levels)
{
	struct or_address left = *from;
	unsigned unit = OR_OU1;

	for (unsigned i = 0; i < levels; i++)
		left.attribute[OR_COUNTRY + i].len = 0;
	/* Units that stay begin with the first, as below any domain. */
	for (unsigned i = OR_OU1; i <= OR_OU4; i++) {
		struct slice value = left.attribute[i];

		left.attribute[i].len = 0;
		if (value.len > 0)
			left.attribute[unit++] = value;
	}
	return left;
}

/* is_name - tell whether a personal name is all that is left */
static bool
is_name(const struct or_address *left)
{
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		if (left->attribute[i].len > 0 && i != OR_SURNAME &&
		    i != OR_GIVEN && i != OR_INITIALS)
			return false;
	return left->attribute[OR_SURNAME].len > 0 && left->dda_count == 0 &&
	    left->extension_count == 0;
}

/* has_any - tell whether an attribute is left at all */
static bool
has_any(const struct or_address *left)
{
	bool any = left->dda_count > 0 || left->extension_count > 0;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		any = any || left->attribute[i].len > 0;
	return any;
}

/* write_pair - write an address by a pair and so many labels below it; 1 where
 * it does not come back */
static int
write_pair(const struct address_map *map, const struct or_address *from,
    const struct address_pair *pair, unsigned labels, struct arena *arena,
    struct slice *text)
{
	struct or_address left = rest_of(from, pair->levels + labels);
	struct slice domain, name;
	int error = make_domain(pair, labels, from, arena, &domain);

	/* RFC 2156 4.3.5: a local part is never empty. */
	if (error == 0 && !has_any(&left))
		error = 1;
	if (error == 0 && is_name(&left)) {
		error = personal_name_format(&left, arena, &name);
		if (error == 0)
			error =
			    write_spec(map, from, name, domain, arena, text);
		if (error != 1 && error != ERR_VALUE)
			return error;
		error = 0;
	}
	return error != 0 ? error
			  : write_slash(map, from, &left, domain, arena, text);
}

/* to_pair - write an address by the pair that covers it; 1 where none can */
static int
to_pair(const struct address_map *map, const struct or_address *from,
    struct arena *arena, struct slice *text)
{
	const struct address_pair *pair = address_map_value(map, from);
	unsigned labels;
	int error = 1;

	if (pair == NULL)
		return 1;
	labels = count_labels(pair, from);
	error = write_pair(map, from, pair, labels, arena, text);
	/* RFC 2156 4.3.5: where a unit as a label leads elsewhere, or leaves
	 * nothing for the local part, it stays left of the @. */
	while (error == 1 && labels-- > 0)
		error = write_pair(map, from, pair, labels, arena, text);
	return error;
}

/* to_foreign - get the address of the Internet that an O/R address has; 1 where
 * it has none */
static int
to_foreign(const struct address_map *map, const struct or_address *from,
    struct arena *arena, struct slice *text, enum address_kind *kind)
{
	struct addr_spec spec;
	struct slice got;
	int error = foreign_decode(from, arena, &got);

	if (error == 0)
		error = addr_spec_parse(got, arena, &spec, NULL);
	if (error != 0)
		return is_shortage(error) ? error : 1;
	*text = got;
	/* Another gateway's, or one of ours in disguise, is not for us to pass
	 * on. */
	*kind = comes_back(map, from, got, arena) ? ADDRESS_INTERNET
						  : ADDRESS_ELSEWHERE;
	return 0;
}

/* to_user - get the address of a user; 1 where there is none that comes back */
static int
to_user(const struct address_map *map, const struct or_address *from,
    struct arena *arena, struct slice *text)
{
	const struct address_user *user = address_map_user_of(map, from);

	return user == NULL ? 1
			    : write_spec(map, from, user->spec.local,
				  user->spec.domain, arena, text);
}

/* address_to_slash - make the whole O/R address one at mail-domain */
int
address_to_slash(const struct address_map *map, const struct or_address *from,
    struct arena *arena, struct slice *text, struct diag *diag)
{
	struct slice local;
	char *plain;
	int error = write_slash(map, from, from, map->mail_domain, arena, text);

	if (error == 1) {
		plain = or_address_format(from, OR_STYLE_F401, arena);
		error = plain == NULL
		    ? ERR_NOMEM
		    : imcea_encode(slice_of_string(plain), arena, &local);
		if (error == 0)
			error = write_spec(
			    map, from, local, map->mail_domain, arena, text);
	}
	if (error == 1)
		return diag_set(diag, ERR_VALUE,
		    "no text can say what this O/R address has");
	return error == 0 ? 0
			  : diag_set(diag, error, "%s", error_strerror(error));
}

/* address_to_internet - make the address of the Internet of an O/R address */
int
address_to_internet(const struct address_map *map,
    const struct or_address *from, struct arena *arena, struct slice *text,
    enum address_kind *kind, struct diag *diag)
{
	enum address_kind is = ADDRESS_PAIRED;
	int error = to_user(map, from, arena, text);

	if (error == 1)
		error = to_foreign(map, from, arena, text, &is);
	if (error == 1) {
		is = ADDRESS_PAIRED;
		error = to_pair(map, from, arena, text);
	}
	if (error == 1) {
		is = ADDRESS_SLASH;
		error = address_to_slash(map, from, arena, text, diag);
	}
	if (error == 0)
		*kind = is;
	return error == 0 ? 0
			  : diag_set(diag, error, "%s", error_strerror(error));
}

/* address_names_internet - tell whether an O/R address has a DDA of type
 * RFC-822 */
bool
address_names_internet(const struct or_address *address)
{
	return foreign_count(address) > 0;
}
