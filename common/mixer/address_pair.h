/* SPDX-License-Identifier: ISC */
/*
 * address_pair.h - a pair of domain and O/R address, read from text
 *
 * For address_map.c alone, which has the syntax in its header.
 */
#ifndef FOURPOST_MIXER_ADDRESS_PAIR_H
#define FOURPOST_MIXER_ADDRESS_PAIR_H

#include "mixer/address_map.h"

/* address_pair_make - make a pair of the parts of a setting; borrows */
void address_pair_make(const struct conf_pair *from, struct address_pair *pair);

/* address_pair_parse - read a line of a file.  ERR_SYNTAX, ERR_VALUE,
 * ERR_LIMIT, ERR_NOMEM */
int address_pair_parse(const char *line, struct arena *arena,
    struct address_pair *pair, struct diag *diag) WARN_UNUSED;

#endif
