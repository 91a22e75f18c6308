/* SPDX-License-Identifier: ISC */
/*
 * association_close.c - orderly release
 *
 * RLRQ in FN, RLRE in DN, then the initiator's DR (X.227 7.2, X.225 7.5).
 */
#include "osi/acse.h"
#include "osi/association_internal.h"

#define RELEASE_WAIT 5000 /* ms, until the peer disconnects */

/* put_release - write FN with RLRQ, or DN with RLRE */
static int
put_release(struct association *a, enum session_kind kind, enum acse_kind acse)
{
	struct association_internal *in = a->internal;
	struct acse_apdu apdu = {.kind = acse, .reason = 0};
	struct session_pdu pdu = {.kind = kind, .has = SESSION_HAS_USER_DATA};
	struct buffer *work = &in->scratch[1];
	int error;

	if (kind == SESSION_FINISH) {
		pdu.has |= SESSION_HAS_TRANSPORT;
		pdu.transport = SESSION_RELEASE_TRANSPORT;
	}
	if (association_is_x410(a)) {
		/* X.410 mode has no ACSE: the FN is bare. */
		pdu.has &= ~SESSION_HAS_USER_DATA;
		return association_put_pdu(a, &pdu);
	}
	buffer_reset(&in->scratch[0]);
	buffer_reset(work);
	if ((error = acse_encode(&apdu, &in->scratch[0])) < 0 ||
	    (error = presentation_encode_data(
		 in->agreed.acse_id, buffer_slice(&in->scratch[0]), work)) < 0)
		return association_failed(a, error);
	pdu.user_data = buffer_slice(work);
	return association_put_pdu(a, &pdu);
}

/*
 * await_disconnect - wait for an answer, and pass over requests for the turn
 *
 * Those may cross with the FN: they are noted, and answered by nothing.
 */
static int
await_disconnect(
    struct association *a, struct association_item *item, uint64_t deadline)
{
	for (;;) {
		int error = association_await(a, item, deadline);

		if (error == 0 && deadline <= clock_monotonic())
			error = ERR_TIMEOUT;
		/* Anything but a request for the turn is the answer, or its
		 * failure. */
		if (error < 0 || item->kind != ITEM_PDU ||
		    item->pdu.kind != SESSION_PLEASE_TOKENS)
			return error;
		error = association_take_please(a, &item->pdu);
		if (error < 0)
			return error;
	}
}

/* association_release - release the association in order, as its initiator */
int
association_release(struct association *a)
{
	struct association_internal *in = a->internal;
	struct association_item item;
	uint64_t deadline;
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_OPEN)) < 0)
		return error;
	/* Only an initiator that has all tokens may release (X.225 7.5). */
	if (a->role != ASSOCIATION_INITIATOR || !a->turn)
		return ERR_STATE;
	deadline = clock_after(in->parameters.disconnect_timeout);
	if ((error = put_release(a, SESSION_FINISH, ACSE_RLRQ)) < 0)
		return error;
	association_awaits(
	    a, ASSOCIATION_LAYER_SESSION, "the answer to the FN");
	error = await_disconnect(a, &item, deadline);
	if (error == ERR_CANCELLED)
		association_abort(a, ASSOCIATION_ABORT_LOCAL);
	if (error < 0)
		return association_failed(a, error);
	if (item.kind == ITEM_PDU && item.pdu.kind == SESSION_ABORT)
		return association_aborted(a, &item.pdu);
	if (item.kind != ITEM_PDU || item.pdu.kind != SESSION_DISCONNECT)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: %s instead of a DN",
		    item.kind == ITEM_DATA ? "DT"
					   : session_name(item.pdu.kind));
	association_over(a,
	    ASSOCIATION_ENDING(
		0, ASSOCIATION_RELEASED, ASSOCIATION_LAYER_SESSION, -1),
	    "%s", "");
	/* The initiator disconnects, so that the responder's DN is read before
	 * the connection goes. */
	association_put_disconnect(a, COTP_REASON_NORMAL);
	(void)!association_write(a);
	return 0;
}

/* association_confirm_release - answer a release */
int
association_confirm_release(struct association *a)
{
	uint32_t wait;
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_RELEASING)) < 0)
		return error;
	if ((error = put_release(a, SESSION_DISCONNECT, ACSE_RLRE)) < 0)
		return error;
	association_over(a,
	    ASSOCIATION_ENDING(
		0, ASSOCIATION_RELEASED, ASSOCIATION_LAYER_SESSION, -1),
	    "%s", "");
	wait = a->internal->parameters.disconnect_timeout;
	/* The peer disconnects after our DN; closing first could reset it
	 * before it has read the DN. */
	association_drain(
	    a, clock_after(wait < RELEASE_WAIT ? wait : RELEASE_WAIT));
	return 0;
}
