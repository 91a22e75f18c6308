/* SPDX-License-Identifier: ISC */
/*
 * worker_tls.c - the keys and certificates of a worker
 *
 * A file of its own, so that only workers which speak TLS load OpenSSL.
 */
#include "worker/worker.h"

/* worker_tls - make a TLS context of what master handed over */
int
worker_tls(struct worker *worker, enum tls_side side,
    struct tls_context **context, struct diag *diag)
{
	struct tls_material material;
	struct tls_context *made = NULL;
	struct buffer octets;
	int error;

	if (worker->tls_fd < 0) {
		*context = NULL;
		return 0;
	}
	error = tls_material_read(worker->tls_fd, &octets, &material);
	/* tls_material_read() has closed it, in either case: a key is read
	 * once. */
	worker->tls_fd = -1;
	if (error != 0)
		return diag_set(diag, error, "keys and certificates: %s",
		    error_strerror(error));
	error = tls_context_new(side, &material, &made, diag);
	/* The context has its own copy of the key; ours must not stay in
	 * memory, or in a core. */
	tls_material_wipe(&octets);
	if (error == 0)
		*context = made;
	return error;
}
