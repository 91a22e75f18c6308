/* SPDX-License-Identifier: ISC */
/*
 * category.h - categories of events, and how much of each is logged
 *
 * The diagnostics logging of Exchange's MTA: categories by subject, each with a
 * level.  An error is always logged.
 */
#ifndef FOURPOST_BASE_CATEGORY_H
#define FOURPOST_BASE_CATEGORY_H

#include "base/event.h"

enum event_category {
	CATEGORY_SERVICE, /* messages, reports, links; what is not listed */
	CATEGORY_SECURITY,
	CATEGORY_RESOURCE,
	CATEGORY_ADMINISTRATION,
	CATEGORY_CONFIGURATION,
	CATEGORY_INTERNAL,
	CATEGORY_INTEROPERABILITY,
	CATEGORY_INTERCHANGE,
	EVENT_CATEGORIES
};

enum log_level {
	LOG_LEVEL_NONE,	   /* errors alone */
	LOG_LEVEL_MINIMUM, /* and warnings */
	LOG_LEVEL_MAXIMUM  /* everything */
};

/* category_of - look up the category of an event */
enum event_category category_of(enum event_name event);

/* category_levels - set how much of each category this process logs from now
 * on; everything before the first call */
void category_levels(const enum log_level levels[EVENT_CATEGORIES]);

/* category_is_logged - tell whether an event is to be written */
bool category_is_logged(enum event_name event);

#endif
