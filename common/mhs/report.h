/* SPDX-License-Identifier: ISC */
/*
 * report.h - what a report says (X.411 12.2.1.3, ReportTransferContent)
 *
 * The envelope of a report is a struct p1_envelope.  Slices borrow from the
 * octets that were decoded or from the arena.
 */
#ifndef FOURPOST_MHS_REPORT_H
#define FOURPOST_MHS_REPORT_H

#include "mhs/p1.h"

#define REPORT_SUPPLEMENTARY_MAX 256 /* what we write; more is read */

/* NonDeliveryReasonCode */
enum report_reason {
	REASON_TRANSFER_FAILURE = 0,
	REASON_UNABLE_TO_TRANSFER = 1,
	REASON_CONVERSION_NOT_PERFORMED = 2,
	REASON_PHYSICAL_RENDITION_NOT_PERFORMED = 3,
	REASON_PHYSICAL_DELIVERY_NOT_PERFORMED = 4,
	REASON_RESTRICTED_DELIVERY = 5,
	REASON_DIRECTORY_OPERATION_UNSUCCESSFUL = 6,
	REASON_DEFERRED_DELIVERY_NOT_PERFORMED = 7,
	REASON_TRANSFER_FAILURE_FOR_SECURITY_REASON = 8
};

/* NonDeliveryDiagnosticCode: those that we say ourselves */
enum report_diagnostic {
	DIAGNOSTIC_NONE = -1, /* the element is absent */
	DIAGNOSTIC_UNRECOGNISED_OR_NAME = 0,
	DIAGNOSTIC_AMBIGUOUS_OR_NAME = 1,
	DIAGNOSTIC_MTS_CONGESTION = 2,
	DIAGNOSTIC_LOOP_DETECTED = 3,
	DIAGNOSTIC_RECIPIENT_UNAVAILABLE = 4,
	DIAGNOSTIC_MAXIMUM_TIME_EXPIRED = 5,
	DIAGNOSTIC_EITS_UNSUPPORTED = 6,
	DIAGNOSTIC_CONTENT_TOO_LONG = 7,
	DIAGNOSTIC_CONVERSION_IMPRACTICAL = 8,
	DIAGNOSTIC_IMPLICIT_CONVERSION_PROHIBITED = 9,
	DIAGNOSTIC_INVALID_ARGUMENTS = 11,
	DIAGNOSTIC_CONTENT_SYNTAX_ERROR = 12,
	DIAGNOSTIC_SIZE_CONSTRAINT_VIOLATION = 13,
	DIAGNOSTIC_PROTOCOL_VIOLATION = 14,
	DIAGNOSTIC_CONTENT_TYPE_NOT_SUPPORTED = 15,
	DIAGNOSTIC_TOO_MANY_RECIPIENTS = 16,
	DIAGNOSTIC_NO_BILATERAL_AGREEMENT = 17,
	DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION = 18,
	DIAGNOSTIC_CONVERSION_WITH_LOSS_PROHIBITED = 19,
	DIAGNOSTIC_RECIPIENT_REASSIGNMENT_PROHIBITED = 26,
	DIAGNOSTIC_REDIRECTION_LOOP_DETECTED = 27,
	DIAGNOSTIC_DL_EXPANSION_PROHIBITED = 28,
	DIAGNOSTIC_NO_DL_SUBMIT_PERMISSION = 29,
	DIAGNOSTIC_UNABLE_TO_DOWNGRADE = 47,
	DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER = 48,
	DIAGNOSTIC_TRANSFER_ATTEMPTS_LIMIT_REACHED = 49
};

/* type-of-MTS-user */
enum report_user {
	REPORT_USER_PUBLIC = 0,
	REPORT_USER_PRIVATE = 1,
	REPORT_USER_MS = 2,
	REPORT_USER_DL = 3,
	REPORT_USER_PDAU = 4,
	REPORT_USER_PHYSICAL = 5,
	REPORT_USER_OTHER = 6
};

struct report_recipient {
	struct or_name actual;
	int number;
	uint32_t indicators;	     /* P1_RESPONSIBILITY … */
	int64_t arrival;	     /* last-trace: seconds since 1970 */
	struct slice converted_eits; /* the element, or empty */
	bool delivered;
	int64_t delivery_time; /* delivered */
	int user_type;	       /* delivered; enum report_user */
	int reason;	       /* not delivered; enum report_reason */
	int diagnostic;	       /* not delivered; or DIAGNOSTIC_NONE */
	bool has_intended;
	struct or_name intended;    /* originally */
	struct slice supplementary; /* or empty */
	struct extension_list extensions;
};

struct report {
	struct mts_identifier subject;
	bool has_trace;
	struct trace trace;	    /* subject-intermediate-trace-information */
	struct slice original_eits; /* the element, or empty */
	bool has_content_type;
	struct p1_content_type content_type;
	struct slice content_identifier; /* or empty */
	bool has_content;
	struct slice content;	 /* returned-content */
	struct slice additional; /* additional-information [2], raw, or empty */
	struct extension_list extensions;
	struct report_recipient *recipients;
	size_t recipient_count;
};

/* report_init - empty */
void report_init(struct report *report);

/* report_recipient_init - set up a recipient: not delivered, no diagnostic,
 * no times */
void report_recipient_init(struct report_recipient *recipient);

/*
 * report_decode - read a ReportTransferContent, the one element in octets
 *
 * A returned content of constructed form is joined in the arena.
 */
int report_decode(struct slice octets, struct arena *arena,
    struct report *report, struct diag *diag) WARN_UNUSED;

/* report_encode - append it as a SET.  ERR_VALUE without recipients */
int report_encode(const struct report *report, enum extension_tagging tagging,
    struct buffer *out) WARN_UNUSED;

/* Codes in the words of X.411: "unable-to-transfer"; NULL if unknown. */
const char *report_reason_name(int reason);
const char *report_diagnostic_name(int diagnostic);

/* report_describe - put into words: "unable-to-transfer:
 * unrecognised-OR-name", or "delivered",
 * into text; numbers where there is no name */
#define REPORT_TEXT 160
void report_describe(
    const struct report_recipient *recipient, char text[REPORT_TEXT]);

#endif
