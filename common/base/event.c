/* SPDX-License-Identifier: ISC */
/*
 * event.c - the numbered events
 */
#include "base/event.h"

static const struct {
	int number;
	enum event_severity severity;
	enum event_cause cause;
	const char *text;
} events[EVENT_COUNT] = {
#define EVENT_ROW(name, number, severity, cause, text) \
	[EVENT_##name] = {number, SEVERITY_##severity, CAUSE_##cause, text},
    EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
};

/* known - return the event, or the one that stands for what is no event */
static enum event_name
known(enum event_name event)
{
	return (unsigned)event < EVENT_COUNT ? event : EVENT_UNEXPECTED;
}

/* event_number - return the number that operators know */
int
event_number(enum event_name event)
{
	return events[known(event)].number;
}

/* event_find - find the event of a number */
bool
event_find(int number, enum event_name *event)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (events[i].number == number) {
			*event = (enum event_name)i;
			return true;
		}
	return false;
}

/* event_severity - return how grave an event is */
enum event_severity
event_severity(enum event_name event)
{
	return events[known(event)].severity;
}

/* event_cause - look up who can cause it */
enum event_cause
event_cause(enum event_name event)
{
	return events[known(event)].cause;
}

/* event_text - return what happened, in words */
const char *
event_text(enum event_name event)
{
	return events[known(event)].text;
}
