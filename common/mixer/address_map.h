/* SPDX-License-Identifier: ISC */
/*
 * address_map.h - what a gateway's addresses are mapped by (RFC 2156 4.2)
 *
 * Pairs of a domain and the beginning of O/R addresses: C, ADMD, PRMD, O and
 * OU1 to OU4, down to where the pair ends.  Those above its end that have no
 * value are omitted: an address that has one there is not covered.  The longest
 * pair wins.  A pair holds both ways; a domain or a beginning that has one
 * already keeps it, and the later pair holds the other way alone.
 *
 * A file of pairs has a line for each, in the syntax of RFC 2156 appendix F,
 * in either order, or as records of a zone (RFC 2163 4.1):
 *
 *	acme.example#O$MAIL.PRMD$ACME.ADMD$VIAT.C$DE#
 *	O$MAIL.PRMD$ACME.ADMD$VIAT.C$DE#acme.example#
 *	*.net2.it. IN PX 50 net2.it. PRMD-net2.ADMD-p400.C-it.
 *
 * In the first two a dot within a value is "\.", and "@" is no value.  In the
 * third -d- is a dot, -b- a blank, -h- a hyphen, -nnn- any character, and ADMDb
 * an ADMD of one blank.
 *
 * A file of users has a line "jo@acme.example = C=DE;A=…" for each, divided at
 * the first " = "; users come before pairs.  Local parts compare without case.
 */
#ifndef FOURPOST_MIXER_ADDRESS_MAP_H
#define FOURPOST_MIXER_ADDRESS_MAP_H

#include "base/arena.h"
#include "conf/conf.h"
#include "mhs/or_address.h"
#include "mixer/addr_spec.h"

#define ADDRESS_MAP_LEVELS 8 /* C, ADMD, PRMD, O, OU1 to OU4 */
#define ADDRESS_MAP_MAX	   (256u * 1024 * 1024) /* octets of memory */

struct address_pair {
	struct slice domain;
	struct slice value[ADDRESS_MAP_LEVELS]; /* of length 0: omitted */
	unsigned levels;			/* from C down to its end */
	size_t order;				/* of its line */
};

struct address_user {
	struct addr_spec spec;
	struct or_address address;
	size_t order;
};

struct address_map {
	struct arena arena;
	struct slice mail_domain;
	const struct or_address *gateway; /* borrows from the configuration */
	struct address_pair *pairs;
	struct address_pair **by_domain, **by_value;
	size_t pair_count;
	struct address_user *users;
	struct address_user **by_spec, **by_address;
	size_t user_count;
};

/*
 * address_map_read - make the map of a section mixer, with its files
 *
 * The section must outlive the map.  ERR_IO, ERR_SYNTAX, ERR_VALUE, ERR_EXISTS,
 * ERR_LIMIT, ERR_NOMEM; diag names file and line.
 */
int address_map_read(struct address_map *map, const struct conf_mixer *mixer,
    struct diag *diag) WARN_UNUSED;
void address_map_fini(struct address_map *map);

/* address_map_user - find a user by the address on either side, or NULL */
const struct address_user *
address_map_user(const struct address_map *map, const struct addr_spec *spec);
const struct address_user *address_map_user_of(
    const struct address_map *map, const struct or_address *address);

/* address_map_domain - find the longest pair that covers a domain, or NULL */
const struct address_pair *
address_map_domain(const struct address_map *map, struct slice domain);

/* address_map_value - find the longest pair that covers an O/R address, or
 * NULL */
const struct address_pair *address_map_value(
    const struct address_map *map, const struct or_address *address);

/* address_map_same_domain - tell whether two domains are one */
bool address_map_same_domain(struct slice a, struct slice b);

#endif
