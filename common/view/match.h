/* SPDX-License-Identifier: ISC */
/*
 * match.h - whether a message is what a request asks for
 */
#ifndef FOURPOST_VIEW_MATCH_H
#define FOURPOST_VIEW_MATCH_H

#include "view/request.h"

/* match_head - test the filters for which the head of a record is enough */
bool
match_head(const struct request *request, const struct store_message *message);

/* match_needs_envelope - tell whether a filter looks at addresses */
bool match_needs_envelope(const struct view_arguments *arguments);

/* match_needs_record - tell whether a filter looks at anything */
bool match_needs_record(const struct view_arguments *arguments);

/* match_envelope - test the filters that need the envelope; NULL fits only
 * where there is none of them */
bool
match_envelope(struct request *request, const struct p1_envelope *envelope);

#endif
