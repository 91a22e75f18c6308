/* SPDX-License-Identifier: ISC */
/*
 * tls_context.h - what all TLS connections of a process have in common
 *
 * Made before confinement, of what master handed over; afterwards no file is
 * read.  OpenSSL's own configuration file is not read either, so that nothing
 * outside of fourpost.conf changes what is spoken.
 *
 * TLS 1.2 with ephemeral keys and authenticated encryption alone, or 1.3.  No
 * session is ever resumed: no tickets, no cache, no early data.  No
 * renegotiation, no compression.  Whoever is called must give a certificate,
 * and wants one of the caller.
 */
#ifndef FOURPOST_TLS_TLS_CONTEXT_H
#define FOURPOST_TLS_TLS_CONTEXT_H

#include "base/error.h"
#include "tls/tls_material.h"

enum tls_side {
	TLS_CALLING,
	TLS_CALLED
};

struct tls_context;

/*
 * tls_context_new - make a context of keys and certificates
 *
 * material is not needed afterwards.  ERR_VALUE, ERR_NOMEM; diag says why.
 */
int tls_context_new(enum tls_side side, const struct tls_material *material,
    struct tls_context **context, struct diag *diag) WARN_UNUSED;

/* tls_context_free - free a context, which no stream uses any more; NULL is
 * allowed */
void tls_context_free(struct tls_context *context);

#endif
