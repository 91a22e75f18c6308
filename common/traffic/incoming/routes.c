/* SPDX-License-Identifier: ISC */
/*
 * routes.c - a routing update that comes in
 */
#include "traffic/incoming/routes.h"

#include "mhs/mts.h"
#include "mhs/route_update.h"

/* incoming_routes_begin - tell whether an envelope is that of an update */
bool
incoming_routes_begin(
    struct traffic *traffic, const struct p1_envelope *envelope)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* Only a peer that agreed to it at bind sends updates; from anybody
	 * else the same content is a message. */
	t->routes = traffic->association.further &&
	    envelope->kind == MTS_MESSAGE &&
	    envelope->content_type.built_in == P1_CONTENT_OID &&
	    slice_equal(envelope->content_type.oid, mts_routing_syntax);
	return t->routes;
}

/* incoming_routes_piece - keep a piece of the update */
int
incoming_routes_piece(struct traffic *traffic, struct slice piece)
{
	struct buffer *kept = &traffic->in.transfer.kept;

	if (buffer_length(kept) + piece.len > ROUTE_UPDATE_MAX)
		return ERR_LIMIT;
	return buffer_append(kept, piece.data, piece.len);
}

/* incoming_routes_end - give the update to qmgr, and answer the peer */
void
incoming_routes_end(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	/* An update is not committed: a neighbour repeats it, and routes are
	 * learnt afresh after a restart. */
	const struct ipc_record record = {
	    .type = IPC_ROUTES, .routes = {.update = buffer_slice(&t->kept)}};

	if (traffic_give(traffic, &record) != 0)
		traffic_qmgr_gone(traffic);
	t->state = INCOMING_NONE;
	t->routes = false;
	/* Confirmed even if qmgr is gone, since the next update says the
	 * same. */
	(void)!association_confirm_transfer(&traffic->association);
}
