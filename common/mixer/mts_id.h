/* SPDX-License-Identifier: ISC */
/*
 * mts_id.h - MTS identifiers as RFC 2156 writes them (4.7.1)
 *
 *	[/PRMD=ACME/ADMD=VIAT/C=DE/;local]
 */
#ifndef FOURPOST_MIXER_MTS_ID_H
#define FOURPOST_MIXER_MTS_ID_H

#include "mhs/mts_identifier.h"

/* The words before it in an envelope identifier (RFC 2156 5.1.5). */
#define MTS_ID_ENVELOPE "X400-MTS-Identifier: "

/* mts_id_format - write one into the arena; NULL: no memory */
const char *
mts_id_format(const struct mts_identifier *identifier, struct arena *arena);

/* mts_id_parse - read one, with what stands before it in an envelope
 * identifier or not.  ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM */
int mts_id_parse(struct slice text, struct arena *arena,
    struct mts_identifier *identifier) WARN_UNUSED;

#endif
