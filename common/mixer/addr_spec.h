/* SPDX-License-Identifier: ISC */
/*
 * addr_spec.h - the address of a mailbox of the Internet (RFC 5321 4.1.2)
 *
 * Read are a local part of atoms and dots, wherever these stand, or a quoted
 * one, and a domain or an address literal.  Neither a route nor a comment is.
 */
#ifndef FOURPOST_MIXER_ADDR_SPEC_H
#define FOURPOST_MIXER_ADDR_SPEC_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define ADDR_SPEC_DOMAIN_MAX 255
#define ADDR_SPEC_LABEL_MAX  63

struct addr_spec {
	struct slice local;  /* without quotes */
	struct slice domain; /* borrows from the text */
};

/* addr_spec_parse - read the text of an address.  ERR_SYNTAX, ERR_LIMIT,
 * ERR_NOMEM */
int addr_spec_parse(struct slice text, struct arena *arena,
    struct addr_spec *spec, struct diag *diag) WARN_UNUSED;

/* addr_spec_format - write it, with quotes where it needs them.  ERR_VALUE: an
 * octet that no local part may have.  ERR_NOMEM, ERR_LIMIT */
int addr_spec_format(const struct addr_spec *spec, struct arena *arena,
    struct slice *text, struct diag *diag) WARN_UNUSED;

/* addr_spec_is_label - tell whether a text may be a label of a domain */
bool addr_spec_is_label(struct slice text);

#endif
