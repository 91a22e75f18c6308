/* SPDX-License-Identifier: ISC */
/*
 * control_switch.c - links disabled and enabled by the tools
 */
#include <stdlib.h>

#include "ipc/exit_status.h"
#include "qmgr/answer.h"
#include "qmgr/control_change.h"
#include "qmgr/engine/rights.h"
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "store/store.h"

struct switching {
	struct commit_member member;
	struct client *client;
	struct link *link;
	bool disabled;
};

/* apply_switch - write the flag of a link */
static int
apply_switch(struct qmgr *qmgr, struct commit_member *member)
{
	struct switching *s = (struct switching *)member;
	struct store_link known;
	int rc = store_link_get(qmgr->store, s->link->number, &known);

	if (rc < 0)
		return rc;
	if (s->disabled)
		/* Other flags of the link stay as they are. */
		known.flags |= STORE_LINK_DISABLED;
	else
		known.flags &= ~STORE_LINK_DISABLED;
	return store_link_set_flags(qmgr->store, known.number, known.flags);
}

/* done_switch - disable or enable a link whose flag is committed */
static void
done_switch(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct switching *s = (struct switching *)member;

	s->client->waiting--;
	if (result == 0) {
		schedule_event(qmgr, s->link,
		    s->disabled ? LINK_EV_DISABLE : LINK_EV_ENABLE);
		/* The schedule of the link may not allow it now. */
		if (!s->disabled)
			schedule_configured(qmgr, s->link);
		rights_changed(s->client,
		    slice_of_string(s->disabled ? "disable" : "enable"),
		    s->link->name);
		answer_done(s->client, EXIT_STATUS_DONE, "", 0);
	} else
		answer_done(s->client, EXIT_STATUS_REFUSED,
		    store_reason(qmgr->store), 0);
	free(s);
}

/* control_switch - disable or enable a link, beyond restarts */
int
control_switch(struct client *client, struct link *link, enum control_switch to)
{
	struct switching *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->client = client;
	s->link = link;
	s->disabled = to == CONTROL_DISABLE;
	s->member.order = COMMIT_CONTROL;
	s->member.apply = apply_switch;
	s->member.done = done_switch;
	client->waiting++;
	commit_add(client->qmgr, &s->member);
	return 0;
}
