/* SPDX-License-Identifier: ISC */
/*
 * session_identifier.c - the references of a session connection within SPDUs
 */
#include "osi/session_identifier.h"

#define TAG_OCTETS   0x04
#define TAG_T61	     0x14
#define TAG_UTC_TIME 0x17

/* session_identifier_is_empty - tell whether no parameter is there */
bool
session_identifier_is_empty(const struct session_identifier *identifier)
{
	return identifier->called.len == 0 && identifier->calling.len == 0 &&
	    identifier->common.len == 0 && identifier->additional.len == 0;
}

/* contents_of - strip tag and length from a value, if it has either tag */
static struct slice
contents_of(struct slice value, uint8_t tag, uint8_t other)
{
	if (value.len >= 2 &&
	    (value.data[0] == tag || value.data[0] == other) &&
	    value.data[1] == value.len - 2)
		return slice_of(value.data + 2, value.len - 2);
	return value;
}

/* session_identifier_get - copy the references that an SPDU names */
int
session_identifier_get(const struct session_identifier *identifier,
    struct session_references *references)
{
	struct session_references to = {.calling_len = 0};
	/* The acceptor of a connection names the caller as the called user. */
	struct slice user = identifier->calling.len > 0 ? identifier->calling
							: identifier->called;
	int error = session_references_set(
	    &to, SESSION_CALLING, contents_of(user, TAG_T61, TAG_OCTETS));

	if (error == 0)
		error = session_references_set(&to, SESSION_COMMON,
		    contents_of(
			identifier->common, TAG_UTC_TIME, TAG_UTC_TIME));
	if (error == 0)
		error = session_references_set(&to, SESSION_ADDITIONAL,
		    contents_of(identifier->additional, TAG_T61, TAG_OCTETS));
	if (error == 0)
		*references = to;
	return error;
}

/* put_value - write tag, length and contents at *room, and move it behind */
static struct slice
put_value(uint8_t **room, uint8_t tag, struct slice contents)
{
	uint8_t *at = *room;

	if (contents.len == 0)
		return slice_of(NULL, 0);
	at[0] = tag;
	at[1] = (uint8_t)contents.len;
	memcpy(at + 2, contents.data, contents.len);
	*room = at + 2 + contents.len;
	return slice_of(at, contents.len + 2);
}

/* session_identifier_put - write references into room, as an SPDU has them */
struct session_identifier
session_identifier_put(const struct session_references *references,
    enum session_identifier_form form, uint8_t room[SESSION_IDENTIFIER_MAX])
{
	struct session_identifier out = {.called = {NULL, 0}};

	out.calling = put_value(&room,
	    form == SESSION_IDENTIFIER_X410 ? TAG_T61 : TAG_OCTETS,
	    session_references_get(references, SESSION_CALLING));
	out.common = put_value(&room, TAG_UTC_TIME,
	    session_references_get(references, SESSION_COMMON));
	out.additional = put_value(&room, TAG_T61,
	    session_references_get(references, SESSION_ADDITIONAL));
	return out;
}
