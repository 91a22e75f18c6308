/* SPDX-License-Identifier: ISC */
/*
 * status_table.h - reasons and diagnostics of X.411 8.3.1.2, and the status
 * codes of RFC 3463, as a gateway maps them (RFC 2156 5.1.8.4, 5.3.8.2)
 *
 * The rows are those of the RFC, and of what came after it: reason 8, status
 * X.1.10.  Private to status_code.c, which includes this file with its macros.
 */

/* REASON(reason, class, subject, detail): of a report without a diagnostic */
#ifdef REASON
REASON(0, 4, 4, 0) /* transfer-failure */
REASON(1, 5, 0, 0) /* unable-to-transfer */
REASON(2, 5, 6, 3) /* conversion-not-performed */
REASON(3, 5, 6, 0) /* physical-rendition-not-performed */
REASON(4, 5, 1, 0) /* physical-delivery-not-performed */
REASON(5, 5, 7, 1) /* restricted-delivery */
REASON(6, 5, 4, 3) /* directory-operation-unsuccessful */
REASON(7, 5, 3, 3) /* deferred-delivery-not-performed */
REASON(8, 5, 7, 0) /* transfer-failure-for-security-reason, X.411 of 1999 */
#endif

/* DIAGNOSTIC(diagnostic, class, subject, detail) */
#ifdef DIAGNOSTIC
DIAGNOSTIC(0, 5, 1, 1)	/* unrecognised-OR-name */
DIAGNOSTIC(1, 5, 1, 4)	/* ambiguous-OR-name */
DIAGNOSTIC(2, 4, 3, 1)	/* mts-congestion */
DIAGNOSTIC(3, 5, 4, 6)	/* loop-detected */
DIAGNOSTIC(4, 4, 2, 1)	/* recipient-unavailable */
DIAGNOSTIC(5, 4, 4, 7)	/* maximum-time-expired */
DIAGNOSTIC(6, 5, 6, 1)	/* encoded-information-types-unsupported */
DIAGNOSTIC(7, 5, 2, 3)	/* content-too-long */
DIAGNOSTIC(8, 5, 6, 3)	/* conversion-impractical */
DIAGNOSTIC(9, 5, 6, 3)	/* implicit-conversion-prohibited */
DIAGNOSTIC(10, 5, 6, 3) /* implicit-conversion-not-subscribed */
DIAGNOSTIC(11, 5, 5, 2) /* invalid-arguments */
DIAGNOSTIC(12, 5, 5, 2) /* content-syntax-error */
DIAGNOSTIC(13, 5, 5, 2) /* size-constraint-violation */
DIAGNOSTIC(14, 5, 5, 0) /* protocol-violation */
DIAGNOSTIC(15, 5, 6, 1) /* content-type-not-supported */
DIAGNOSTIC(16, 5, 5, 3) /* too-many-recipients */
DIAGNOSTIC(17, 5, 4, 4) /* no-bilateral-agreement */
DIAGNOSTIC(18, 5, 3, 3) /* unsupported-critical-function */
DIAGNOSTIC(19, 5, 6, 2) /* conversion-with-loss-prohibited */
DIAGNOSTIC(20, 5, 6, 0) /* line-too-long */
DIAGNOSTIC(21, 5, 6, 0) /* page-split */
DIAGNOSTIC(22, 5, 6, 2) /* pictorial-symbol-loss */
DIAGNOSTIC(23, 5, 6, 2) /* punctuation-symbol-loss */
DIAGNOSTIC(24, 5, 6, 2) /* alphabetic-character-loss */
DIAGNOSTIC(25, 5, 6, 2) /* multiple-information-loss */
DIAGNOSTIC(26, 5, 4, 0) /* recipient-reassignment-prohibited */
DIAGNOSTIC(27, 5, 4, 6) /* redirection-loop-detected */
DIAGNOSTIC(28, 5, 7, 2) /* dl-expansion-prohibited */
DIAGNOSTIC(29, 5, 7, 1) /* no-dl-submit-permission */
DIAGNOSTIC(30, 4, 2, 4) /* dl-expansion-failure */
DIAGNOSTIC(31, 5, 6, 0) /* physical-rendition-attributes-not-supported */
DIAGNOSTIC(32, 5, 1, 0) /* physical-delivery-address-incorrect */
DIAGNOSTIC(33, 5, 1, 0) /* physical-delivery-office-incorrect-or-invalid */
DIAGNOSTIC(34, 5, 1, 0) /* physical-delivery-address-incomplete */
DIAGNOSTIC(35, 5, 1, 0) /* recipient-unknown */
DIAGNOSTIC(36, 5, 1, 0) /* recipient-deceased */
DIAGNOSTIC(37, 5, 1, 0) /* organization-expired */
DIAGNOSTIC(38, 5, 1, 0) /* recipient-refused-to-accept */
DIAGNOSTIC(39, 5, 1, 0) /* recipient-did-not-claim */
DIAGNOSTIC(40, 5, 1, 0) /* recipient-changed-address-permanently */
DIAGNOSTIC(41, 5, 1, 0) /* recipient-changed-address-temporarily */
DIAGNOSTIC(42, 5, 1, 0) /* recipient-changed-temporary-address */
DIAGNOSTIC(43, 5, 1, 6) /* new-address-unknown */
DIAGNOSTIC(44, 5, 1, 0) /* recipient-did-not-want-forwarding */
DIAGNOSTIC(45, 5, 1, 0) /* originator-prohibited-forwarding */
DIAGNOSTIC(46, 5, 7, 0) /* secure-messaging-error */
DIAGNOSTIC(47, 5, 3, 3) /* unable-to-downgrade */
DIAGNOSTIC(48, 5, 3, 4) /* unable-to-complete-transfer */
DIAGNOSTIC(49, 4, 4, 7) /* transfer-attempts-limit-reached */
#endif

/* STATUS(subject, detail, reason, diagnostic); -1: no diagnostic.  The row of
 * detail 0 stands for details that are not known. */
#ifdef STATUS
STATUS(0, 0, 1, -1) /* other, undefined */
STATUS(1, 0, 1, -1) /* other address status */
STATUS(1, 1, 1, 0)  /* bad destination mailbox */
STATUS(1, 2, 1, 0)  /* bad destination system */
STATUS(1, 3, 1, 0)  /* bad mailbox syntax */
STATUS(1, 4, 1, 1)  /* ambiguous mailbox */
STATUS(1, 5, 1, -1) /* of a positive report alone */
STATUS(1, 6, 1, 43) /* mailbox has moved */
STATUS(1, 7, 1, 11) /* bad sender syntax */
STATUS(1, 8, 1, 11) /* bad sender system */
STATUS(1, 10, 1, 0) /* takes no mail, RFC 7505 */
STATUS(2, 0, 1, -1) /* other mailbox status */
STATUS(2, 1, 1, 4)  /* mailbox disabled */
STATUS(2, 2, 1, 4)  /* mailbox full */
STATUS(2, 3, 1, 7)  /* message too long for the mailbox */
STATUS(2, 4, 1, 30) /* list expansion */
STATUS(3, 0, 0, -1) /* other system status */
STATUS(3, 1, 1, 2)  /* system full */
STATUS(3, 2, 1, 2)  /* system accepts no messages */
STATUS(3, 3, 1, 18) /* system lacks a feature */
STATUS(3, 4, 1, 7)  /* message too large for the system */
STATUS(3, 5, 1, -1) /* system is configured wrongly */
STATUS(4, 0, 0, -1) /* other network status */
STATUS(4, 1, 0, -1) /* no answer */
STATUS(4, 2, 0, -1) /* bad connection */
STATUS(4, 3, 6, -1) /* directory failure */
STATUS(4, 4, 0, -1) /* no route */
STATUS(4, 5, 1, 2)  /* congestion */
STATUS(4, 6, 1, 3)  /* loop */
STATUS(4, 7, 1, 5)  /* time expired */
STATUS(5, 0, 1, -1) /* other protocol status */
STATUS(5, 1, 1, 14) /* invalid command */
STATUS(5, 2, 1, 14) /* syntax error */
STATUS(5, 3, 1, 16) /* too many recipients */
STATUS(5, 4, 1, 14) /* invalid arguments */
STATUS(5, 5, 1, 18) /* wrong version */
STATUS(6, 0, 2, -1) /* other content error */
STATUS(6, 1, 1, 6)  /* media not supported */
STATUS(6, 2, 1, 9)  /* conversion prohibited */
STATUS(6, 3, 2, 8)  /* conversion not supported */
STATUS(6, 4, 2, -1) /* of a positive report alone */
STATUS(6, 5, 2, 47) /* conversion failed */
STATUS(7, 0, 1, 46) /* other security status */
STATUS(7, 1, 1, 29) /* not authorized */
STATUS(7, 2, 1, 28) /* list expansion prohibited */
STATUS(7, 3, 1, 46) /* security conversion needed */
STATUS(7, 4, 1, 46) /* security features not supported */
STATUS(7, 5, 1, 46) /* cryptographic failure */
STATUS(7, 6, 1, 46) /* algorithm not supported */
STATUS(7, 7, 1, 46) /* integrity failure */
#endif
