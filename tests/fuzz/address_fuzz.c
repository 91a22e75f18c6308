/* SPDX-License-Identifier: ISC */
/*
 * address_fuzz.c - an address to the other side and back, and a line of a map
 *
 * The first octet chooses: an address of the Internet, an O/R address as text,
 * a line of a file of pairs.
 */
#include <stdlib.h>

#include "mixer/address.h"
#include "mixer/address_pair.h"

#define ARENA_MAX ((size_t)1 << 24)

static const char conf_text[] =
    "mixer m { mail-domain = x400.example.net "
    "gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\" "
    "map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\", "
    "\"fr.example = C=FR\", \"none.example = C=DE;A=VIAT;O=X\"} }";

static struct address_map map;

/* try_to - map an O/R address, which must come back */
static void
try_to(const struct or_address *address, struct arena *arena)
{
	enum address_kind kind, again;
	struct or_address back;
	struct slice text;

	if (address_to_internet(&map, address, arena, &text, &kind, NULL) != 0)
		return;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~')
			abort();
	if (kind != ADDRESS_ELSEWHERE &&
	    (address_from_internet(&map, text, arena, &back, &again, NULL) !=
		    0 ||
		or_address_compare(address, &back) != 0))
		abort();
	(void)address_names_internet(address);
}

/* try_line - read a line of a file of pairs */
static void
try_line(struct slice line, struct arena *arena)
{
	const char *text = arena_string(arena, line);
	struct address_pair pair;

	if (text != NULL && address_pair_parse(text, arena, &pair, NULL) == 0 &&
	    (pair.levels == 0 || pair.levels > ADDRESS_MAP_LEVELS))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf *conf;
	struct or_address address;
	enum address_kind kind;
	struct arena arena;
	struct slice text;

	if (conf == NULL &&
	    (conf_parse_text(slice_of_string(conf_text), "t", CONF_HANDED,
		 &conf, NULL) != 0 ||
		address_map_read(&map, &conf->mixers[0], NULL) != 0))
		abort();
	if (size < 1)
		return 0;
	text = slice_of(data + 1, size - 1);
	arena_init(&arena, ARENA_MAX);
	if (data[0] % 3 == 2)
		try_line(text, &arena);
	else if (data[0] % 3 == 1
		? or_address_parse(text, &arena, &address, NULL) == 0
		: address_from_internet(
		      &map, text, &arena, &address, &kind, NULL) == 0)
		try_to(&address, &arena);
	arena_fini(&arena);
	return 0;
}
