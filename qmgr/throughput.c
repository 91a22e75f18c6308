/* SPDX-License-Identifier: ISC */
/*
 * throughput.c - how many messages passed over a link within the last minute
 *
 * Every five seconds the totals of each link take the place of those of a
 * minute before.
 */
#include "qmgr/throughput.h"

#include "store/store.h"

#define STEP 5 /* ticks; LINK_SAMPLES of them are a minute */

/* traffic_of - get what has passed over a link so far */
static struct store_traffic
traffic_of(const struct qmgr *qmgr, const struct link *link)
{
	struct store_link known = {.number = 0};

	/* The store knows each link that the table has. */
	(void)!store_link_get(qmgr->store, link->number, &known);
	return known.traffic;
}

/* throughput_tick - note what has passed so far */
void
throughput_tick(struct qmgr *qmgr)
{
	unsigned at;

	if (qmgr->throughput_ticks++ % STEP != 0)
		return;
	at = qmgr->throughput_ticks / STEP % LINK_SAMPLES;
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		struct store_traffic traffic = traffic_of(qmgr, link);
		struct link_sample now = {
		    traffic.messages_out, traffic.messages_in};

		/* A link that is new has had nothing before. */
		for (unsigned i = 0; !link->sampled && i < LINK_SAMPLES; i++)
			link->samples[i] = now;
		link->sampled = true;
		link->samples[at] = now;
		link->oldest_sample = (at + 1) % LINK_SAMPLES;
	}
}

/* throughput_of - count what has passed over a link within the last minute */
struct throughput
throughput_of(const struct qmgr *qmgr, const struct link *link)
{
	const struct link_sample *before = &link->samples[link->oldest_sample];
	struct store_traffic traffic = traffic_of(qmgr, link);

	if (!link->sampled)
		return (struct throughput){0};
	return (struct throughput){traffic.messages_out - before->out,
	    traffic.messages_in - before->in};
}
