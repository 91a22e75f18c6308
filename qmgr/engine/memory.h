/* SPDX-License-Identifier: ISC */
/*
 * memory.h - what mixer-memory is to remember, on its way there, and what it
 * is asked
 *
 * Notes (mixer/memory_note.h) are put while a transaction is applied, and
 * become pages of the queue in that transaction.  After the commit mixer-memory
 * is handed the pages; what it has acknowledged is deleted by some later
 * transaction.  A question of a gateway's is passed on behind all pages that
 * are committed, so that it finds what came before it.
 *
 * Mail never waits for mixer-memory: while it is away pages stay in the queue,
 * up to a bound, then the oldest are given up; a question is answered without
 * values where nobody can be asked.
 */
#ifndef FOURPOST_QMGR_MEMORY_H
#define FOURPOST_QMGR_MEMORY_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

/* Of the queue's size the pages may take one part in so many, within bounds. */
#define MEMORY_PART	64
#define MEMORY_AT_LEAST ((uint64_t)256 * 1024)
#define MEMORY_AT_MOST	((uint64_t)64 * 1024 * 1024)

/* memory_new - begin without mixer-memory, or NULL: no memory */
struct memory *memory_new(void);

/* memory_free - free it; NULL does nothing */
void memory_free(struct memory *memory);

/* memory_wanted - tell whether there is a gateway at all */
bool memory_wanted(const struct qmgr *qmgr);

/* memory_put - have mixer-memory told these notes, of a message with this MTS
 * identifier, by the transaction under way */
void memory_put(struct qmgr *qmgr, const char *mts_id, struct slice notes);

/* memory_begin - forget what a transaction told that was undone */
void memory_begin(struct qmgr *qmgr);

/* memory_write - write what the transaction told, and delete what is
 * acknowledged; last in it.  Errors of the store that fail the transaction */
int memory_write(struct qmgr *qmgr) WARN_UNUSED;

/* memory_committed - hand on what is committed, if that has waited for long */
void memory_committed(struct qmgr *qmgr);

/* memory_acknowledged - take an acknowledgement of mixer-memory's */
int memory_acknowledged(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* memory_ask - pass a question on to mixer-memory, or its answer back */
int memory_ask(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* memory_gone - forget a client that was mixer-memory, or has asked it */
void memory_gone(const struct client *client);

/* memory_tick - hand on what waits, say what was given up, and note whether
 * mixer-memory goes on; once a second */
void memory_tick(struct qmgr *qmgr);

#define MEMORY_TEXT_MAX 160

/* memory_is_broken - tell whether a page of the queue could not be written:
 * nothing is noted any more, until qmgr starts on a queue that is mended */
bool memory_is_broken(const struct qmgr *qmgr);

/* memory_text - say in a sentence what keeps mixer-memory from remembering; ""
 * if nothing does */
const char *memory_text(const struct qmgr *qmgr, char text[MEMORY_TEXT_MAX]);

#endif
