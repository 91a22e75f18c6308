/* SPDX-License-Identifier: ISC */
/*
 * or_downgrade.h - O/R addresses between systems of 1988 and of 1984
 *
 * X.400 of 1984 has neither common names nor postal and other extension
 * attributes, and writes all in PrintableString (X.411 1984, 3.4).  RFC 1328
 * has both carried in domain defined attributes:
 *
 *   CN=Postmaster;O=X;...     O=X;...;DDA:Common=Postmaster
 *   any other                 C, A and P of a gateway;DDA:X400-88=/PD-.../
 *
 * where the text of the latter goes on in X400-C1, X400-C2 and X400-C3.  The
 * gateway is our own domain: a reply comes to us, and is upgraded here.
 *
 * Limits: a text of more than 512 octets as a PrintableString does not fit; of
 * the text only ASCII does.
 */
#ifndef FOURPOST_MHS_OR_DOWNGRADE_H
#define FOURPOST_MHS_OR_DOWNGRADE_H

#include "mhs/mts_identifier.h"
#include "mhs/or_address.h"

/*
 * or_name_downgrade - make a name one of 1984
 *
 * ERR_VALUE: it cannot be expressed, and is as it was.  ERR_NOMEM.  The name of
 * a directory is dropped.
 */
int or_name_downgrade(struct or_name *name, const struct global_domain *gateway,
    struct arena *arena) WARN_UNUSED;

/*
 * or_name_upgrade - make of a name of 1984 what it was in 1988
 *
 * X400-88 is opened only where the rest names the gateway.  What cannot be read
 * stays as it is.  ERR_NOMEM.
 */
int or_name_upgrade(struct or_name *name, const struct global_domain *gateway,
    struct arena *arena) WARN_UNUSED;

#endif
