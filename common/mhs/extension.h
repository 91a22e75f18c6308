/* SPDX-License-Identifier: ISC */
/*
 * extension.h - extension fields (X.411 9.1, ExtensionField)
 *
 * Known or not, each keeps its value octet for octet, with definite lengths,
 * and is sent so.  The type is read in the implicit (1999) and in the
 * explicit (1988, PP) tagging and written in that which the link wants.
 *
 * Slices borrow from what was decoded or from the arena.
 */
#ifndef FOURPOST_MHS_EXTENSION_H
#define FOURPOST_MHS_EXTENSION_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "ber/reader.h"
#include "ber/writer.h"

#define EXTENSION_MAX 256 /* in one list, ub-extension-types */

/* Standard extensions that someone here asks for by name. */
enum extension_number {
	EXTENSION_PRIVATE = -1, /* oid tells */
	EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED = 1,
	EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT = 2,
	EXTENSION_DL_EXPANSION_PROHIBITED = 3,
	EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED = 4,
	EXTENSION_LATEST_DELIVERY_TIME = 5,
	EXTENSION_REQUESTED_DELIVERY_METHOD = 6,
	EXTENSION_ORIGINATOR_RETURN_ADDRESS = 13,
	EXTENSION_CONTENT_CORRELATOR = 23,
	EXTENSION_REDIRECTION_HISTORY = 25,
	EXTENSION_DL_EXPANSION_HISTORY = 26,
	EXTENSION_PHYSICAL_FORWARDING_ADDRESS = 27,
	EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY = 30,
	EXTENSION_REPORTING_DL_NAME = 31,
	EXTENSION_TRACE_INFORMATION = 37,
	EXTENSION_INTERNAL_TRACE = 38,
	EXTENSION_REPORTING_MTA_NAME = 39,
	EXTENSION_DL_EXEMPTED_RECIPIENTS = 42
};

/* Bits of criticality. */
#define CRITICAL_FOR_SUBMISSION BER_BIT(0)
#define CRITICAL_FOR_TRANSFER	BER_BIT(1)
#define CRITICAL_FOR_DELIVERY	BER_BIT(2)

enum extension_tagging {
	EXTENSION_IMPLICIT,
	EXTENSION_EXPLICIT
};

struct extension {
	int number;	      /* standard, or EXTENSION_PRIVATE */
	struct slice oid;     /* of a private one: its contents octets */
	uint32_t criticality; /* CRITICAL_FOR_x */
	struct slice value;   /* the element within [2], or empty (NULL) */
};

struct extension_list {
	struct extension *items;
	size_t count;
	size_t capacity; /* of items, which lie in the arena */
};

/* extension_list_decode - read the SET OF in el, whatever its tag */
int extension_list_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct extension_list *list) WARN_UNUSED;

/* extension_list_encode - write the list under this tag; nothing if the list
 * is empty */
void extension_list_encode(struct ber_writer *writer, uint32_t tag,
    const struct extension_list *list, enum extension_tagging tagging);

/*
 * extension_encode - write one ExtensionField
 *
 * extension_encode_begin writes it but for its value: the caller adds that,
 * in [2], and ends the element.
 */
void extension_encode(struct ber_writer *writer,
    const struct extension *extension, enum extension_tagging tagging);
void extension_encode_begin(struct ber_writer *writer,
    const struct extension *extension, enum extension_tagging tagging);

/* extension_find - find the standard extension of this number, or NULL */
const struct extension *
extension_find(const struct extension_list *list, int number);

/* extension_number_is - tell whether the standard extension is there and its
 * value, an INTEGER or ENUMERATED, is this */
bool extension_number_is(
    const struct extension_list *list, int number, int64_t value);

/*
 * extension_set - add a standard extension, or replace it if it is there
 *
 * value is one BER element and must live as long as the list.
 */
int extension_set(struct extension_list *list, struct arena *arena, int number,
    uint32_t criticality, struct slice value) WARN_UNUSED;

/* extension_remove - take the standard extension out, if it is there */
void extension_remove(struct extension_list *list, int number);

/*
 * extension_unsupported - find the first that is critical for transfer and that
 * we know nothing of, or NULL: an NDR with unsupported-critical-function
 */
const struct extension *
extension_unsupported(const struct extension_list *list);

/*
 * extension_undelivered - find the first that is critical for delivery and that
 * nothing is done about when a message is delivered here, or NULL (X.411 9.1)
 *
 * Done is what holds because nothing is expanded or converted here, and what
 * the MTA does itself: redirection, latest delivery, correlators, histories,
 * trace.  No security service and no physical delivery is done, so a token or
 * label that must be minded is no message for a postoffice.
 */
const struct extension *
extension_undelivered(const struct extension_list *list);

/* extension_name - name an extension: "latest-delivery-time", or NULL if we
 * know none */
const char *extension_name(int number);

#endif
