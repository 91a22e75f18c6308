/* SPDX-License-Identifier: ISC */
/*
 * barred.c - messages that a link does not take, whoever they are for
 */
#include "conf/conf_address.h"
#include "qmgr/queue/barred.h"

/* is_barred - tell whether an originator is refused, or is not among those that
 * are accepted */
static bool
is_barred(const struct conf_addresses *refuse,
    const struct conf_addresses *accept, const struct or_address *originator)
{
	/* An empty "accept" accepts everybody; only a list that is there
	 * excludes others. */
	return conf_addresses_cover(refuse, originator) ||
	    (accept->count > 0 && !conf_addresses_cover(accept, originator));
}

/* barred_originator - tell whether a link bars an originator */
bool
barred_originator(const struct link *link, const struct or_address *originator)
{
	if (link->x400 != NULL)
		return is_barred(&link->x400->refuse_from,
		    &link->x400->accept_from, originator);
	return link->msmail != NULL &&
	    is_barred(&link->msmail->refuse_from, &link->msmail->accept_from,
		originator);
}

/* barred_count - tell whether a message has more recipients than a link
 * takes */
bool
barred_count(const struct link *link, const struct p1_envelope *envelope)
{
	/* Zero means no limit, as in every setting of a maximum. */
	return link != NULL && link->x400 != NULL &&
	    link->x400->max_recipients != 0 &&
	    envelope->recipient_count > link->x400->max_recipients;
}

/* barred_cause - find why a link does not take a message */
enum cause
barred_cause(const struct link *link, const struct p1_envelope *envelope)
{
	/* Barred first: that verdict is logged as an event, and an
	 * administrator who bars somebody looks for it. */
	if (barred_originator(link, &envelope->originator.address))
		return CAUSE_BARRED;
	if (link->x400 != NULL &&
	    p1_priority_rank(envelope->priority) >
		(int)link->x400->least_priority)
		return CAUSE_PRIORITY;
	return CAUSES;
}

/* barred_text - say in words why a link does not take a message */
const char *
barred_text(enum cause cause)
{
	return cause == CAUSE_BARRED
	    ? "its originator is barred on the link"
	    : "the link takes more urgent messages alone";
}
