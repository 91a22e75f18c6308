/* SPDX-License-Identifier: ISC */
/*
 * memory_note.h - what mixer-memory remembers: values under keys
 *
 *	#LOCAL		the message identifier of the Internet that LOCAL, a
 *			user-relative-identifier, was cut from (message_id.h)
 *	@MTS		of a message that came from the Internet and got this
 *			MTS identifier: RET and ENVID
 *	@MTS NUMBER	the same, of the recipient of that number: ORCPT
 *	>MTS ADDRESS	of a message that was passed on to the Internet:
 *			number and indicators of the recipient
 *
 * Notes are elements NOTE ::= SEQUENCE { key OCTET STRING, value OCTET STRING }
 * one behind the other.  mixer-in does not know the MTS identifier of what it
 * submits: a page, which qmgr makes in the commit, has it before its notes, and
 * keys that begin with "@" or ">" get it then.
 *
 *	PAGE ::= SEQUENCE { mts-id UTF8String, SEQUENCE OF NOTE }
 */
#ifndef FOURPOST_MIXER_MEMORY_NOTE_H
#define FOURPOST_MIXER_MEMORY_NOTE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define MEMORY_PAGE_MAX	 4080 /* octets of one, all included */
#define MEMORY_KEY_MAX	 1200 /* of a whole key; none of a longer one is kept */
#define MEMORY_VALUE_MAX 1500
#define MEMORY_TEXTS_MAX 40 /* keys of one question */

/* The letters that stand before a key. */
#define MEMORY_ID     '#'
#define MEMORY_CAME   '@'
#define MEMORY_PASSED '>'

/* memory_note_put - append a note; rest is what stands in its key behind the
 * kind, and behind the MTS identifier where there is one.  A note that is too
 * long is left out.  ERR_NOMEM, ERR_LIMIT (of the buffer) */
int memory_note_put(char kind, const char *rest, struct slice value,
    struct buffer *notes) WARN_UNUSED;

/* memory_note_key - make a whole key in the arena; mts_id and rest may be
 * empty.  Empty: no memory */
struct slice memory_note_key(
    char kind, const char *mts_id, const char *rest, struct arena *arena);

/* memory_note_page - make a page, which replaces what is in the buffer, of as
 * many notes as fit, and take them off the front of *notes.  ERR_SYNTAX (there
 * is none), ERR_NOMEM */
int memory_note_page(
    const char *mts_id, struct slice *notes, struct buffer *page) WARN_UNUSED;

/* Takes a note of a page: 0, or an error, which ends the reading. */
typedef int memory_note_fn(void *arg, struct slice key, struct slice value);

/* memory_note_read - read a page, with whole keys.  ERR_SYNTAX, ERR_NOMEM, or
 * what the function returned */
int memory_note_read(struct slice page, struct arena *arena,
    memory_note_fn *take, void *arg) WARN_UNUSED;

#endif
