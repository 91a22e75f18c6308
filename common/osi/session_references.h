/* SPDX-License-Identifier: ISC */
/*
 * session_references.h - the references of a session connection, and the name
 * of a transfer
 *
 * X.225 8.3.1.3 gives a session connection three references: that of the
 * calling SS-user, a common one, and additional information.  Two connections
 * are the same when all three are.  X.228 names an activity, and so a
 * transfer, by the references of its connection and its number on that.
 *
 * Both are values: the octets are inside, a copy is an assignment, and all
 * parts empty means that there is no such connection.  The caps are those of
 * X.225, with room for the headers of BER that some peers put inside; nothing
 * longer gets past the association, so records on disk and between processes
 * have the same caps.
 */
#ifndef FOURPOST_OSI_SESSION_REFERENCES_H
#define FOURPOST_OSI_SESSION_REFERENCES_H

#include "base/error.h"
#include "base/slice.h"

struct ber_reader;
struct ber_writer;

#define SESSION_CALLING_MAX    64 /* octets; at most 62 in what we send */
#define SESSION_COMMON_MAX     20 /* the text of a UTCTime */
#define SESSION_ADDITIONAL_MAX 4  /* at most 2 in what we send */

enum session_reference {
	SESSION_CALLING,
	SESSION_COMMON,
	SESSION_ADDITIONAL
};

/* Contents without tag and length.  Octets beyond a length mean nothing. */
struct session_references {
	uint8_t calling[SESSION_CALLING_MAX];
	uint8_t calling_len;
	uint8_t common[SESSION_COMMON_MAX];
	uint8_t common_len;
	uint8_t additional[SESSION_ADDITIONAL_MAX];
	uint8_t additional_len;
};

/* The activity of a session connection; activity 0: there is no name. */
struct transfer_name {
	struct session_references references;
	uint64_t activity;
};

/* session_references_get - get the octets of one reference, borrowed */
struct slice session_references_get(
    const struct session_references *references, enum session_reference which);

/* session_references_set - replace one reference by a copy of octets.
 * ERR_LIMIT: too many */
int session_references_set(struct session_references *references,
    enum session_reference which, struct slice octets) WARN_UNUSED;

/* session_references_is_empty - tell whether there is no connection */
bool session_references_is_empty(
    const struct session_references *references) WARN_UNUSED;

/* session_references_compare - put connections into a total order: below 0, 0,
 * above 0 */
int session_references_compare(const struct session_references *a,
    const struct session_references *b) WARN_UNUSED;

/* session_references_equal - tell whether all three references are the same */
bool session_references_equal(const struct session_references *a,
    const struct session_references *b) WARN_UNUSED;

/* transfer_name_equal - tell whether two names are of the same transfer */
bool transfer_name_equal(
    const struct transfer_name *a, const struct transfer_name *b) WARN_UNUSED;

/*
 * session_references_make - choose the references of a new association
 *
 * calling begins with name (the first 40 octets of it); made unique across
 * processes and restarts.
 */
void session_references_make(
    struct session_references *references, struct slice name);

/*
 * session_references_encode - write the three as one element, with this tag
 * session_references_decode - read the next element, which must bear this tag
 *
 * The form of the records on disk: [0], [1], [2], each there even if empty.
 * Errors as those of ber/reader.h; ERR_VALUE: one is too long.
 */
void session_references_encode(struct ber_writer *writer, uint32_t tag,
    const struct session_references *references);
int session_references_decode(struct ber_reader *reader, uint32_t tag,
    struct session_references *references) WARN_UNUSED;

#endif
