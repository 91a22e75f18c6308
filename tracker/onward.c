/* SPDX-License-Identifier: ISC */
/*
 * onward.c - pages to the process that writes them where many machines' are
 */
#include "tracker/onward.h"

#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "tracker/outgoing.h"

/* Octets in its channel beyond which it is handed no more for now. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX / 2)
/* A server that is started again takes less than that. */
#define LASTED_MS 60000
#define SETTING	  "tracking-database"

/* onward_init - begin with nobody connected */
void
onward_init(struct onward *onward)
{
	*onward = (struct onward){
	    .channel = {.fd = -1}, .gone_at = clock_monotonic()};
}

/* onward_end - drop the connection */
void
onward_end(struct onward *onward)
{
	if (onward->channel.fd < 0)
		return;
	ipc_channel_fini(&onward->channel);
	onward->channel.fd = -1;
	onward->gone_at = clock_monotonic();
}

/* onward_begin - take over the channel of the process */
void
onward_begin(struct onward *onward, const struct ipc_channel *channel,
    const struct intake *intake)
{
	onward_end(onward);
	onward->channel = *channel;
	onward->opened = intake->opened;
	onward->sent = 0;
	onward->first = onward->count = 0;
}

/* hand_page - hand it the next page: 1, 0 there is none, or an error */
static int
hand_page(struct onward *onward, struct database *db)
{
	struct ipc_record record = {.type = IPC_TRACK_PAGE};
	struct outgoing_page page;
	unsigned at = (onward->first + onward->count) % TRACK_WINDOW;
	int rc = outgoing_next(db, onward->sent, &page);

	if (rc != 1)
		return rc;
	record.track_page.number = page.number;
	record.track_page.page = page.octets;
	record.track_page.queue = page.queue;
	rc = ipc_channel_send(&onward->channel, &record);
	if (rc != 0)
		return rc;
	onward->ahead[at].number = page.number;
	onward->ahead[at].id = page.id;
	onward->count++;
	onward->sent = page.id;
	return 1;
}

/* onward_hand - hand it pages while it may have more */
void
onward_hand(struct onward *onward, struct intake *intake)
{
	struct database *db = &intake->db;
	int rc = 1;

	if (onward->channel.fd < 0 || db->db == NULL)
		return;
	/* In another file the ids are others. */
	if (onward->opened != intake->opened) {
		onward_end(onward);
		return;
	}
	while (rc == 1 && onward->count < TRACK_WINDOW &&
	    ipc_channel_pending(&onward->channel) < UNSENT_MAX)
		rc = hand_page(onward, db);
	/* The statement that was read last keeps the file locked. */
	(void)database_statement(db, STATEMENT_OUTGOING_NEXT);
	if (rc < 0 && rc != ERR_LIMIT)
		intake_failed(intake, rc);
	if (ipc_channel_flush(&onward->channel) != 0)
		onward_end(onward);
}

/* take_acknowledgement - delete what is where it was to go */
static void
take_acknowledgement(
    struct onward *onward, struct intake *intake, uint64_t number)
{
	int64_t id = 0;
	int rc;

	while (onward->count > 0 &&
	    onward->ahead[onward->first].number <= number) {
		id = onward->ahead[onward->first].id;
		onward->first = (onward->first + 1) % TRACK_WINDOW;
		onward->count--;
	}
	if (id == 0 || intake->db.db == NULL ||
	    onward->opened != intake->opened)
		return;
	/* A page that is not deleted is handed on again some time, and known
	 * there. */
	rc = outgoing_delete(&intake->db, id);
	if (rc != 0)
		intake_failed(intake, rc);
}

/* note_success - note that all gets there, and log it if the opposite was */
static void
note_success(struct onward *onward)
{
	onward->text[0] = '\0';
	if (onward->said)
		LOG_EVENT(EVENT_TRACKING_DATABASE_BACK,
		    LOG_STRING("setting", SETTING),
		    LOG_INT("seconds",
			(clock_monotonic() - onward->trouble_at) / 1000));
	onward->said = false;
}

/* note_trouble - note why nothing gets there, or that what is old stays */
static void
note_trouble(struct onward *onward, const struct ipc_problem *problem)
{
	/* Records get there while old days stay. */
	if (problem->weight == TRACK_TROUBLE_OLD_DAYS ||
	    onward->trouble == TRACK_TROUBLE_OLD_DAYS)
		note_success(onward);
	/* A reason that changes meanwhile is the same trouble. */
	if (onward->text[0] == '\0') {
		onward->since = clock_wall();
		onward->trouble_at = clock_monotonic();
	}
	onward->trouble = problem->weight;
	escape_printable(onward->text, sizeof(onward->text), problem->text);
}

/* onward_tell - log that nothing gets there, once that has lasted */
void
onward_tell(struct onward *onward, struct intake *intake)
{
	int64_t behind = 0;

	if (onward->text[0] == '\0' || onward->said ||
	    onward->trouble == TRACK_TROUBLE_OLD_DAYS ||
	    (onward->trouble == TRACK_TROUBLE_PASSES &&
		clock_monotonic() < onward->trouble_at + LASTED_MS))
		return;
	if (intake->db.db != NULL)
		(void)!outgoing_count(&intake->db, &behind);
	onward->said = true;
	LOG_EVENT(EVENT_TRACKING_DATABASE_AWAY, LOG_STRING("setting", SETTING),
	    LOG_STRING("reason", onward->text), LOG_INT("pages", behind));
}

/* take_record - take one record of the process */
static int
take_record(struct onward *onward, struct intake *intake,
    const struct ipc_record *record)
{
	if (record->type == IPC_TRACK_ACK) {
		take_acknowledgement(onward, intake, record->track_ack.number);
		return 0;
	}
	if (record->type != IPC_PROBLEM)
		return ERR_PROTOCOL;
	if (record->problem.text.len == 0)
		note_success(onward);
	else
		note_trouble(onward, &record->problem);
	return 0;
}

/* onward_serve - take what it has sent */
void
onward_serve(struct onward *onward, struct intake *intake)
{
	struct diag diag = {0};
	struct ipc_record record;
	int got = 0, error = ipc_channel_fill(&onward->channel);

	while (got >= 0 &&
	    (got = ipc_channel_take(&onward->channel, &record, &diag)) == 1)
		got = take_record(onward, intake, &record);
	if (got < 0 || (error != 0 && error != ERR_AGAIN))
		onward_end(onward);
	else
		onward_hand(onward, intake);
}
