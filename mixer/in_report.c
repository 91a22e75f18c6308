/* SPDX-License-Identifier: ISC */
/*
 * in_report.c - delivery status notifications as reports
 *
 * Only what has no sender can be one (RFC 3461 6.2).  qmgr takes it if it is
 * about a message that this gateway has passed on for that originator.
 */
#include "mixer/in.h"
#include "mixer/status_in.h"

/* in_report_make - make the report that a notification is */
int
in_report_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content)
{
	struct report report;
	int error;

	if (in->plan.status != MESSAGE_STATUS_DELIVERY ||
	    in->server.mail.from[0] != '\0')
		return ERR_NOTFOUND;
	error = status_to_report(
	    &in->mixer.mapping, in->plan.status_text, &in->arena, &report);
	if (error == 0)
		error = in_envelope_report(in, &recipient->address, envelope);
	return error != 0 ? error
			  : report_encode(&report, EXTENSION_IMPLICIT, content);
}
