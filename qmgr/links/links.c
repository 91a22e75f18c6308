/* SPDX-License-Identifier: ISC */
/*
 * links.c - the table of the links, and what the configuration says of them
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "mhs/or_address.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"
#include "qmgr/links/rounds.h"
#include "store/store.h"

/* Postoffices and applications have no settings of their own for these. */
#define LOCAL_OPEN_INTERVAL	   (60 * 1000)
#define MIXER_THRESHOLD		   20 /* messages, for one connection more */
#define MIXER_LIFETIME		   (100 * 1000) /* servers wait for 300 s */
#define LOCAL_OPEN_RETRIES	   1440
#define LOCAL_TRANSFER_INTERVAL	   (120 * 1000)
#define LOCAL_TRANSFER_RETRIES	   2
#define LOCAL_ASSOCIATION_LIFETIME (300 * 1000)

/* link_table_init - begin with no links */
void
link_table_init(struct links *links)
{
	*links = (struct links){0};
	TAILQ_INIT(&links->touched);
}

/* free_link - free a link and what belongs to it; NULL is allowed */
static void
free_link(struct link *link)
{
	if (link == NULL)
		return;
	if (link->timer != NULL)
		event_free(link->timer);
	for (int p = 0; p < STORE_PRIORITIES; p++)
		rounds_free(link->expiry[p].rounds);
	rounds_free(link->reroute_rounds);
	free(link->postoffice);
	free(link);
}

/* link_table_fini - free all */
void
link_table_fini(struct links *links)
{
	for (uint32_t i = 0; i < links->limit; i++)
		free_link(links->by_number[i]);
	free(links->by_number);
	link_table_init(links);
}

/* strips_internal_trace - decide whether internal trace stays here: it is for
 * the MTAs of one domain (X.411 12.2.1.1), and names them to others */
static bool
strips_internal_trace(
    const struct conf_link *conf, const struct conf_address *ours)
{
	switch (conf->strip_internal_trace) {
	case CONF_STRIP_NO:
		return false;
	case CONF_STRIP_YES:
		return true;
	case CONF_STRIP_AUTO:
		break;
	}
	/* Without a remote domain nobody knows whether the peer is of this one,
	 * and trace is more useful than it harms. */
	return conf->remote_domain.address != NULL &&
	    or_address_compare(conf->remote_domain.address, ours->address) != 0;
}

/* policy_of_link - make the policy of an X.400 connector of its section, and of
 * what its peer was seen to do */
static struct link_policy
policy_of_link(const struct conf_link *conf, const struct conf_address *ours,
    enum store_tagging known)
{
	return (struct link_policy){
	    .cost = conf->cost,
	    .associations = conf->associations,
	    .threshold = conf->threshold,
	    .open_interval = conf->open_interval,
	    .open_retries = conf->open_retries,
	    .transfer_interval = conf->transfer_interval,
	    .transfer_retries = conf->transfer_retries,
	    .association_lifetime = conf->association_lifetime,
	    .recovery_timeout = conf->recovery_timeout,
	    .max_size = conf->max_size,
	    .hold_refused = conf->refused_message == CONF_REFUSED_HOLD,
	    .explicit_extensions =
		conf->extension_tagging == CONF_TAGGING_EXPLICIT ||
		(conf->extension_tagging == CONF_TAGGING_AUTO &&
		    known == STORE_TAGGING_EXPLICIT),
	    .strips_internal_trace = strips_internal_trace(conf, ours),
	    .strips_bilateral = conf->strip_bilateral == CONF_STRIP_YES,
	    .of_1984 = conf->mode == CONF_MODE_1984,
	    .schedule = conf->schedule,
	};
}

/* policy_of_local - make the policy of what is served on this machine: a
 * postoffice or an application */
static struct link_policy
policy_of_local(void)
{
	return (struct link_policy){
	    .associations = 1,
	    .open_interval = LOCAL_OPEN_INTERVAL,
	    .open_retries = LOCAL_OPEN_RETRIES,
	    .transfer_interval = LOCAL_TRANSFER_INTERVAL,
	    .transfer_retries = LOCAL_TRANSFER_RETRIES,
	    .association_lifetime = LOCAL_ASSOCIATION_LIFETIME,
	    .schedule = {.kind = CONF_SCHEDULE_ALWAYS},
	};
}

/* policy_of_list - make the policy of a distribution list, which is expanded
 * here */
static struct link_policy
policy_of_list(void)
{
	return (struct link_policy){.schedule = {.kind = CONF_SCHEDULE_ALWAYS}};
}

/* make_room - have places for numbers up to and including number */
static int
make_room(struct links *links, uint32_t number)
{
	struct link **more;
	/* Room for more than one, because numbers are given in a row. */
	uint32_t limit = number + 64;

	/* Numbers are the store's and never given twice, so that an array by
	 * number is enough. */
	if (number < links->limit)
		return 0;
	more = reallocarray(links->by_number, limit, sizeof(struct link *));
	if (more == NULL)
		return ERR_NOMEM;
	for (uint32_t i = links->limit; i < limit; i++)
		more[i] = NULL;
	links->by_number = more;
	links->limit = limit;
	return 0;
}

/* ensure_link - find the link of a number, or make it */
static struct link *
ensure_link(struct qmgr *qmgr, uint32_t number, const char *name)
{
	struct link *link = link_get(&qmgr->links, number);

	if (link != NULL)
		return link;
	if (make_room(&qmgr->links, number) < 0)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (link == NULL)
		return NULL;
	link->qmgr = qmgr;
	link->number = number;
	link->kind = LINK_GONE;
	/* Gone until a section of the configuration claims it, so that nothing
	 * is sent by it meanwhile. */
	snprintf(link->name, sizeof(link->name), "%s", name);
	TAILQ_INIT(&link->assocs);
	TAILQ_INIT(&link->suspects);
	qmgr->links.by_number[number] = link;
	return link;
}

/* number_of - find the store's number of a name, or give it one */
static int
number_of(struct store *store, const char *name, uint32_t *number)
{
	struct store_link known;
	int rc = store_link_find(store, name, &known);

	if (rc == ERR_NOTFOUND)
		return store_link_create(store, name, number);
	if (rc == 0)
		*number = known.number;
	return rc;
}

/* name_link - find the link of a section, or make it; *link is nothing yet */
static int
name_link(
    struct qmgr *qmgr, const char *kind, const char *name, struct link **link)
{
	char full[STORE_LINK_NAME_MAX];
	uint32_t number;
	int rc;

	snprintf(full, sizeof(full), "%s%s", kind, name);
	rc = number_of(qmgr->store, full, &number);
	/* A renumbered link would lose what is queued for it. */
	if (rc < 0)
		return rc;
	*link = ensure_link(qmgr, number, full);
	return *link == NULL ? ERR_NOMEM : 0;
}

/* read_tagging - read what is known of a link's peer, and forget it where the
 * section says how its extensions are tagged */
static int
read_tagging(struct store *store, uint32_t number,
    const struct conf_link *section, enum store_tagging *tagging)
{
	struct store_link known;
	int rc = store_link_get(store, number, &known);

	/* The administrator has decided, so what was learnt of the peer no
	 * longer counts. */
	if (rc == 0 && section->extension_tagging != CONF_TAGGING_AUTO &&
	    known.tagging != STORE_TAGGING_UNKNOWN) {
		known.tagging = STORE_TAGGING_UNKNOWN;
		rc = store_link_set_tagging(store, &known);
	}
	if (rc == 0)
		*tagging = known.tagging;
	return rc;
}

/* configure_links - make each connector of the configuration a link */
static int
configure_links(struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	int rc = 0;

	for (size_t i = 0; i < conf->link_count && rc == 0; i++) {
		const struct conf_link *section = &conf->links[i];
		enum store_tagging tagging = STORE_TAGGING_UNKNOWN;
		struct link *link;

		rc = name_link(qmgr, "", section->name, &link);
		if (rc == 0)
			rc = read_tagging(
			    qmgr->store, link->number, section, &tagging);
		if (rc < 0)
			break;
		link->x400 = section;
		link->kind = LINK_X400;
		link->policy =
		    policy_of_link(section, &conf->mta.domain, tagging);
	}
	return rc;
}

/* configure_msmails - make each postoffice a link */
static int
configure_msmails(struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	int rc = 0;

	for (size_t i = 0; i < conf->msmail_count && rc == 0; i++) {
		struct link *link;

		rc = name_link(qmgr, "msmail/", conf->msmails[i].name, &link);
		if (rc < 0)
			break;
		link->msmail = &conf->msmails[i];
		link->kind = LINK_MSMAIL;
		link->policy = policy_of_local();
	}
	return rc;
}

/* configure_applications - make each application a link */
static int
configure_applications(struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	int rc = 0;

	for (size_t i = 0; i < conf->application_count && rc == 0; i++) {
		const struct conf_application *section = &conf->applications[i];
		struct link *link;

		rc = name_link(qmgr, "application/", section->name, &link);
		if (rc < 0)
			break;
		link->application = section;
		link->kind = LINK_APPLICATION;
		link->policy = policy_of_local();
		link->policy.cost = section->cost;
		link->policy.max_size = section->max_size;
		link->policy.outstanding = section->outstanding;
		link->policy.asked = section->path[0] == '\0';
	}
	return rc;
}

/* configure_mixers - make each gateway a link */
static int
configure_mixers(struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	int rc = 0;

	for (size_t i = 0; i < conf->mixer_count && rc == 0; i++) {
		const struct conf_mixer *section = &conf->mixers[i];
		struct link *link;

		rc = name_link(qmgr, "mixer/", section->name, &link);
		if (rc < 0)
			break;
		link->mixer = section;
		link->kind = LINK_MIXER;
		link->policy = policy_of_local();
		link->policy.cost = section->cost;
		link->policy.associations = section->connections;
		link->policy.threshold = MIXER_THRESHOLD;
		link->policy.association_lifetime = MIXER_LIFETIME;
	}
	return rc;
}

/* configure_lists - make each distribution list a link */
static int
configure_lists(struct qmgr *qmgr)
{
	const struct conf *conf = qmgr->conf;
	int rc = 0;

	for (size_t i = 0; i < conf->list_count && rc == 0; i++) {
		struct link *link;

		rc = name_link(qmgr, "list/", conf->lists[i].name, &link);
		if (rc < 0)
			break;
		link->list = &conf->lists[i];
		link->kind = LINK_LIST;
		link->policy = policy_of_list();
	}
	return rc;
}

/* configure_all - make every section of the configuration a link, in a
 * transaction */
static int
configure_all(struct qmgr *qmgr)
{
	int rc = configure_links(qmgr);

	if (rc == 0)
		rc = configure_msmails(qmgr);
	if (rc == 0)
		rc = configure_applications(qmgr);
	if (rc == 0)
		rc = configure_mixers(qmgr);
	return rc == 0 ? configure_lists(qmgr) : rc;
}

/* adopt_gone - make links of those that the store alone knows */
static int
adopt_gone(struct qmgr *qmgr)
{
	struct store_link known;

	for (uint32_t n = 1; n <= store_link_count(qmgr->store); n++) {
		/* Only links with messages are kept, or the table would hold
		 * every link there ever was. */
		if (store_link_get(qmgr->store, n, &known) < 0 ||
		    link_get(&qmgr->links, n) != NULL ||
		    store_link_total(qmgr->store, n).messages == 0)
			continue;
		if (ensure_link(qmgr, n, known.name) == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

/* link_table_configure - have a link for each that is configured or has
 * messages */
int
link_table_configure(struct qmgr *qmgr)
{
	struct link *link;
	int rc;

	/* Gone until it is named again; links that are not named keep their
	 * messages until those have left. */
	for (link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		link->kind = LINK_GONE;
		link->x400 = NULL;
		link->msmail = NULL;
		link->application = NULL;
		link->mixer = NULL;
		link->list = NULL;
	}
	/* The numbers of new links are committed before any message can name
	 * them. */
	rc = store_begin(qmgr->store);
	if (rc < 0)
		return rc;
	rc = configure_all(qmgr);
	if (rc == 0)
		rc = store_commit(qmgr->store);
	/* Without the commit no new number is valid, and the start fails. */
	else
		store_abort(qmgr->store);
	return rc == 0 ? adopt_gone(qmgr) : rc;
}

/* link_get - get the link of a number, or NULL */
struct link *
link_get(const struct links *links, uint32_t number)
{
	return number < links->limit ? links->by_number[number] : NULL;
}

/* link_find - find the link of a name, or NULL */
struct link *
link_find(const struct links *links, const char *name)
{
	/* Names are looked up by people and at a reload alone. */
	for (uint32_t i = 0; i < links->limit; i++)
		if (links->by_number[i] != NULL &&
		    strcmp(links->by_number[i]->name, name) == 0)
			return links->by_number[i];
	return NULL;
}

/* link_from - find the first link whose number is at least this, or NULL */
static struct link *
link_from(const struct links *links, uint32_t number)
{
	for (uint32_t i = number; i < links->limit; i++)
		if (links->by_number[i] != NULL)
			return links->by_number[i];
	return NULL;
}

/* link_first - find the first link in order of number; NULL: there is none */
struct link *
link_first(const struct links *links)
{
	return link_from(links, 0);
}

/* link_next - find the link after another, or NULL */
struct link *
link_next(const struct links *links, const struct link *link)
{
	return link_from(links, link->number + 1);
}

/* link_touch - look at it at the end of this step */
void
link_touch(struct qmgr *qmgr, struct link *link)
{
	/* Once is enough: the end of the step looks at the whole link. */
	if (link->touched)
		return;
	link->touched = true;
	TAILQ_INSERT_TAIL(&qmgr->links.touched, link, touched_entry);
}

/* begin_rerouting - have the sweep begin with the first message of a link */
static void
begin_rerouting(struct qmgr *qmgr, struct link *link)
{
	link->rerouting = true;
	link->reroute_cursor = 0;
	link->reroute_priority = STORE_URGENT;
	rounds_free(link->reroute_rounds);
	link->reroute_rounds = NULL;
	qmgr->links.rerouting = true;
	qmgr->again = true;
}

/* link_reroute - have what is queued for a link routed again */
void
link_reroute(struct qmgr *qmgr, struct link *link)
{
	/* Messages for a link that was disabled when we started came
	 * there because there was no other route. */
	if ((link->rerouting && !link->reroute_learnt) ||
	    (qmgr->routes == NULL && link->kind != LINK_GONE))
		return;
	link->reroute_learnt = false;
	begin_rerouting(qmgr, link);
}

/* link_reroute_learnt - have what has a better way now than this link routed
 * again */
void
link_reroute_learnt(struct qmgr *qmgr, struct link *link)
{
	/* From a link that is out all messages are routed again. */
	if (link->rerouting && !link->reroute_learnt)
		return;
	link->reroute_learnt = true;
	begin_rerouting(qmgr, link);
}

/* link_out - tell whether messages should take another route than a link */
bool
link_out(const struct link *link)
{
	return link->kind == LINK_GONE || link->state == LINK_DISABLED ||
	    link->policy.schedule.kind == CONF_SCHEDULE_NEVER ||
	    (link->open_failures > 0 &&
		link->open_failures > link->policy.open_retries);
}

/* link_two_way - tell whether one association of a link carries messages both
 * ways */
bool
link_two_way(const struct link *link)
{
	return link->x400 != NULL &&
	    link->x400->dialogue == CONF_DIALOGUE_TWO_WAY_ALTERNATE;
}
