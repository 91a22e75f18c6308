/* SPDX-License-Identifier: ISC */
/*
 * cause.h - why a message is not delivered, and what X.411 has a report say of
 * it (non-delivery-reason-code 8.3.1.2.1.10, diagnostic 8.3.1.2.1.11)
 *
 * Each cause of ours has one reason and one diagnostic; whoever decides names
 * the cause.  A peer that refuses or a worker that fails says its own, within
 * these.
 *
 *   cause                        reason  diagnostic
 *   CAUSE_NOBODY_SERVES             1     0 unrecognised-OR-name
 *   CAUSE_ROUTE_BACK                1     3 loop-detected
 *   CAUSE_LOOP                      1     3 loop-detected
 *   CAUSE_EXPIRED                   1     5 maximum-time-expired
 *   CAUSE_DEFERRED_TOO_LONG         7     5 maximum-time-expired
 *   CAUSE_TOO_LONG                  1     7 content-too-long
 *   CAUSE_ENVELOPE                  1    13 size-constraint-violation
 *   CAUSE_TOO_MANY                  1    16 too-many-recipients
 *   CAUSE_CRITICAL                  1    18 unsupported-critical-function
 *   CAUSE_CONVERSION                2     8 conversion-impractical
 *   CAUSE_CONTENT_TYPE              1    15 content-type-not-supported
 *   CAUSE_REASSIGNMENT_PROHIBITED   1    26 recipient-reassignment-prohibited
 *   CAUSE_REDIRECTION_LOOP          1    27 redirection-loop-detected
 *   CAUSE_EXPANSION_PROHIBITED      1    28 dl-expansion-prohibited
 *   CAUSE_NO_SUBMIT_PERMISSION      1    29 no-dl-submit-permission
 *   CAUSE_PRIORITY                  1     2 mts-congestion
 *   CAUSE_BARRED                    5    17 no-bilateral-agreement
 *   CAUSE_DOWNGRADE                 1    47 unable-to-downgrade
 *   CAUSE_IMPLICIT_PROHIBITED       2     9 implicit-conversion-prohibited
 *   CAUSE_LOSS_PROHIBITED           2    19 conversion-with-loss-prohibited
 *   CAUSE_NO_WAY                    1    48 unable-to-complete-transfer
 *   CAUSE_TRIES                     0    49 transfer-attempts-limit-reached
 *
 * Codes that are never sent, and why:
 *
 *   reasons 3, 4, 6, 8   nothing is rendered or delivered on paper, no
 *	directory is asked, and no security service is done.
 *   1 ambiguous-OR-name   routes and map files name one mailbox each.
 *   4 recipient-unavailable   a mailbox that cannot be reached is tried again
 *	until the tries or the time are over, which is then the cause.
 *   6, 10, 20 to 25   any encoded information type is delivered: what is not
 *	text is attached.  So nothing is converted, but towards a peer of 1984.
 *   11, 12, 14   what is malformed is refused in the transfer, before
 *	responsibility passes; msmi-out says 14 of a content that it cannot write.
 *   30 dl-expansion-failure   an expansion that cannot be finished now goes on
 *	later.
 *   50 to 59   of notifications and security.
 *   31 to 45   of physical delivery.
 *   46, 51 to 78   of security.
 */
#ifndef FOURPOST_MHS_CAUSE_H
#define FOURPOST_MHS_CAUSE_H

enum cause {
	CAUSE_NOBODY_SERVES,
	CAUSE_ROUTE_BACK,
	CAUSE_LOOP,
	CAUSE_EXPIRED,
	CAUSE_DEFERRED_TOO_LONG,
	CAUSE_TOO_LONG,
	CAUSE_ENVELOPE,
	CAUSE_TOO_MANY,
	CAUSE_CRITICAL,
	CAUSE_CONVERSION,
	CAUSE_CONTENT_TYPE,
	CAUSE_REASSIGNMENT_PROHIBITED,
	CAUSE_REDIRECTION_LOOP,
	CAUSE_EXPANSION_PROHIBITED,
	CAUSE_NO_SUBMIT_PERMISSION,
	CAUSE_PRIORITY,
	CAUSE_BARRED,
	CAUSE_DOWNGRADE,
	CAUSE_IMPLICIT_PROHIBITED,
	CAUSE_LOSS_PROHIBITED,
	CAUSE_NO_WAY,
	CAUSE_TRIES,
	CAUSES
};

/* cause_reason - get the non-delivery-reason-code of a cause */
int cause_reason(enum cause cause);

/* cause_diagnostic - get its diagnostic, or DIAGNOSTIC_NONE */
int cause_diagnostic(enum cause cause);

#endif
