/* SPDX-License-Identifier: ISC */
/*
 * mts_identifier.h - global domain identifiers and MTS identifiers
 * (X.411 8.5.1, 8.5.2)
 *
 *   GlobalDomainIdentifier [APPLICATION 3]  C=DE;A=VIAT;P=ACME
 *   MTSIdentifier [APPLICATION 4]           [C=DE;A=VIAT;P=ACME;local]
 *
 * Slices are the octets of the strings as they came, ASCII as a rule, and
 * borrow from what was decoded or from the arena.  Formatting shows "?" for
 * what is no graphic character of ASCII.
 * A PRMD that is absent has length 0.  An ADMD of one space is a value.
 * Errors: ERR_SYNTAX, ERR_TRUNCATED, ERR_VALUE, ERR_LIMIT, ERR_NOMEM.
 */
#ifndef FOURPOST_MHS_MTS_IDENTIFIER_H
#define FOURPOST_MHS_MTS_IDENTIFIER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "ber/reader.h"
#include "ber/writer.h"

#define MTS_LOCAL_MAX	    32 /* ub-local-id-length; twice that is read */
#define MTA_NAME_MAX	    32 /* ub-mta-name-length; twice that is read */
#define GLOBAL_DOMAIN_TEXT  448
#define MTS_IDENTIFIER_TEXT 704

#define GLOBAL_DOMAIN_TAG  BER_APP(3)
#define MTS_IDENTIFIER_TAG BER_APP(4)

struct global_domain {
	struct slice country;
	struct slice admd;
	struct slice prmd;
	bool country_numeric; /* NumericString on the wire */
	bool admd_numeric;
	bool prmd_numeric;
};

struct mts_identifier {
	struct global_domain domain;
	struct slice local; /* 1..32 octets, IA5 */
};

/* --- BER: el of any tag; field is what errors say --- */
int global_domain_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct global_domain *domain) WARN_UNUSED;
void global_domain_encode(struct ber_writer *writer, uint32_t tag,
    const struct global_domain *domain);
int mts_identifier_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct mts_identifier *identifier) WARN_UNUSED;
void mts_identifier_encode(struct ber_writer *writer, uint32_t tag,
    const struct mts_identifier *identifier);

/* --- text: parsing copies, formatting fills the caller's array --- */
int global_domain_parse(struct slice text, struct arena *arena,
    struct global_domain *domain, struct diag *diag) WARN_UNUSED;
/* mts_identifier_parse - read "[C=DE;A=VIAT;P=ACME;local]", labels in this
 * order */
int mts_identifier_parse(struct slice text, struct arena *arena,
    struct mts_identifier *identifier, struct diag *diag) WARN_UNUSED;
void global_domain_format(
    const struct global_domain *domain, char text[GLOBAL_DOMAIN_TEXT]);
void mts_identifier_format(
    const struct mts_identifier *identifier, char text[MTS_IDENTIFIER_TEXT]);

/* --- comparing: as O/R addresses do; a total order --- */
int global_domain_compare(
    const struct global_domain *a, const struct global_domain *b);

/* A deep copy into an arena. */
int global_domain_dup(const struct global_domain *from, struct arena *arena,
    struct global_domain *to) WARN_UNUSED;

#endif
