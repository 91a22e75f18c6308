/* SPDX-License-Identifier: ISC */
/*
 * ndr.h - non-delivery as Microsoft Mail tells of it: [code] and its text
 *
 * The codes are those of the PC MTA (Q165396, Q162841, Q163020, Q136004).
 */
#ifndef FOURPOST_MSMI_NDR_H
#define FOURPOST_MSMI_NDR_H

#include "msmi/mmff.h"

enum ndr_code {
	NDR_NO_MAILBAG = 1,
	NDR_UNKNOWN_ADDRESS = 2,
	NDR_HOP_COUNT = 3,
	NDR_CIRCULAR_ROUTE = 4,
	NDR_RETRY_COUNT = 5,
	NDR_CONTENTION = 8,
	NDR_TOO_LARGE = 9,
	NDR_CORRUPT = 12,
	NDR_NO_MESSAGE_FILE = 16,
	NDR_MAILBAG_FULL = 17,
	NDR_NO_ATTACHMENT_FILE = 18,
	NDR_NO_ROUTE = 21,
	NDR_UNPARSABLE = 29,
	/* No code of the PC MTA says these: they go by NDR_UNPARSABLE's number
	 * with a text of their own. */
	NDR_OTHER = 90,
	NDR_CONVERSION,
	NDR_RESTRICTED,
	NDR_SECURITY,
	NDR_UNSUPPORTED,
	NDR_DEFERRED
};

/* ndr_number - get the number that is shown for a code */
int ndr_number(enum ndr_code code);

/* ndr_text - name a code: "unknown address" */
const char *ndr_text(enum ndr_code code);

/* ndr_of_report - find the code for a reason and diagnostic of X.411 */
enum ndr_code ndr_of_report(int reason, int diagnostic);

/* ndr_of_file - find the code for what was wrong with a message file */
enum ndr_code ndr_of_file(const struct mmff_diag *diag);

#endif
