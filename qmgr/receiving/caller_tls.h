/* SPDX-License-Identifier: ISC */
/*
 * caller_tls.h - whether a peer that calls is within TLS where its link
 * requires that, and is who it should be by its certificate
 *
 * Beside name and password, never instead of them.  A peer that recovers gives
 * neither: then the certificate is judged beside the address.
 */
#ifndef FOURPOST_QMGR_CALLER_TLS_H
#define FOURPOST_QMGR_CALLER_TLS_H

#include "conf/conf.h"
#include "ipc/record.h"

/* The proof that a peer gave, kept beyond the record that said so. */
struct caller_tls {
	bool spoken;
	struct tls_identity identity;
};

/* caller_tls_take - take what a worker says of a peer's certificate */
void
caller_tls_take(const struct ipc_bind_check *check, struct caller_tls *proof);

/* caller_tls_judge - judge a peer for a link: 0, or ERR_DENIED and the reason
 * in diag */
int caller_tls_judge(const struct conf_link *link,
    const struct caller_tls *proof, struct diag *diag) WARN_UNUSED;

#endif
