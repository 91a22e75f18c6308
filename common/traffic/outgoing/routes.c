/* SPDX-License-Identifier: ISC */
/*
 * routes.c - the routing update that is to go to the peer
 */
#include "traffic/outgoing/routes.h"

#include "mhs/transfer.h"
#include "traffic/outgoing/send.h"

/* routes_keep - keep an update until it can be sent */
void
routes_keep(struct traffic *traffic, const struct ipc_routes *routes)
{
	struct buffer *apdu = &traffic->out.routes;

	buffer_reset(apdu);
	/* A peer that did not agree to updates would take one for a message. */
	if (!traffic->association.further)
		return;
	/* Without memory the peer is told with the next one. */
	if (transfer_prefix(MTS_MESSAGE, routes->envelope, routes->update.len,
		TRANSFER_NO_EXTERNAL, apdu) < 0 ||
	    buffer_append(apdu, routes->update.data, routes->update.len) < 0)
		buffer_reset(apdu);
}

/* routes_wait - tell whether there is an update to send */
bool
/* On a recovered association only what was cut may pass. */
routes_wait(const struct traffic *traffic)
{
	return buffer_length(&traffic->out.routes) > 0 &&
	    traffic->association.further && !traffic->recovered &&
	    !traffic->out.retire;
}

/* send_apdu - transfer an APDU, from the activity's start to the peer's
 * confirmation */
static int
send_apdu(struct traffic *traffic, struct slice apdu)
{
	struct association *association = &traffic->association;
	uint64_t patience = traffic->link->transfer_timeout[CONF_NON_URGENT];
	/* As patient as with a message of that size and the lowest priority. */
	uint64_t deadline = clock_after((apdu.len / 1024 + 1) * patience);
	int error = association_send_start(association, apdu.len, deadline);

	if (error == 0)
		error = association_send_data(association, apdu);
	if (error == 0)
		error = association_send_end(association);
	return error != 0 ? error : association_send_finish(association);
}

/* routes_send - transfer the update */
int
routes_send(struct traffic *traffic)
{
	/* A newer one may come while this one is sent. */
	struct buffer apdu = traffic->out.routes;
	const struct ipc_record taken = {.type = IPC_ROUTES};
	int error;

	/* Emptied before sending, for a wait within may bring the next
	 * update. */
	buffer_init(&traffic->out.routes, OUTGOING_ROUTES_MAX);
	error = send_apdu(traffic, buffer_slice(&apdu));
	buffer_fini(&apdu);
	if (error != 0)
		return send_leave(traffic, error);
	/* Told after the peer's confirmation: qmgr takes the peer for reachable
	 * by it. */
	if (traffic_give(traffic, &taken) != 0)
		traffic_qmgr_gone(traffic);
	return 0;
}
