/* SPDX-License-Identifier: ISC */
/*
 * in_receipt.c - message disposition notifications as receipts
 *
 * A receipt is of a user, to whom the message came, so it comes from him and
 * not from the postmaster.  It is taken if it is about a message that X.400 may
 * have sent to him: the identifier has no user, or that whom the receipt goes
 * to.
 */
#include "mixer/in.h"
#include "mixer/message_id.h"
#include "mixer/or_name.h"
#include "mixer/status_in.h"

/* is_of - tell whether a message may be of that user */
static bool
is_of(struct in *in, const struct ipm_identifier *identifier,
    const struct or_address *user)
{
	struct or_name name;

	if (identifier->user.len == 0)
		return !message_id_is_cut(identifier);
	return or_name_of(identifier->user, &in->arena, &name) == 0 &&
	    or_address_compare(&name.address, user) == 0;
}

/* in_receipt_make - make the receipt that a notification is */
int
in_receipt_make(struct in *in, const struct in_recipient *recipient,
    struct buffer *envelope, struct buffer *content)
{
	struct ipm_notification notification;
	struct or_name from;
	int error;

	if (in->mixer.mapping.receipts == CONF_RECEIPTS_NONE)
		return ERR_NOTFOUND;
	error = status_to_notification(&in->mixer.mapping, in->plan.status_text,
	    &in->arena, &notification);
	if (error == 0 &&
	    !is_of(in, &notification.subject_ipm, &recipient->address))
		error = ERR_NOTFOUND;
	if (error == 0)
		error =
		    or_name_of(notification.originator.name, &in->arena, &from);
	if (error == 0)
		error = in_envelope_receipt(
		    in, &from, &recipient->address, envelope);
	return error != 0 ? error
			  : ipm_notification_encode(&notification, content);
}
