/* SPDX-License-Identifier: ISC */
/*
 * ndr.c - codes of non-delivery
 *
 * Contract in ndr.h.
 */
#include "mhs/report.h"
#include "msmi/ndr.h"

/* ndr_text - name a code */
const char *
ndr_text(enum ndr_code code)
{
	switch (code) {
	case NDR_NO_MAILBAG:
		return "missing mailbag";
	case NDR_UNKNOWN_ADDRESS:
		return "unknown address";
	case NDR_HOP_COUNT:
		return "hop count exceeded";
	case NDR_CIRCULAR_ROUTE:
		return "circular route";
	case NDR_RETRY_COUNT:
		return "retry count exceeded";
	case NDR_CONTENTION:
		return "contention";
	case NDR_TOO_LARGE:
		return "message too large";
	case NDR_CORRUPT:
		return "message corrupt";
	case NDR_NO_MESSAGE_FILE:
		return "missing message file";
	case NDR_MAILBAG_FULL:
		return "mailbag full";
	case NDR_NO_ATTACHMENT_FILE:
		return "missing attachment file";
	case NDR_NO_ROUTE:
		return "no route";
	case NDR_UNPARSABLE:
		return "message cannot be read";
	case NDR_OTHER:
		return "not delivered";
	case NDR_CONVERSION:
		return "conversion not performed";
	case NDR_RESTRICTED:
		return "delivery restricted";
	case NDR_SECURITY:
		return "refused for security";
	case NDR_UNSUPPORTED:
		return "not supported there";
	case NDR_DEFERRED:
		return "deferred delivery not performed";
	}
	return "not delivered";
}

/* ndr_number - get the number that is shown for a code */
int
ndr_number(enum ndr_code code)
{
	/* Codes from NDR_OTHER on are ours alone: senders' programs know the
	 * older ones. */
	return code >= NDR_OTHER ? NDR_UNPARSABLE : (int)code;
}

/* ndr_of_reason - find the code for a reason whose diagnostic has none */
static enum ndr_code
ndr_of_reason(int reason)
{
	switch (reason) {
	case REASON_TRANSFER_FAILURE:
		return NDR_RETRY_COUNT;
	case REASON_CONVERSION_NOT_PERFORMED:
	case REASON_PHYSICAL_RENDITION_NOT_PERFORMED:
		return NDR_CONVERSION;
	case REASON_RESTRICTED_DELIVERY:
		return NDR_RESTRICTED;
	case REASON_TRANSFER_FAILURE_FOR_SECURITY_REASON:
		return NDR_SECURITY;
	default:
		return NDR_OTHER;
	}
}

/* ndr_of_report - find the code for a reason and diagnostic */
enum ndr_code
ndr_of_report(int reason, int diagnostic)
{
	/* The reason decides here, as its diagnostics say nothing of deferred
	 * delivery. */
	if (reason == REASON_DEFERRED_DELIVERY_NOT_PERFORMED)
		return NDR_DEFERRED;
	switch (diagnostic) {
	case DIAGNOSTIC_UNRECOGNISED_OR_NAME:
	case DIAGNOSTIC_AMBIGUOUS_OR_NAME:
		return NDR_UNKNOWN_ADDRESS;
	case DIAGNOSTIC_MTS_CONGESTION:
		return NDR_CONTENTION;
	case DIAGNOSTIC_LOOP_DETECTED:
		return NDR_CIRCULAR_ROUTE;
	case DIAGNOSTIC_RECIPIENT_UNAVAILABLE:
		return NDR_NO_MAILBAG;
	case DIAGNOSTIC_MAXIMUM_TIME_EXPIRED:
	case DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER:
	case DIAGNOSTIC_TRANSFER_ATTEMPTS_LIMIT_REACHED:
		return NDR_RETRY_COUNT;
	case DIAGNOSTIC_CONTENT_TOO_LONG:
	case DIAGNOSTIC_SIZE_CONSTRAINT_VIOLATION:
		return NDR_TOO_LARGE;
	case DIAGNOSTIC_CONTENT_SYNTAX_ERROR:
	case DIAGNOSTIC_PROTOCOL_VIOLATION:
		return NDR_CORRUPT;
	case DIAGNOSTIC_NO_BILATERAL_AGREEMENT:
		return NDR_NO_ROUTE;
	case DIAGNOSTIC_EITS_UNSUPPORTED:
	case DIAGNOSTIC_CONTENT_TYPE_NOT_SUPPORTED:
	case DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION:
		return NDR_UNSUPPORTED;
	default:
		return ndr_of_reason(reason);
	}
}

/* ndr_of_file - find the code for what was wrong with a file */
enum ndr_code
ndr_of_file(const struct mmff_diag *diag)
{
	if (diag->truncated)
		return NDR_CORRUPT;
	switch (diag->code) {
	case MMFF_ADDRESS:
		return NDR_UNKNOWN_ADDRESS;
	case MMFF_TOO_BIG:
		return NDR_TOO_LARGE;
	case MMFF_XTEXT:
	case MMFF_OPEN:
		return NDR_NO_ATTACHMENT_FILE;
	case MMFF_NONE:
	case MMFF_TOKEN:
	case MMFF_UNMATCHED:
	case MMFF_PARSER:
	case MMFF_LINE:
		break;
	}
	return NDR_UNPARSABLE;
}
