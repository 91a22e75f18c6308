/* SPDX-License-Identifier: ISC */
/*
 * report_name.c - reason and diagnostic codes in words (X.411 figure 2)
 */
#include <stdio.h>

#include "mhs/report.h"

/* clang-format off */

/* By number; none is left out. */
static const char *const reasons[] = {
	"transfer-failure",
	"unable-to-transfer",
	"conversion-not-performed",
	"physical-rendition-not-performed",
	"physical-delivery-not-performed",
	"restricted-delivery",
	"directory-operation-unsuccessful",
	"deferred-delivery-not-performed",
	"transfer-failure-for-security-reason",
};

static const char *const diagnostics[] = {
	"unrecognised-OR-name",
	"ambiguous-OR-name",
	"mts-congestion",
	"loop-detected",
	"recipient-unavailable",
	"maximum-time-expired",
	"encoded-information-types-unsupported",
	"content-too-long",
	"conversion-impractical",
	"implicit-conversion-prohibited",
	"implicit-conversion-not-subscribed",
	"invalid-arguments",
	"content-syntax-error",
	"size-constraint-violation",
	"protocol-violation",
	"content-type-not-supported",
	"too-many-recipients",
	"no-bilateral-agreement",
	"unsupported-critical-function",
	"conversion-with-loss-prohibited",
	"line-too-long",
	"page-split",
	"pictorial-symbol-loss",
	"punctuation-symbol-loss",
	"alphabetic-character-loss",
	"multiple-information-loss",
	"recipient-reassignment-prohibited",
	"redirection-loop-detected",
	"dl-expansion-prohibited",
	"no-dl-submit-permission",
	"dl-expansion-failure",
	"physical-rendition-attributes-not-supported",
	"undeliverable-mail-physical-delivery-address-incorrect",
	"undeliverable-mail-physical-delivery-office-incorrect-or-invalid",
	"undeliverable-mail-physical-delivery-address-incomplete",
	"undeliverable-mail-recipient-unknown",
	"undeliverable-mail-recipient-deceased",
	"undeliverable-mail-organization-expired",
	"undeliverable-mail-recipient-refused-to-accept",
	"undeliverable-mail-recipient-did-not-claim",
	"undeliverable-mail-recipient-changed-address-permanently",
	"undeliverable-mail-recipient-changed-address-temporarily",
	"undeliverable-mail-recipient-changed-temporary-address",
	"undeliverable-mail-new-address-unknown",
	"undeliverable-mail-recipient-did-not-want-forwarding",
	"undeliverable-mail-originator-prohibited-forwarding",
	"secure-messaging-error",
	"unable-to-downgrade",
	"unable-to-complete-transfer",
	"transfer-attempts-limit-reached",
	"incorrect-notification-type",
	"dl-expansion-prohibited-by-security-policy",
	"forbidden-alternate-recipient",
	"security-policy-violation",
	"security-services-refusal",
	"unauthorised-dl-member",
	"unauthorised-dl-name",
	"unauthorised-originally-intended-recipient-name",
	"unauthorised-originator-name",
	"unauthorised-recipient-name",
	"unreliable-system",
	"authentication-failure-on-subject-message",
	"decryption-failed",
	"decryption-key-unobtainable",
	"double-envelope-creation-failure",
	"double-enveloping-message-restoring-failure",
	"failure-of-proof-of-message",
	"integrity-failure-on-subject-message",
	"invalid-security-label",
	"key-failure",
	"mandatory-parameter-absence",
	"operation-security-failure",
	"repudiation-failure-of-message",
	"security-context-failure",
	"token-decryption-failed",
	"token-error",
	"unknown-security-label",
	"unsupported-algorithm-identifier",
	"unsupported-security-policy",
};

/* clang-format on */

#define REASONS	    ((int)(sizeof(reasons) / sizeof(reasons[0])))
#define DIAGNOSTICS ((int)(sizeof(diagnostics) / sizeof(diagnostics[0])))

/* report_reason_name - name a reason: "unable-to-transfer", or NULL */
const char *
report_reason_name(int reason)
{
	return reason < 0 || reason >= REASONS ? NULL : reasons[reason];
}

/* report_diagnostic_name - name a diagnostic: "unrecognised-OR-name", or
 * NULL */
const char *
report_diagnostic_name(int diagnostic)
{
	return diagnostic < 0 || diagnostic >= DIAGNOSTICS
	    ? NULL
	    : diagnostics[diagnostic];
}

/* report_describe - put into words what became of a recipient */
void
report_describe(
    const struct report_recipient *recipient, char text[REPORT_TEXT])
{
	char reason[24], diagnostic[24];
	const char *why, *what;

	if (recipient->delivered) {
		(void)snprintf(text, REPORT_TEXT, "delivered");
		return;
	}
	(void)snprintf(reason, sizeof(reason), "reason %d", recipient->reason);
	(void)snprintf(diagnostic, sizeof(diagnostic), "diagnostic %d",
	    recipient->diagnostic);
	why = report_reason_name(recipient->reason);
	if (why == NULL)
		why = reason;
	what = report_diagnostic_name(recipient->diagnostic);
	if (what == NULL)
		what = diagnostic;
	if (recipient->diagnostic == DIAGNOSTIC_NONE)
		(void)snprintf(text, REPORT_TEXT, "%s", why);
	else
		(void)snprintf(text, REPORT_TEXT, "%s: %s", why, what);
}
