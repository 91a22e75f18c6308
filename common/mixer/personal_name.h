/* SPDX-License-Identifier: ISC */
/*
 * personal_name.h - a personal name as one word (RFC 2156 4.1.2)
 *
 *	Marshall.M.T.Rose	G=Marshall;I=MT;S=Rose
 *	M.T.Rose		I=MT;S=Rose
 *	info_desk		S=info(u)desk
 *
 * A given name has two characters or more and no dot.  A surname may have dots,
 * but none at its first two places, where it would look like an initial.
 */
#ifndef FOURPOST_MIXER_PERSONAL_NAME_H
#define FOURPOST_MIXER_PERSONAL_NAME_H

#include "base/arena.h"
#include "base/error.h"
#include "mhs/or_address.h"

/* personal_name_parse - set the attributes that a word stands for.  ERR_SYNTAX:
 * it stands for none.  ERR_LIMIT, ERR_NOMEM */
int personal_name_parse(struct slice word, struct arena *arena,
    struct or_address *address, struct diag *diag) WARN_UNUSED;

/* personal_name_format - write the personal name of an address as a word.
 * ERR_VALUE: no word can say it.  ERR_LIMIT, ERR_NOMEM */
int personal_name_format(const struct or_address *address, struct arena *arena,
    struct slice *word) WARN_UNUSED;

#endif
