/* SPDX-License-Identifier: ISC */
/*
 * route_check.c - what would become of a message to each of some addresses
 */
#include "qmgr/receiving/route_check.h"

#include <stdio.h>

#include "conf/conf_address.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/distribute.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/share.h"
#include "store/store.h"

#define ROOM_TEXT 256

/* A check, and what is found. */
struct checking {
	struct qmgr *qmgr;
	const struct ipc_route_check *asked;
	struct ipc_route_way *ways; /* of each address */
	struct p1_envelope envelope;
	size_t *places; /* of its recipients among the addresses */
};

/* refuse - say that an address cannot be served */
static void
refuse(struct checking *c, size_t index, enum cause cause, const char *text)
{
	c->ways[index] = (struct ipc_route_way){.result = IPC_WAY_REFUSED,
	    .reason = cause_reason(cause),
	    .diagnostic = cause_diagnostic(cause),
	    .text = slice_of_string(text)};
}

/* refuse_all - say that no address can be served */
static void
refuse_all(struct checking *c, enum cause cause, const char *text)
{
	for (size_t i = 0; i < c->asked->address_count; i++)
		refuse(c, i, cause, text);
}

/* add_recipient - make an address a recipient, or say what is wrong with it */
static int
add_recipient(struct checking *c, size_t index)
{
	struct arena *arena = &c->qmgr->arena;
	struct p1_recipient *to =
	    &c->envelope.recipients[c->envelope.recipient_count];
	struct diag diag = {0};
	int rc;

	*to = (struct p1_recipient){.number = (int)index + 1,
	    .explicit_conversion = -1,
	    .indicators = P1_RESPONSIBILITY};
	rc = or_address_parse(
	    c->asked->addresses[index], arena, &to->name.address, &diag);
	if (rc == ERR_NOMEM)
		return rc;
	if (rc < 0) {
		const char *text = arena_printf(arena, "%s", diag_text(&diag));

		refuse(c, index, CAUSE_NOBODY_SERVES,
		    text == NULL ? "no O/R address" : text);
		return 0;
	}
	c->places[c->envelope.recipient_count++] = index;
	return 0;
}

/* compose - make the envelope that is decided on */
static int
compose(struct checking *c)
{
	struct arena *arena = &c->qmgr->arena;
	size_t count = c->asked->address_count;
	int rc = 0;

	p1_init(&c->envelope, MTS_MESSAGE);
	c->envelope.content_type.built_in = P1_CONTENT_P22;
	c->ways = arena_array(arena, count, sizeof(*c->ways));
	c->places = arena_array(arena, count, sizeof(*c->places));
	c->envelope.recipients =
	    arena_array(arena, count, sizeof(*c->envelope.recipients));
	if (c->ways == NULL || c->places == NULL ||
	    c->envelope.recipients == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = add_recipient(c, i);
	return rc;
}

/* note_found - note what was decided */
static void
note_found(struct checking *c, const struct distribution *d)
{
	for (size_t i = 0; i < c->envelope.recipient_count; i++)
		if (d->links[i] != NULL)
			c->ways[c->places[i]] =
			    (struct ipc_route_way){.result = IPC_WAY_SERVED,
				.link = slice_of_string(d->links[i]->name)};
	for (size_t i = 0; i < d->verdict_count; i++) {
		const struct verdict *verdict = &d->verdicts[i];
		bool nobody =
		    verdict->reason == cause_reason(CAUSE_NOBODY_SERVES) &&
		    verdict->diagnostic ==
			cause_diagnostic(CAUSE_NOBODY_SERVES);

		c->ways[c->places[verdict->index]] = (struct ipc_route_way){
		    .result = nobody ? IPC_WAY_NO_ROUTE : IPC_WAY_REFUSED,
		    .reason = verdict->reason,
		    .diagnostic = verdict->diagnostic,
		    .text = verdict->text};
	}
}

/* decide - decide on all addresses that could be read */
static int
decide(struct checking *c, uint32_t from)
{
	struct placing placing;
	struct distribution d = {.envelope = &c->envelope,
	    .placing = &placing,
	    .mts_id = "",
	    .from_link = from,
	    .route_from = ROUTE_ANYWHERE,
	    .arrival = 1,
	    .content_length = c->asked->size};
	int rc;

	if (c->envelope.recipient_count == 0)
		return 0;
	/* Verdicts and records that a message would get are made here and
	 * dropped: there is none. */
	placing_init(&placing);
	rc = distribute_init(c->qmgr, &d);
	if (rc == 0)
		rc = distribute_decide(c->qmgr, &d);
	if (rc == 0)
		note_found(c, &d);
	placing_fini(&placing);
	return rc;
}

/* check_originator - read the originator, if there is one: 1; 0, he may not
 * submit, which all ways say; or an error */
static int
check_originator(struct checking *c, const struct link *link)
{
	const struct conf_application *section = link->application;
	struct or_address *address = &c->envelope.originator.address;
	int rc;

	if (c->asked->originator.len == 0)
		return 1;
	rc = or_address_parse(
	    c->asked->originator, &c->qmgr->arena, address, NULL);
	if (rc == ERR_NOMEM)
		return rc;
	if (rc == 0 &&
	    (section == NULL ||
		conf_addresses_cover(section->originators.count > 0
			? &section->originators
			: &section->address_space,
		    address)))
		return 1;
	refuse_all(c, CAUSE_BARRED,
	    rc < 0 ? "the originator is no O/R address"
		   : "not allowed: the originator is not among those of the "
		     "application");
	return 0;
}

/* add_room - say whether anything is taken from a client now */
static void
add_room(struct client *client, const struct ipc_route_check *asked,
    char text[ROOM_TEXT], struct ipc_route_answer *answer)
{
	struct qmgr *qmgr = client->qmgr;
	const struct share_request want = {.source = client->link->number,
	    .octets = asked->size,
	    .content = asked->size};
	enum share_answer share = share_ask(qmgr, &want);

	text[0] = '\0';
	if (share == SHARE_NEVER || share == SHARE_LATER) {
		share_text(qmgr, share, text, ROOM_TEXT);
		answer->room =
		    share == SHARE_NEVER ? IPC_ROOM_NEVER : IPC_ROOM_LATER;
	} else if (store_room(qmgr->store, STORE_INTAKE_UP, asked->size) != 0) {
		(void)snprintf(
		    text, ROOM_TEXT, "%s", store_reason(qmgr->store));
		answer->room = IPC_ROOM_LATER;
	}
	answer->text = slice_of_string(text);
}

/* route_check_take - answer a RouteCheck */
int
route_check_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct checking c = {
	    .qmgr = client->qmgr, .asked = &record->route_check};
	struct ipc_record answer = {.type = IPC_ROUTE_ANSWER};
	char text[ROOM_TEXT];
	int rc;

	if (c.asked->address_count > IPC_CHECK_MAX)
		return diag_set(diag, ERR_LIMIT, "too many addresses");
	if (client->link == NULL)
		return diag_set(diag, ERR_STATE, "no application");
	answer.route_answer.check = c.asked->check;
	if (c.asked->address_count == 0) {
		add_room(client, c.asked, text, &answer.route_answer);
		client_send(client, &answer);
		return 0;
	}
	arena_reset(&c.qmgr->arena);
	rc = compose(&c);
	if (rc == 0)
		rc = check_originator(&c, client->link);
	if (rc > 0)
		rc = decide(&c, client->link->number);
	if (rc < 0)
		return diag_set(diag, rc, "check: %s", error_strerror(rc));
	answer.route_answer.ways = c.ways;
	answer.route_answer.way_count = c.asked->address_count;
	client_send(client, &answer);
	return 0;
}
