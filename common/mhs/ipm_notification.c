/* SPDX-License-Identifier: ISC */
/*
 * ipm_notification.c - decode an interpersonal notification (X.420 8)
 *
 * Contract in ipm.h.
 */
#include "mhs/ipm.h"
#include "mhs/ipm_field.h"

/* get_common - read one of the fields that all notifications have */
static int
get_common(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_notification *n)
{
	switch (el->tag) {
	case BER_APP(11):
		return ipm_get_identifier(
		    reader, el, "subject-ipm", arena, &n->subject_ipm);
	case BER_CTX(1):
		return ipm_get_descriptor(
		    reader, el, "ipn-originator", arena, &n->originator);
	case BER_CTX(2):
		return ipm_get_descriptor(
		    reader, el, "ipm-intended-recipient", arena, &n->intended);
	default:
		return 0; /* converted types, extensions */
	}
}

/* get_receipt - read one of the fields of a receipt notification */
static int
get_receipt(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_notification *n)
{
	int64_t value;
	int error;

	if (el->tag == BER_CTX(0))
		return ipm_get_time(
		    reader, el, "receipt-time", arena, &n->receipt_time);
	if (el->tag == BER_CTX(1)) {
		if ((error = ber_get_integer(
			 reader, el, "acknowledgment-mode", 0, 1, &value)) < 0)
			return error;
		/* X.420: manual is 0, automatic 1. */
		n->automatic = value == 1;
	}
	return 0;
}

/* get_non_receipt - read one of the fields of a non-receipt notification */
static int
get_non_receipt(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_notification *n)
{
	int64_t value;
	int error;

	switch (el->tag) {
	case BER_CTX(0):
		if ((error = ber_get_integer(reader, el, "non-receipt-reason",
			 0, 32767, &value)) < 0)
			return error;
		n->reason = (int)value;
		return 0;
	case BER_CTX(1):
		if ((error = ber_get_integer(
			 reader, el, "discard-reason", 0, 32767, &value)) < 0)
			return error;
		n->discard_reason = (int)value;
		return 0;
	case BER_CTX(2):
		return ipm_get_printable(reader, el, "auto-forward-comment",
		    IPM_TEXT_MAX, arena, &n->comment);
	default:
		return 0;
	}
}

/* ipm_notification_decode - read a notification from its fields */
int
ipm_notification_decode(struct slice common, struct slice fields,
    enum ipm_notification_kind kind, struct arena *arena,
    struct ipm_notification *notification, struct diag *diag)
{
	struct ipm_notification n = {
	    .kind = kind,
	    .receipt_time = IPM_NO_TIME,
	    .reason = -1,
	    .discard_reason = -1,
	};
	struct ber_reader reader;
	struct ber_element el;
	int result, error;

	ber_reader_init(&reader, common, diag);
	while ((result = ber_next(&reader, &el)) > 0) {
		if ((error = get_common(&reader, &el, arena, &n)) < 0)
			return error;
	}
	if (result < 0)
		return result;
	ber_reader_init(&reader, fields, diag);
	while ((result = ber_next(&reader, &el)) > 0) {
		error = 0;
		if (kind == IPM_RECEIPT)
			error = get_receipt(&reader, &el, arena, &n);
		else if (kind == IPM_NON_RECEIPT)
			error = get_non_receipt(&reader, &el, arena, &n);
		if (error < 0)
			return error;
	}
	if (result < 0)
		return result;
	/* Both are mandatory: nothing else says what became of what. */
	if (n.subject_ipm.user.len == 0 && n.subject_ipm.local.len == 0)
		return diag_set(
		    diag, ERR_SYNTAX, "a notification that names no message");
	if (kind == IPM_NON_RECEIPT && n.reason < 0)
		return diag_set(diag, ERR_SYNTAX,
		    "a non-receipt notification without a reason");
	*notification = n;
	return 0;
}

/* ipm_notification_reason - put into words what a reason means */
const char *
ipm_notification_reason(const struct ipm_notification *n)
{
	if (n->kind == IPM_RECEIPT)
		return n->automatic ? "received, acknowledged automatically"
				    : "received";
	if (n->kind == IPM_OTHER_NOTIFICATION)
		return "advice of the recipient";
	if (n->reason == 1)
		return "forwarded automatically";
	if (n->reason > 1)
		return "not received";
	switch (n->discard_reason) {
	case 0:
		return "discarded: it had expired";
	case 1:
		return "discarded: it was obsoleted";
	case 2:
		return "discarded: the recipient's subscription has ended";
	case 3:
		return "discarded: deleted";
	default:
		return "discarded";
	}
}
