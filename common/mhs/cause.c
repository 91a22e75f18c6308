/* SPDX-License-Identifier: ISC */
/*
 * cause.c - the codes of each cause of non-delivery
 */
#include "mhs/cause.h"
#include "mhs/report.h"

static const struct {
	int reason, diagnostic;
} codes[CAUSES] = {
    [CAUSE_NOBODY_SERVES] = {REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_UNRECOGNISED_OR_NAME},
    [CAUSE_ROUTE_BACK] = {REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_LOOP_DETECTED},
    [CAUSE_LOOP] = {REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_LOOP_DETECTED},
    [CAUSE_EXPIRED] = {REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_MAXIMUM_TIME_EXPIRED},
    [CAUSE_DEFERRED_TOO_LONG] = {REASON_DEFERRED_DELIVERY_NOT_PERFORMED,
	DIAGNOSTIC_MAXIMUM_TIME_EXPIRED},
    [CAUSE_TOO_LONG] = {REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_CONTENT_TOO_LONG},
    [CAUSE_CRITICAL] = {REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION},
    [CAUSE_CONVERSION] = {REASON_CONVERSION_NOT_PERFORMED,
	DIAGNOSTIC_CONVERSION_IMPRACTICAL},
    [CAUSE_NO_WAY] = {REASON_UNABLE_TO_TRANSFER,
	DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER},
    [CAUSE_TRIES] = {REASON_TRANSFER_FAILURE,
	DIAGNOSTIC_TRANSFER_ATTEMPTS_LIMIT_REACHED},
};

/* cause_reason - get the non-delivery-reason-code of a cause */
int
cause_reason(enum cause cause)
{
	return codes[cause].reason;
}

/* cause_diagnostic - get its diagnostic, or DIAGNOSTIC_NONE */
int
cause_diagnostic(enum cause cause)
{
	return codes[cause].diagnostic;
}
