/* SPDX-License-Identifier: ISC */
/*
 * status_table.h - reasons and diagnostics of X.411 8.3.1.2, and the status
 * codes of RFC 3463, as a gateway maps them (RFC 2156 5.1.8.4, 5.3.8.2)
 *
 * The rows follow what the codes mean in X.411 and RFC 3463; the RFC's own
 * tables were not to be had when they were written.  Private to status_code.c,
 * which includes this file with its macros.
 */

/* REASON(reason, subject, detail): of a report without a diagnostic */
#ifdef REASON
REASON(0, 4, 0) /* transfer-failure */
REASON(1, 0, 0) /* unable-to-transfer */
REASON(2, 6, 3) /* conversion-not-performed */
REASON(3, 6, 0) /* physical-rendition-not-performed */
REASON(4, 2, 0) /* physical-delivery-not-performed */
REASON(5, 7, 1) /* restricted-delivery */
REASON(6, 4, 3) /* directory-operation-unsuccessful */
REASON(7, 3, 3) /* deferred-delivery-not-performed */
REASON(8, 7, 0) /* transfer-failure-for-security-reason */
#endif

/* DIAGNOSTIC(diagnostic, subject, detail) */
#ifdef DIAGNOSTIC
DIAGNOSTIC(0, 1, 1)  /* unrecognised-OR-name */
DIAGNOSTIC(1, 1, 4)  /* ambiguous-OR-name */
DIAGNOSTIC(2, 4, 5)  /* mts-congestion */
DIAGNOSTIC(3, 4, 6)  /* loop-detected */
DIAGNOSTIC(4, 2, 1)  /* recipient-unavailable */
DIAGNOSTIC(5, 4, 7)  /* maximum-time-expired */
DIAGNOSTIC(6, 6, 1)  /* encoded-information-types-unsupported */
DIAGNOSTIC(7, 2, 3)  /* content-too-long */
DIAGNOSTIC(8, 6, 3)  /* conversion-impractical */
DIAGNOSTIC(9, 6, 2)  /* implicit-conversion-prohibited */
DIAGNOSTIC(10, 6, 3) /* implicit-conversion-not-subscribed */
DIAGNOSTIC(11, 5, 4) /* invalid-arguments */
DIAGNOSTIC(12, 6, 0) /* content-syntax-error */
DIAGNOSTIC(13, 5, 4) /* size-constraint-violation */
DIAGNOSTIC(14, 5, 0) /* protocol-violation */
DIAGNOSTIC(15, 6, 1) /* content-type-not-supported */
DIAGNOSTIC(16, 5, 3) /* too-many-recipients */
DIAGNOSTIC(17, 7, 1) /* no-bilateral-agreement */
DIAGNOSTIC(18, 3, 3) /* unsupported-critical-function */
DIAGNOSTIC(19, 6, 2) /* conversion-with-loss-prohibited */
DIAGNOSTIC(20, 6, 5) /* line-too-long */
DIAGNOSTIC(21, 6, 5) /* page-split */
DIAGNOSTIC(22, 6, 5) /* pictorial-symbol-loss */
DIAGNOSTIC(23, 6, 5) /* punctuation-symbol-loss */
DIAGNOSTIC(24, 6, 5) /* alphabetic-character-loss */
DIAGNOSTIC(25, 6, 5) /* multiple-information-loss */
DIAGNOSTIC(26, 7, 1) /* recipient-reassignment-prohibited */
DIAGNOSTIC(27, 4, 6) /* redirection-loop-detected */
DIAGNOSTIC(28, 7, 2) /* dl-expansion-prohibited */
DIAGNOSTIC(29, 7, 2) /* no-dl-submit-permission */
DIAGNOSTIC(30, 2, 4) /* dl-expansion-failure */
DIAGNOSTIC(31, 6, 0) /* physical-rendition-attributes-not-supported */
DIAGNOSTIC(32, 1, 3) /* physical-delivery-address-incorrect */
DIAGNOSTIC(33, 1, 2) /* physical-delivery-office-incorrect-or-invalid */
DIAGNOSTIC(34, 1, 3) /* physical-delivery-address-incomplete */
DIAGNOSTIC(35, 1, 1) /* recipient-unknown */
DIAGNOSTIC(36, 1, 1) /* recipient-deceased */
DIAGNOSTIC(37, 1, 2) /* organization-expired */
DIAGNOSTIC(38, 7, 1) /* recipient-refused-to-accept */
DIAGNOSTIC(39, 2, 1) /* recipient-did-not-claim */
DIAGNOSTIC(40, 1, 6) /* recipient-changed-address-permanently */
DIAGNOSTIC(41, 1, 6) /* recipient-changed-address-temporarily */
DIAGNOSTIC(42, 1, 6) /* recipient-changed-temporary-address */
DIAGNOSTIC(43, 1, 6) /* new-address-unknown */
DIAGNOSTIC(44, 1, 6) /* recipient-did-not-want-forwarding */
DIAGNOSTIC(45, 1, 6) /* originator-prohibited-forwarding */
DIAGNOSTIC(46, 7, 0) /* secure-messaging-error */
DIAGNOSTIC(47, 6, 3) /* unable-to-downgrade */
DIAGNOSTIC(48, 4, 0) /* unable-to-complete-transfer */
DIAGNOSTIC(49, 4, 7) /* transfer-attempts-limit-reached */
#endif

/* STATUS(subject, detail, reason, diagnostic); -1: no diagnostic.  The row of
 * detail 0 stands for details that are not known. */
#ifdef STATUS
STATUS(0, 0, 1, -1) /* other, undefined */
STATUS(1, 0, 1, 0)  /* other address status */
STATUS(1, 1, 1, 0)  /* bad destination mailbox */
STATUS(1, 2, 1, 0)  /* bad destination system */
STATUS(1, 3, 1, 11) /* bad mailbox syntax */
STATUS(1, 4, 1, 1)  /* ambiguous mailbox */
STATUS(1, 5, 1, -1) /* destination valid */
STATUS(1, 6, 1, 43) /* mailbox has moved */
STATUS(1, 7, 1, 11) /* bad sender syntax */
STATUS(1, 8, 1, 11) /* bad sender system */
STATUS(2, 0, 1, 4)  /* other mailbox status */
STATUS(2, 1, 1, 4)  /* mailbox disabled */
STATUS(2, 2, 1, 4)  /* mailbox full */
STATUS(2, 3, 1, 7)  /* message too long for the mailbox */
STATUS(2, 4, 1, 30) /* list expansion */
STATUS(3, 0, 0, -1) /* other system status */
STATUS(3, 1, 1, 2)  /* system full */
STATUS(3, 2, 1, 4)  /* system accepts no messages */
STATUS(3, 3, 1, 18) /* system lacks a feature */
STATUS(3, 4, 1, 7)  /* message too large for the system */
STATUS(3, 5, 0, -1) /* system is configured wrongly */
STATUS(4, 0, 0, 48) /* other network status */
STATUS(4, 1, 0, 48) /* no answer */
STATUS(4, 2, 0, 48) /* bad connection */
STATUS(4, 3, 6, -1) /* directory failure */
STATUS(4, 4, 1, 0)  /* no route */
STATUS(4, 5, 1, 2)  /* congestion */
STATUS(4, 6, 1, 3)  /* loop */
STATUS(4, 7, 1, 5)  /* time expired */
STATUS(5, 0, 1, 14) /* other protocol status */
STATUS(5, 1, 1, 14) /* invalid command */
STATUS(5, 2, 1, 14) /* syntax error */
STATUS(5, 3, 1, 16) /* too many recipients */
STATUS(5, 4, 1, 11) /* invalid arguments */
STATUS(5, 5, 1, 14) /* wrong version */
STATUS(6, 0, 2, -1) /* other content error */
STATUS(6, 1, 1, 15) /* media not supported */
STATUS(6, 2, 2, 9)  /* conversion prohibited */
STATUS(6, 3, 2, 8)  /* conversion not supported */
STATUS(6, 4, 2, 19) /* conversion with loss */
STATUS(6, 5, 2, 8)  /* conversion failed */
STATUS(7, 0, 8, -1) /* other security status */
STATUS(7, 1, 5, -1) /* not authorized */
STATUS(7, 2, 1, 29) /* list expansion prohibited */
STATUS(7, 3, 2, 9)  /* security conversion needed */
STATUS(7, 4, 8, -1) /* security features not supported */
STATUS(7, 5, 8, -1) /* cryptographic failure */
STATUS(7, 6, 8, -1) /* algorithm not supported */
STATUS(7, 7, 8, -1) /* integrity failure */
#endif
