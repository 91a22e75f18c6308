/* SPDX-License-Identifier: ISC */
/*
 * match.c - whether a message is what a request asks for
 */
#include <string.h>

#include "view/match.h"
#include "view/why.h"

/* is_identifier - test whether an MTS identifier is this one, which may stand
 * there without its brackets */
static bool
is_identifier(struct slice mts_id, const char *text)
{
	size_t len = strlen(text);

	if (slice_equal_string(mts_id, text))
		return true;
	/* Identifiers are shown in brackets, and people copy them with or
	 * without. */
	return mts_id.len == len + 2 && mts_id.data[0] == '[' &&
	    memcmp(mts_id.data + 1, text, len) == 0;
}

/* match_head - test the filters for which the head of a record is enough */
bool
match_head(const struct request *request, const struct store_message *message)
{
	const struct view_arguments *a = &request->arguments;
	bool active;

	if (a->has_link && message->link != a->link)
		return false;
	if (a->older != 0 && message->arrival >= (int64_t)a->older)
		return false;
	if (a->has_larger && message->content_length <= a->larger)
		return false;
	if (a->mts_id[0] != '\0' && !is_identifier(message->mts_id, a->mts_id))
		return false;
	if (!a->has_state)
		return true;
	active = view_is_active(request->view, message->id);
	return a->active ? active : !active && message->state == a->state;
}

/* match_needs_envelope - tell whether a filter looks at addresses */
bool
match_needs_envelope(const struct view_arguments *a)
{
	return a->from.text[0] != '\0' || a->to.text[0] != '\0';
}

/* match_needs_record - tell whether a filter looks at anything */
bool
match_needs_record(const struct view_arguments *a)
{
	return a->has_link || a->has_state || a->older != 0 || a->has_larger ||
	    a->mts_id[0] != '\0' || match_needs_envelope(a);
}

/* match_address - test whether an address begins as one, or holds a text */
static bool
match_address(struct request *request, const struct or_name *name,
    const struct view_address_filter *filter)
{
	if (filter->address != NULL &&
	    or_address_matches(filter->address, &name->address) >= 0)
		return true;
	return strcasestr(view_address(name, &request->arena), filter->text) !=
	    NULL;
}

/* match_envelope - test the filters that need the envelope */
bool
match_envelope(struct request *request, const struct p1_envelope *envelope)
{
	const struct view_arguments *a = &request->arguments;
	bool found = a->to.text[0] == '\0';

	if (!match_needs_envelope(a))
		return true;
	if (envelope == NULL)
		return false;
	if (envelope->kind == MTS_REPORT)
		return a->from.text[0] == '\0' &&
		    match_address(request, &envelope->originator, &a->to);
	if (a->from.text[0] != '\0' &&
	    !match_address(request, &envelope->originator, &a->from))
		return false;
	for (size_t i = 0; i < envelope->recipient_count && !found; i++)
		found = match_address(
		    request, &envelope->recipients[i].name, &a->to);
	return found;
}
