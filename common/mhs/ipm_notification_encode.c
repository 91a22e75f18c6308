/* SPDX-License-Identifier: ISC */
/*
 * ipm_notification_encode.c - encode an interpersonal notification (X.420 8)
 *
 * Contract in ipm.h.  Fields with their default value are left out.
 */
#include "ber/time.h"
#include "mhs/ipm.h"
#include "mhs/ipm_field.h"

/* put_receipt - write the fields of a receipt notification */
static void
put_receipt(struct ber_writer *writer, const struct ipm_notification *n)
{
	char text[UTC_TIME_LEN + 1];

	utc_time_format(n->receipt_time, text);
	ber_begin(writer, BER_CTX(1));
	ber_put_string(writer, BER_CTX(0), text);
	if (n->automatic)
		ber_put_integer(writer, BER_CTX(1), 1);
	ber_end_element(writer);
}

/* put_non_receipt - write the fields of a non-receipt notification */
static void
put_non_receipt(struct ber_writer *writer, const struct ipm_notification *n)
{
	ber_begin(writer, BER_CTX(0));
	ber_put_integer(writer, BER_CTX(0), n->reason);
	if (n->discard_reason >= 0)
		ber_put_integer(writer, BER_CTX(1), n->discard_reason);
	if (n->comment.len > 0)
		ber_put(writer, BER_CTX(2), n->comment);
	ber_end_element(writer);
}

/* has_name - tell whether a descriptor says anything */
static bool
has_name(const struct ipm_descriptor *descriptor)
{
	return descriptor->name.len > 0 || descriptor->free_form.len > 0 ||
	    descriptor->telephone.len > 0;
}

/* ipm_notification_encode - write a notification as a whole content */
int
ipm_notification_encode(const struct ipm_notification *n, struct buffer *out)
{
	struct ber_writer writer;

	if ((n->kind == IPM_RECEIPT && n->receipt_time == IPM_NO_TIME) ||
	    (n->kind == IPM_NON_RECEIPT && n->reason < 0))
		return ERR_VALUE;
	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_CTX(1));
	ipm_put_identifier(&writer, BER_APP(11), &n->subject_ipm);
	ber_begin(&writer, BER_CTX(0));
	if (n->kind == IPM_RECEIPT) {
		put_receipt(&writer, n);
	} else if (n->kind == IPM_NON_RECEIPT) {
		put_non_receipt(&writer, n);
	} else {
		ber_begin(&writer, BER_CTX(2));
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	if (has_name(&n->originator))
		ipm_put_descriptor(&writer, BER_CTX(1), &n->originator);
	if (has_name(&n->intended))
		ipm_put_descriptor(&writer, BER_CTX(2), &n->intended);
	ber_end_element(&writer);
	return ber_finish(&writer);
}
