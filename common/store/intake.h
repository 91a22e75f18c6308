/* SPDX-License-Identifier: ISC */
/*
 * intake.h - files of postoffices: taken but not yet removed, made but not
 * yet reported
 *
 * Taken: noted in the transaction that holds the message, until msmi-in says
 * that the file is gone; a file that is found again in between is not taken
 * twice.  In memory too.
 *
 * Made: one note a message that is being delivered into a postoffice; the
 * note leaves with the message.
 *
 * Changes need a transaction.  Errors as in message.h.
 */
#ifndef FOURPOST_STORE_INTAKE_H
#define FOURPOST_STORE_INTAKE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define STORE_FILE_NAME_MAX 255
#define STORE_INTAKES_MAX   100000 /* a postoffice has half at most */

struct store;

/* A file as stat(2) knew it when it was taken. */
struct store_file {
	uint32_t postoffice; /* link number */
	struct slice name;   /* within its directory, <= STORE_FILE_NAME_MAX */
	uint64_t inode;
	int64_t ctime; /* ns since 1970 */
	uint64_t size;
};

/* store_intake_note - note that this transaction takes the file as message.
 * ERR_EXISTS, ERR_LIMIT */
int store_intake_note(struct store *store, const struct store_file *file,
    uint64_t message) WARN_UNUSED;

/* store_intake_find - find the message that this very file became (message may
 * be NULL).  ERR_NOTFOUND */
int store_intake_find(const struct store *store, const struct store_file *file,
    uint64_t *message) WARN_UNUSED;

/* store_intake_forget - forget a file that is gone.  ERR_NOTFOUND */
int store_intake_forget(
    struct store *store, const struct store_file *file) WARN_UNUSED;

enum store_delivery_state {
	STORE_DELIVERY_PREPARED = 0, /* the name is chosen; it may exist */
	STORE_DELIVERY_DONE = 1	     /* the file is there and synced */
};

struct store_delivery {
	uint64_t message;
	enum store_delivery_state state;
	struct slice name; /* <= STORE_FILE_NAME_MAX */
};

/* store_delivery_note - note the delivery of a message; replaces what was
 * noted.  ERR_LIMIT, ERR_NOTFOUND (no such message) */
int store_delivery_note(
    struct store *store, const struct store_delivery *delivery) WARN_UNUSED;

/* store_delivery_get - get the note of a delivery; the name lies in the arena.
 * ERR_NOTFOUND */
int store_delivery_get(struct store *store, uint64_t message,
    struct arena *arena, struct store_delivery *delivery) WARN_UNUSED;

/* store_delivery_forget - delete the note of a delivery, as
 * store_message_delete does by itself. ERR_NOTFOUND */
int store_delivery_forget(struct store *store, uint64_t message) WARN_UNUSED;

#endif
