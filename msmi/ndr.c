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
	}
	return "not delivered";
}

/* ndr_of_report - find the code for a reason and diagnostic */
enum ndr_code
ndr_of_report(int reason, int diagnostic)
{
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
	default:
		break;
	}
	return reason == REASON_TRANSFER_FAILURE ? NDR_RETRY_COUNT
						 : NDR_UNPARSABLE;
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
