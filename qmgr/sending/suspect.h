/* SPDX-License-Identifier: ISC */
/*
 * suspect.h - messages in whose transfer an association ended, or that failed
 *
 * Whether the message or the line was to blame shows only afterwards: others
 * pass, or nothing does.  Until then such a message steps back: all that waited
 * for the link when it failed, of any priority, goes before it, and the next
 * association begins with another one.  It goes at once where nothing else
 * waits.
 *
 * Where several different ones are lost with nothing between them that passed
 * it is the line, and none of them is to blame.
 *
 * In memory, a few for each link.  What was counted is in the record, from
 * which a message is known as a suspect again after a restart.
 */
#ifndef FOURPOST_QMGR_SUSPECT_H
#define FOURPOST_QMGR_SUSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "qmgr/engine/qmgr.h"
#include "store/message.h"

#define SUSPECTS_MAX \
	64 /* of a link; the next that fails drives out the oldest,
			 * which goes like any other from then on */

struct suspect {
	TAILQ_ENTRY(suspect) entry; /* of the link, in the order they failed */
	uint64_t message;
	enum store_priority priority;
	uint64_t passed;   /* messages that the link had sent at its failure */
	uint64_t behind;   /* ids up to this one go before it */
	uint64_t furthest; /* octets that the peer has confirmed in any try */
	bool lost;	   /* the association ended in its last try */
	bool pending;	   /* its last loss is counted as one of the line's */
	bool waits;	   /* it is ready, and has stepped back */
};

/* Whether the failure is in the message's own count. */
enum suspect_count {
	SUSPECT_COUNTED, /* yes, or nobody is to blame */
	SUSPECT_PENDING	 /* it is counted as the line's for now */
};

enum suspect_verdict {
	SUSPECT_GOES,	  /* it is none, or nothing goes before it */
	SUSPECT_WAITS,	  /* it has stepped back */
	SUSPECT_EXHAUSTED /* others passed after each of its tries */
};

/* suspect_find - find the entry of a message, or NULL */
struct suspect *suspect_find(const struct link *link, uint64_t message);

/*
 * suspect_note - note that a transfer of a message has failed
 *
 * octets were confirmed of it.  NULL: no memory, it does not step back.
 */
struct suspect *suspect_note(struct link *link, uint64_t message,
    enum store_priority priority, uint64_t octets, enum suspect_count count);

/* suspect_forget - forget a message that has left, or waits for an
 * administrator */
void suspect_forget(struct link *link, uint64_t message);

/* suspect_fini - forget all of a link */
void suspect_fini(struct link *link);

/* suspect_advanced - tell whether the peer had confirmed more than ever
 * before */
bool
suspect_advanced(const struct link *link, uint64_t message, uint64_t octets);

/*
 * suspect_settle - count the last loss where it belongs
 *
 * Others have passed since: what was counted in message as a try of the line
 * becomes one of the message's own.
 */
void suspect_settle(const struct link *link, struct store_message *message);

/* suspect_judge - decide whether a message that is ready may be sent now; one
 * that waits is handed out by suspect_next */
enum suspect_verdict suspect_judge(
    struct qmgr *qmgr, struct link *link, const struct store_message *message);

/* suspect_next - find a message that had stepped back and may be sent now; 0:
 * none */
uint64_t suspect_next(struct qmgr *qmgr, struct link *link);

#endif
