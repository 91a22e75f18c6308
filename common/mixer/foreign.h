/* SPDX-License-Identifier: ISC */
/*
 * foreign.h - an address of the Internet in domain defined attributes (RFC 2156
 * 4.3.4)
 *
 * A DDA of type RFC-822 has its first 128 characters, written as
 * PrintableString (3.4); RFC822C1 to RFC822C3 have what does not fit.
 */
#ifndef FOURPOST_MIXER_FOREIGN_H
#define FOURPOST_MIXER_FOREIGN_H

#include "base/arena.h"
#include "base/error.h"
#include "mhs/or_address.h"

/* foreign_encode - make the O/R address of a text beneath a gateway's; sealed.
 * ERR_LIMIT: longer than 512 as PrintableString.  ERR_VALUE, ERR_NOMEM */
int foreign_encode(const struct or_address *gateway, struct slice text,
    struct arena *arena, struct or_address *to, struct diag *diag) WARN_UNUSED;

/* foreign_decode - get the text of an address that has just one DDA of type
 * RFC-822.  ERR_NOTFOUND: not one.  ERR_VALUE, ERR_LIMIT, ERR_NOMEM */
int foreign_decode(const struct or_address *from, struct arena *arena,
    struct slice *text) WARN_UNUSED;

/* foreign_count - count the DDAs of type RFC-822 */
unsigned foreign_count(const struct or_address *address);

#endif
