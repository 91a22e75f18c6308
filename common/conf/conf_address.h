/* SPDX-License-Identifier: ISC */
/*
 * conf_address.h - the O/R addresses of the configuration
 */
#ifndef FOURPOST_CONF_CONF_ADDRESS_H
#define FOURPOST_CONF_CONF_ADDRESS_H

#include "conf/conf.h"

enum conf_address_kind {
	CONF_ADDRESS_WHOLE,  /* an O/R address, or empty */
	CONF_ADDRESS_DOMAIN, /* a global domain identifier: C, A, perhaps P */
	CONF_ADDRESS_SPACE,  /* the beginning of addresses; "*": of all */
};

/* conf_address_parse - parse a text, and keep it with its meaning in the arena.
 * ERR_SYNTAX, ERR_VALUE, ERR_LIMIT, ERR_NOMEM */
int conf_address_parse(const char *text, enum conf_address_kind kind,
    struct arena *arena, struct conf_address *address,
    struct diag *diag) WARN_UNUSED;

/* conf_addresses_cover - tell whether one of these address spaces covers an
 * address */
bool conf_addresses_cover(
    const struct conf_addresses *spaces, const struct or_address *address);

/* conf_address_postmaster - make the address S=Postmaster in a domain.
 * ERR_NOMEM */
int
conf_address_postmaster(const struct conf_address *domain, struct arena *arena,
    struct conf_address *address, struct diag *diag) WARN_UNUSED;

#endif
