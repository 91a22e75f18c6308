/* SPDX-License-Identifier: ISC */
/*
 * session_references.c - the references of a session connection, as a value
 */
#include "osi/session_references.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "ber/time.h"
#include "ber/writer.h"

#define NAME_MAX_USED 40
#define UNIQUE_LEN    17 /* "-" and 16 hexadecimal digits */

/* session_references_get - get the octets of one reference, borrowed */
struct slice
session_references_get(
    const struct session_references *references, enum session_reference which)
{
	switch (which) {
	case SESSION_CALLING:
		return slice_of(references->calling, references->calling_len);
	case SESSION_COMMON:
		return slice_of(references->common, references->common_len);
	case SESSION_ADDITIONAL:
		return slice_of(
		    references->additional, references->additional_len);
	}
	return slice_of(NULL, 0);
}

/* copy_reference - copy octets into a field of max octets */
static int
copy_reference(uint8_t *to, uint8_t *len, size_t max, struct slice octets)
{
	if (octets.len > max)
		return ERR_LIMIT;
	if (octets.len > 0)
		memcpy(to, octets.data, octets.len);
	/* The bounds of all three are below 256. */
	*len = (uint8_t)octets.len;
	return 0;
}

/* session_references_set - replace one reference by a copy of octets */
int
session_references_set(struct session_references *references,
    enum session_reference which, struct slice octets)
{
	switch (which) {
	case SESSION_CALLING:
		return copy_reference(references->calling,
		    &references->calling_len, SESSION_CALLING_MAX, octets);
	case SESSION_COMMON:
		return copy_reference(references->common,
		    &references->common_len, SESSION_COMMON_MAX, octets);
	case SESSION_ADDITIONAL:
		return copy_reference(references->additional,
		    &references->additional_len, SESSION_ADDITIONAL_MAX,
		    octets);
	}
	return ERR_VALUE;
}

/* session_references_is_empty - tell whether there is no connection */
bool
session_references_is_empty(const struct session_references *references)
{
	return references->calling_len == 0 && references->common_len == 0 &&
	    references->additional_len == 0;
}

/* compare_octets - order by length, then by the octets */
static int
compare_octets(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

/*
 * session_references_compare - put connections into a total order
 *
 * The additional reference comes first: connections of one caller differ in
 * it most often, so that a search decides on the first few octets.
 */
int
session_references_compare(
    const struct session_references *a, const struct session_references *b)
{
	/* Our own references differ in the additional one first, so that most
	 * comparisons end there. */
	static const enum session_reference order[] = {
	    SESSION_ADDITIONAL, SESSION_COMMON, SESSION_CALLING};
	int sign = 0;

	for (size_t i = 0; i < 3 && sign == 0; i++)
		sign = compare_octets(session_references_get(a, order[i]),
		    session_references_get(b, order[i]));
	return sign;
}

/* session_references_equal - tell whether all three references are the same */
bool
session_references_equal(
    const struct session_references *a, const struct session_references *b)
{
	return session_references_compare(a, b) == 0;
}

/* transfer_name_equal - tell whether two names are of the same transfer */
bool
transfer_name_equal(
    const struct transfer_name *a, const struct transfer_name *b)
{
	return a->activity == b->activity &&
	    session_references_equal(&a->references, &b->references);
}

/*
 * session_references_make - choose the references of a new association
 *
 * The additional reference has room for two characters only, and fifty
 * associations may open within the second that the common one counts: what
 * makes them unique is in the calling reference.
 */
void
session_references_make(
    struct session_references *references, struct slice name)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static unsigned counter;
	struct session_references to = {.calling_len = 0};
	char unique[UNIQUE_LEN + 1], text[UTC_TIME_LEN + 1];
	size_t len = name.len > NAME_MAX_USED ? NAME_MAX_USED : name.len;

	if (len > 0)
		memcpy(to.calling, name.data, len);
	/* Time alone would repeat after a step of the clock, and a pid after a
	 * restart: the peer knows a transfer by its references for days. */
	(void)snprintf(unique, sizeof(unique), "-%08x%08x", arc4random(),
	    (unsigned)getpid());
	memcpy(to.calling + len, unique, UNIQUE_LEN);
	to.calling_len = (uint8_t)(len + UNIQUE_LEN);
	utc_time_format(clock_wall() / 1000, text);
	memcpy(to.common, text, UTC_TIME_LEN);
	to.common_len = UTC_TIME_LEN;
	to.additional[0] = (uint8_t)letters[counter++ % 62];
	to.additional[1] = (uint8_t)letters[arc4random_uniform(62)];
	to.additional_len = 2;
	*references = to;
}

/* session_references_encode - write the three as one element */
void
session_references_encode(struct ber_writer *writer, uint32_t tag,
    const struct session_references *references)
{
	ber_begin(writer, tag);
	for (unsigned i = SESSION_CALLING; i <= SESSION_ADDITIONAL; i++)
		ber_put(writer, BER_CTX(i),
		    session_references_get(
			references, (enum session_reference)i));
	ber_end_element(writer);
}

/* session_references_decode - read the next element */
int
session_references_decode(struct ber_reader *reader, uint32_t tag,
    struct session_references *references)
{
	struct session_references to = {.calling_len = 0};
	struct ber_reader in;
	struct ber_element el;
	int error = ber_expect(reader, tag, "references", &el);

	if (error == 0)
		error = ber_enter(reader, &el, &in);
	for (unsigned i = SESSION_CALLING;
	     error == 0 && i <= SESSION_ADDITIONAL; i++) {
		/* All three are written even where empty, so that no tag needs
		 * to say which is absent. */
		error = ber_expect(&in, BER_CTX(i), "reference", &el);
		if (error == 0 &&
		    (el.constructed ||
			session_references_set(
			    &to, (enum session_reference)i, el.contents) < 0))
			error = ber_error(
			    &in, &el, ERR_VALUE, "reference", "bad length");
	}
	/* A half-read name of a transfer would be the name of another. */
	if (error == 0)
		*references = to;
	return error;
}
