/* SPDX-License-Identifier: ISC */
/*
 * address_map.c - what a gateway's addresses are mapped by (RFC 2156 4.2)
 *
 * Contract in address_map.h.  Four sorted arrays, each searched by halving: of
 * pairs for every part that a domain or an address has, longest first.
 */
#include "mixer/address_map.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "conf/conf_append.h"
#include "conf/conf_lines.h"
#include "mixer/address_pair.h"

#define DIVIDER " = "

/* compare_texts - compare ASCII without case */
static int
compare_texts(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0
	    ? 0
	    : strncasecmp((const char *)a.data, (const char *)b.data, len);

	if (order != 0 || a.len == b.len)
		return order;
	return a.len < b.len ? -1 : 1;
}

/* compare_values - compare the levels of two pairs */
static int
compare_values(const struct address_pair *a, const struct address_pair *b)
{
	int order = 0;

	if (a->levels != b->levels)
		return a->levels < b->levels ? -1 : 1;
	for (unsigned i = 0; order == 0 && i < a->levels; i++)
		order = or_text_compare(a->value[i], b->value[i]);
	return order;
}

/* compare_specs - compare two addresses of the Internet */
static int
compare_specs(const struct addr_spec *a, const struct addr_spec *b)
{
	int order = compare_texts(a->domain, b->domain);

	return order != 0 ? order : compare_texts(a->local, b->local);
}

/* by_order - compare where two lines stand */
static int
by_order(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

/* sort_domains - compare for the array of domains */
static int
sort_domains(const void *one, const void *other)
{
	const struct address_pair *a = *(struct address_pair *const *)one;
	const struct address_pair *b = *(struct address_pair *const *)other;
	int order = compare_texts(a->domain, b->domain);

	return order != 0 ? order : by_order(a->order, b->order);
}

/* sort_values - compare for the array of beginnings */
static int
sort_values(const void *one, const void *other)
{
	const struct address_pair *a = *(struct address_pair *const *)one;
	const struct address_pair *b = *(struct address_pair *const *)other;
	int order = compare_values(a, b);

	return order != 0 ? order : by_order(a->order, b->order);
}

/* sort_specs - compare for the array of addresses of the Internet */
static int
sort_specs(const void *one, const void *other)
{
	const struct address_user *a = *(struct address_user *const *)one;
	const struct address_user *b = *(struct address_user *const *)other;
	int order = compare_specs(&a->spec, &b->spec);

	return order != 0 ? order : by_order(a->order, b->order);
}

/* sort_addresses - compare for the array of O/R addresses */
static int
sort_addresses(const void *one, const void *other)
{
	const struct address_user *a = *(struct address_user *const *)one;
	const struct address_user *b = *(struct address_user *const *)other;
	int order = or_address_compare(&a->address, &b->address);

	return order != 0 ? order : by_order(a->order, b->order);
}

/* sorted - make a sorted array of pointers to items of a size; NULL is no lack
 * of memory where there are none */
static void *
sorted(struct arena *arena, void *items, size_t count, size_t size,
    int (*compare)(const void *, const void *))
{
	void **array = arena_array(arena, count, sizeof(*array));

	for (size_t i = 0; array != NULL && i < count; i++)
		array[i] = (char *)items + i * size;
	if (array != NULL)
		qsort(array, count, sizeof(*array), compare);
	return array;
}

/* add_pair - add a pair that is whole */
static int
add_pair(struct address_map *map, struct address_pair *pair, struct diag *diag)
{
	pair->order = map->pair_count;
	return conf_append(&map->arena, &map->pairs, &map->pair_count, pair,
	    sizeof(*pair), diag);
}

/* take_pair - take a line of a file of pairs */
static int
take_pair(void *context, char *line, struct diag *diag)
{
	struct address_map *map = context;
	struct address_pair pair;
	int error = address_pair_parse(line, &map->arena, &pair, diag);

	return error != 0 ? error : add_pair(map, &pair, diag);
}

/* take_user - take a line of a file of users */
static int
take_user(void *context, char *line, struct diag *diag)
{
	struct address_map *map = context;
	struct address_user user = {.order = map->user_count};
	char *divider = strstr(line, DIVIDER);
	struct slice copy;
	int error;

	if (divider == NULL)
		return diag_set(
		    diag, ERR_SYNTAX, "not ADDRESS" DIVIDER "O/R ADDRESS");
	error = arena_slice(
	    &map->arena, slice_of(line, (size_t)(divider - line)), &copy);
	if (error != 0)
		return diag_set(diag, error, "%s", arena_reason(&map->arena));
	error = addr_spec_parse(copy, &map->arena, &user.spec, diag);
	if (error == 0)
		error =
		    or_address_parse(slice_of_string(divider + strlen(DIVIDER)),
			&map->arena, &user.address, diag);
	return error != 0 ? error
			  : conf_append(&map->arena, &map->users,
				&map->user_count, &user, sizeof(user), diag);
}

/* build - sort what was read */
static int
build(struct address_map *map, struct diag *diag)
{
	map->by_domain = sorted(&map->arena, map->pairs, map->pair_count,
	    sizeof(*map->pairs), sort_domains);
	map->by_value = sorted(&map->arena, map->pairs, map->pair_count,
	    sizeof(*map->pairs), sort_values);
	map->by_spec = sorted(&map->arena, map->users, map->user_count,
	    sizeof(*map->users), sort_specs);
	map->by_address = sorted(&map->arena, map->users, map->user_count,
	    sizeof(*map->users), sort_addresses);
	if ((map->pair_count > 0 &&
		(map->by_domain == NULL || map->by_value == NULL)) ||
	    (map->user_count > 0 &&
		(map->by_spec == NULL || map->by_address == NULL)))
		return diag_set(diag, arena_error(&map->arena), "%s",
		    arena_reason(&map->arena));
	return 0;
}

/* address_map_read - make the map of a section mixer, with its files */
int
address_map_read(
    struct address_map *map, const struct conf_mixer *mixer, struct diag *diag)
{
	struct address_pair pair;
	int error = 0;

	*map = (struct address_map){
	    .mail_domain = slice_of_string(mixer->mail_domain),
	    .gateway = mixer->gateway_address.address};
	arena_init(&map->arena, ADDRESS_MAP_MAX);
	for (size_t i = 0; error == 0 && i < mixer->map.count; i++) {
		address_pair_make(&mixer->map.items[i], &pair);
		error = add_pair(map, &pair, diag);
	}
	if (error == 0 && mixer->map_file[0] != '\0')
		error = conf_lines_read(mixer->map_file, take_pair, map, diag);
	if (error == 0 && mixer->users[0] != '\0')
		error = conf_lines_read(mixer->users, take_user, map, diag);
	if (error == 0)
		error = build(map, diag);
	if (error != 0)
		arena_fini(&map->arena);
	return error;
}

/* address_map_fini - give back the memory */
void
address_map_fini(struct address_map *map)
{
	arena_fini(&map->arena);
}

/* A search: the first item of a sorted array that is not before the key. */
typedef int order_fn(const void *key, const void *item);

/* find_first - find the first item that equals the key, or NULL */
static void *
find_first(const void *key, void *array, size_t count, order_fn *order)
{
	void **items = array;
	size_t from = 0, to = count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (order(key, items[middle]) > 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < count && order(key, items[from]) == 0 ? items[from]
							    : NULL;
}

/* order_spec - compare a key with a user, by the address of the Internet */
static int
order_spec(const void *key, const void *item)
{
	return compare_specs(key, &((const struct address_user *)item)->spec);
}

/* order_address - compare a key with a user, by the O/R address */
static int
order_address(const void *key, const void *item)
{
	return or_address_compare(
	    key, &((const struct address_user *)item)->address);
}

/* order_domain - compare a key with a pair, by the domain */
static int
order_domain(const void *key, const void *item)
{
	return compare_texts(*(const struct slice *)key,
	    ((const struct address_pair *)item)->domain);
}

/* order_value - compare a key with a pair, by the levels */
static int
order_value(const void *key, const void *item)
{
	return compare_values(key, item);
}

/* address_map_user - find a user by the address of the Internet */
const struct address_user *
address_map_user(const struct address_map *map, const struct addr_spec *spec)
{
	return find_first(spec, map->by_spec, map->user_count, order_spec);
}

/* address_map_user_of - find a user by the O/R address */
const struct address_user *
address_map_user_of(
    const struct address_map *map, const struct or_address *address)
{
	return find_first(
	    address, map->by_address, map->user_count, order_address);
}

/* address_map_domain - find the longest pair that covers a domain */
const struct address_pair *
address_map_domain(const struct address_map *map, struct slice domain)
{
	const struct address_pair *pair = NULL;

	while (pair == NULL && domain.len > 0) {
		const uint8_t *dot;

		pair = find_first(
		    &domain, map->by_domain, map->pair_count, order_domain);
		dot = memchr(domain.data, '.', domain.len);
		domain = dot == NULL
		    ? slice_of(NULL, 0)
		    : slice_of(dot + 1,
			  domain.len - (size_t)(dot + 1 - domain.data));
	}
	return pair;
}

/* address_map_value - find the longest pair that covers an O/R address */
const struct address_pair *
address_map_value(
    const struct address_map *map, const struct or_address *address)
{
	const struct address_pair *pair = NULL;
	struct address_pair key;

	memcpy(key.value, &address->attribute[OR_COUNTRY], sizeof(key.value));
	for (key.levels = ADDRESS_MAP_LEVELS; pair == NULL && key.levels > 0;
	     key.levels--)
		pair = find_first(
		    &key, map->by_value, map->pair_count, order_value);
	return pair;
}

/* address_map_same_domain - tell whether two domains are one */
bool
address_map_same_domain(struct slice a, struct slice b)
{
	return compare_texts(a, b) == 0;
}
