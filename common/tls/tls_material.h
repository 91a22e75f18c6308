/* SPDX-License-Identifier: ISC */
/*
 * tls_material.h - keys and certificates, handed from master to a worker
 *
 * master reads the files when it reads the configuration, and gives each
 * worker that needs them a sealed file in memory.  So all workers have what the
 * last start or reload found right, no worker needs to read a file once it is
 * confined, and qmgr never has a key.
 */
#ifndef FOURPOST_TLS_TLS_MATERIAL_H
#define FOURPOST_TLS_TLS_MATERIAL_H

#include "base/buffer.h"

#define TLS_MATERIAL_MAX ((size_t)16 * 1024 * 1024) /* octets of all together */

enum tls_minimum {
	TLS_MINIMUM_1_2,
	TLS_MINIMUM_1_3
};

/* All in PEM; empty: none.  Borrowed. */
struct tls_material {
	enum tls_minimum minimum;
	struct slice certificate; /* and those that lead to its authority */
	struct slice key;
	struct slice authorities;
	struct slice revocations;
};

/* tls_material_seal - write it into a file in memory that nobody can change:
 * a descriptor, close-on-exec, or ERR_IO, ERR_LIMIT */
int tls_material_seal(const struct tls_material *material) WARN_UNUSED;

/*
 * tls_material_read - read it back, and close fd
 *
 * material borrows from buffer, which is tls_material_wipe's to give back.
 * ERR_CORRUPT, ERR_IO, ERR_NOMEM.
 */
int tls_material_read(
    int fd, struct buffer *buffer, struct tls_material *material) WARN_UNUSED;

/* tls_material_wipe - overwrite and free what tls_material_read filled */
void tls_material_wipe(struct buffer *buffer);

#endif
