/* SPDX-License-Identifier: ISC */
/*
 * address.h - addresses of the Internet as O/R addresses, and back (RFC 2156
 * chapter 4)
 *
 * What a mapping goes by is a struct address_map (address_map.h): the domain
 * mail-domain, the O/R address gateway-address, pairs of domains, pairs of
 * users.  With mail-domain x400.example.net, gateway-address
 * C=DE;A=VIAT;P=ACME;O=GW and the pair
 * acme.example = C=DE;A=VIAT;P=ACME;O=MAIL:
 *
 *   ADDRESS_PAIRED     jo.doe@acme.example
 *			C=DE;A=VIAT;P=ACME;O=MAIL;G=jo;S=doe
 *   ADDRESS_INTERNET   kim+x@example.org
 *			C=DE;A=VIAT;P=ACME;O=GW;DDA:RFC-822=kim+x(a)example.org
 *   ADDRESS_SLASH      /G=Marie/S=Dupont/O=MAIL/PRMD=BNP/ADMD=ATLAS/C=FR/
 *			    @x400.example.net
 *			C=FR;A=ATLAS;P=BNP;O=MAIL;G=Marie;S=Dupont
 *   ADDRESS_ELSEWHERE  kim@example.org, of O/R addresses alone
 *			C=FR;A=ATLAS;P=BNP;DDA:RFC-822=kim(a)example.org
 *
 * What is made of an O/R address gives the same one again, or there is an
 * error, but for ADDRESS_ELSEWHERE: a DDA of type RFC-822 beneath another
 * gateway's O/R address, or one that hides an address of the first or third
 * kind.  A text that nothing else can be made of is one of the Internet: who
 * may be written to by it is decided elsewhere.
 *
 * Texts are what stands between < and > (RFC 5321 Mailbox), without blanks
 * around it; in ASCII, without controls, fit for a header or a command.
 */
#ifndef FOURPOST_MIXER_ADDRESS_H
#define FOURPOST_MIXER_ADDRESS_H

#include "base/arena.h"
#include "base/error.h"
#include "mhs/or_address.h"
#include "mixer/address_map.h"

enum address_kind {
	ADDRESS_PAIRED,	  /* by a pair of users or of domains */
	ADDRESS_SLASH,	  /* the whole O/R address, at mail-domain */
	ADDRESS_INTERNET, /* a DDA of type RFC-822 beneath gateway-address */
	ADDRESS_ELSEWHERE /* such a DDA that we would not make */
};

/*
 * address_from_internet - make the O/R address of an address of the Internet
 *
 * The result is sealed.  ERR_SYNTAX: this is no address, or at mail-domain and
 * no O/R address.  ERR_VALUE, ERR_LIMIT: what X.411 does not allow.  ERR_NOMEM.
 */
int address_from_internet(const struct address_map *map, struct slice text,
    struct arena *arena, struct or_address *to, enum address_kind *kind,
    struct diag *diag) WARN_UNUSED;

/*
 * address_to_internet - make the address of the Internet of an O/R address
 *
 * ERR_VALUE: text cannot say what this address has (a control, a bound of
 * X.411 passed).  ERR_LIMIT, ERR_NOMEM.
 */
int address_to_internet(const struct address_map *map,
    const struct or_address *from, struct arena *arena, struct slice *text,
    enum address_kind *kind, struct diag *diag) WARN_UNUSED;

/* address_to_slash - make the whole O/R address one at mail-domain, whatever
 * else it could be.  Errors as above */
int
address_to_slash(const struct address_map *map, const struct or_address *from,
    struct arena *arena, struct slice *text, struct diag *diag) WARN_UNUSED;

/* address_names_internet - tell whether an O/R address has a DDA of type
 * RFC-822, and so is one of the Internet */
bool address_names_internet(const struct or_address *address);

#endif
