/* SPDX-License-Identifier: ISC */
/*
 * tracker.c - the loop of the tracker: qmgr, tools, time
 */
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tracker/answer.h"
#include "tracker/outgoing.h"
#include "tracker/reply.h"
#include "tracker/tracker.h"

#define FLUSH_MS  5000	/* for the last acknowledgement */
#define TELL_MS	  2000	/* between two words on the database of many machines */
#define ABSENT_MS 15000 /* for its process to be started and to connect */

/* The places of descriptors in a round of the loop. */
enum {
	POLL_QMGR,
	POLL_LISTEN,
	POLL_ONWARD,
	POLL_TOOLS,
	POLL_COUNT = POLL_TOOLS + TRACKER_TOOLS
};

/* on_tick - tell master that we are alive, while long work is done */
static void
on_tick(void *arg)
{
	worker_tick(arg);
}

/* acknowledge - tell qmgr that all pages up to this one are kept */
static int
acknowledge(void *arg, uint64_t number)
{
	struct tracker *tracker = arg;
	const struct ipc_record record = {
	    .type = IPC_TRACK_ACK, .track_ack = {.number = number}};
	int error = ipc_channel_send(&tracker->qmgr, &record);

	return error != 0 ? error : ipc_channel_flush(&tracker->qmgr);
}

/* introduce - tell qmgr once what is kept, as soon as the database is open */
static int
introduce(struct tracker *tracker)
{
	struct database *db;
	uint64_t number = 0;

	if (tracker->introduced)
		return 0;
	db = intake_database(&tracker->intake, NULL);
	/* The tracker before this one may have ended before its last pages
	 * could outlive a power cut. */
	if (db == NULL || database_page(db, &number) != 0 ||
	    database_sync() != 0)
		return 0;
	tracker->introduced = true;
	return acknowledge(tracker, number);
}

/* take_settings - take for how long records are to be kept */
static int
take_settings(struct tracker *tracker, const struct ipc_settings *settings,
    struct diag *diag)
{
	struct conf *conf;
	int error = conf_parse_text(
	    settings->text, "settings", CONF_HANDED, &conf, diag);

	if (error != 0)
		return error;
	tracker->intake.days = conf->mta.tracking_days;
	tracker->intake.onward = *conf->mta.tracking_database != '\0';
	category_levels(conf->mta.log_levels);
	conf_free(tracker->conf);
	tracker->conf = conf;
	return 0;
}

/* take_record - take a record of qmgr */
static int
take_record(
    struct tracker *tracker, const struct ipc_record *record, struct diag *diag)
{
	if (record->type == IPC_TRACK_PAGE)
		return intake_take(&tracker->intake, &record->track_page);
	if (record->type == IPC_SETTINGS)
		return take_settings(tracker, &record->settings, diag);
	return diag_set(
	    diag, ERR_PROTOCOL, "%s from qmgr", ipc_type_name(record->type));
}

/* serve_qmgr - take what qmgr has sent */
static int
serve_qmgr(struct tracker *tracker)
{
	struct diag diag = {0};
	struct ipc_record record;
	int got, error = ipc_channel_fill(&tracker->qmgr);

	if (error == ERR_AGAIN)
		error = 0;
	while ((got = ipc_channel_take(&tracker->qmgr, &record, &diag)) == 1) {
		got = take_record(tracker, &record, &diag);
		if (got < 0)
			break;
	}
	if (got < 0) {
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason",
			diag.code != 0 ? diag_text(&diag)
				       : error_strerror(got)));
		return got;
	}
	return error != 0 ? error : ipc_channel_flush(&tracker->qmgr);
}

/* drop_tool - end a tool's connection */
static void
drop_tool(struct tracker_tool *tool)
{
	ipc_channel_fini(&tool->channel);
	*tool = (struct tracker_tool){.channel = {.fd = -1}};
}

/* take_onward - take over the connection of the process that writes pages where
 * many machines' are */
static int
take_onward(struct tracker *tracker, struct tracker_tool *tool)
{
	int error;

	/* Pages hold what a viewer alone may not have: all of it, and once. */
	if (!tool->ours)
		return ERR_DENIED;
	error =
	    ipc_channel_hello(&tool->channel, IPC_ROLE_TRACKER, "tracker", 0);
	if (error != 0)
		return error;
	onward_begin(&tracker->onward, &tool->channel, &tracker->intake);
	*tool = (struct tracker_tool){.channel = {.fd = -1}};
	onward_hand(&tracker->onward, &tracker->intake);
	return ERR_STATE;
}

/* tool_record - take a record of a tool */
static int
tool_record(struct tracker *tracker, struct tracker_tool *tool,
    const struct ipc_record *record)
{
	struct diag diag = {0};

	if (tool->greeted)
		return record->type == IPC_REQUEST
		    ? answer_request(
			  &tracker->intake, &tool->channel, &record->request)
		    : ERR_PROTOCOL;
	if (ipc_hello_check(record, &diag) != 0)
		return ERR_PROTOCOL;
	if (record->hello.role == IPC_ROLE_TRACKING_DATABASE)
		return take_onward(tracker, tool);
	if (record->hello.role != IPC_ROLE_TOOL)
		return ERR_PROTOCOL;
	tool->greeted = true;
	return ipc_channel_hello(
	    &tool->channel, IPC_ROLE_TRACKER, "tracker", 0);
}

/* serve_tool - read what a tool asks, answer, write */
static void
serve_tool(struct tracker *tracker, struct tracker_tool *tool)
{
	struct ipc_record record;
	struct diag diag = {0};
	int got = 0, error = ipc_channel_fill(&tool->channel);

	tool->heard = clock_monotonic();
	if (error == ERR_AGAIN)
		error = 0;
	/* A tool that does not read its answer gets no other. */
	while (error == 0 && ipc_channel_pending(&tool->channel) == 0 &&
	    (got = ipc_channel_take(&tool->channel, &record, &diag)) == 1) {
		error = tool_record(tracker, tool, &record);
		if (error == 0)
			error = ipc_channel_flush(&tool->channel);
	}
	if (error == 0 && got >= 0)
		error = ipc_channel_flush(&tool->channel);
	/* A channel that was handed over is not the tool's any more. */
	if ((error != 0 || got < 0) && tool->channel.fd >= 0)
		drop_tool(tool);
}

/* free_tool - find a place for a tool: one that is free, or the one that was
 * silent for longest */
static struct tracker_tool *
free_tool(struct tracker *tracker)
{
	struct tracker_tool *oldest = &tracker->tools[0];

	for (int i = 0; i < TRACKER_TOOLS; i++) {
		struct tracker_tool *tool = &tracker->tools[i];

		if (tool->channel.fd < 0)
			return tool;
		if (tool->heard < oldest->heard)
			oldest = tool;
	}
	drop_tool(oldest);
	return oldest;
}

/* accept_tool - take a connection of a tool */
static void
accept_tool(struct tracker *tracker)
{
	struct tracker_tool new = {.heard = clock_monotonic()};
	uid_t caller;
	int fd =
	    accept4(WORKER_LISTEN_FD, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (ipc_channel_init(&new.channel, fd) != 0) {
		(void)close(fd);
		return;
	}
	if (reply_admits(tracker->conf, &new.channel, "tracker", &caller)) {
		new.ours = caller == geteuid();
		*free_tool(tracker) = new;
	} else {
		ipc_channel_fini(&new.channel);
	}
}

/* prepare_poll - say what is waited for.  Who may ask is known when the
 * settings have come */
static void
prepare_poll(const struct tracker *tracker, struct pollfd fds[POLL_COUNT])
{
	fds[POLL_QMGR] =
	    (struct pollfd){.fd = tracker->qmgr.fd, .events = POLLIN};
	if (ipc_channel_pending(&tracker->qmgr) > 0)
		fds[POLL_QMGR].events |= POLLOUT;
	fds[POLL_LISTEN] = (struct pollfd){
	    .fd = tracker->worker->listen_count > 0 && tracker->conf != NULL
		? WORKER_LISTEN_FD
		: -1,
	    .events = POLLIN};
	fds[POLL_ONWARD] =
	    (struct pollfd){.fd = tracker->onward.channel.fd, .events = POLLIN};
	if (tracker->onward.channel.fd >= 0 &&
	    ipc_channel_pending(&tracker->onward.channel) > 0)
		fds[POLL_ONWARD].events |= POLLOUT;
	for (int i = 0; i < TRACKER_TOOLS; i++) {
		const struct ipc_channel *channel = &tracker->tools[i].channel;

		fds[POLL_TOOLS + i] = (struct pollfd){.fd = channel->fd,
		    .events =
			ipc_channel_pending(channel) > 0 ? POLLOUT : POLLIN};
	}
}

/* onward_text - say why nothing gets into the database of many machines; ""
 * where it does, or there is none */
static const char *
onward_text(const struct tracker *tracker)
{
	const struct onward *onward = &tracker->onward;

	if (!tracker->intake.onward)
		return "";
	if (onward->channel.fd < 0)
		return clock_monotonic() - onward->gone_at < ABSENT_MS
		    ? ""
		    : "its process is not there";
	return onward->text;
}

/* tell_onward - tell qmgr, for x4ctl status, how the database of many machines
 * is, whenever that is otherwise */
static int
tell_onward(struct tracker *tracker)
{
	struct ipc_record record = {.type = IPC_PROBLEM};
	const char *text = onward_text(tracker);
	uint64_t now = clock_monotonic();
	int64_t behind = 0;
	int error;

	if (now < tracker->told_at + TELL_MS)
		return 0;
	tracker->told_at = now;
	if (*text == '\0' && !tracker->told)
		return 0;
	if (*text != '\0' && tracker->intake.db.db != NULL)
		(void)!outgoing_count(&tracker->intake.db, &behind);
	if (behind > UINT32_MAX)
		behind = UINT32_MAX;
	record.problem.text = slice_of_string(text);
	if (text == tracker->onward.text)
		record.problem.weight = tracker->onward.trouble;
	record.problem.since = tracker->onward.since;
	record.problem.count = (uint32_t)behind;
	error = ipc_channel_send(&tracker->qmgr, &record);
	tracker->told = *text != '\0';
	return error != 0 ? error : ipc_channel_flush(&tracker->qmgr);
}

/* next_time - tell when there is something to do next */
static uint64_t
next_time(const struct tracker *tracker)
{
	uint64_t next = intake_next(&tracker->intake);
	uint64_t tell = tracker->told_at + TELL_MS;

	if (!tracker->intake.onward && !tracker->told)
		return next;
	return tell < next ? tell : next;
}

/* serve_ready - do what descriptors are ready for, but for qmgr's */
static void
serve_ready(struct tracker *tracker, const struct pollfd fds[POLL_COUNT])
{
	if (fds[POLL_LISTEN].revents != 0)
		accept_tool(tracker);
	if (fds[POLL_ONWARD].revents != 0 &&
	    tracker->onward.channel.fd == fds[POLL_ONWARD].fd)
		onward_serve(&tracker->onward, &tracker->intake);
	for (int i = 0; i < TRACKER_TOOLS; i++)
		if (fds[POLL_TOOLS + i].revents != 0 &&
		    tracker->tools[i].channel.fd == fds[POLL_TOOLS + i].fd)
			serve_tool(tracker, &tracker->tools[i]);
}

/* tracker_step - wait for something and do it: 0, or why this is over */
static int
tracker_step(struct tracker *tracker)
{
	struct pollfd fds[POLL_COUNT];
	int got, error = intake_work(&tracker->intake);

	if (error == 0)
		error = introduce(tracker);
	onward_hand(&tracker->onward, &tracker->intake);
	onward_tell(&tracker->onward, &tracker->intake);
	if (error == 0)
		error = tell_onward(tracker);
	if (error != 0)
		return error;
	prepare_poll(tracker, fds);
	got = worker_wait(tracker->worker, fds, POLL_COUNT, next_time(tracker));
	if (got == ERR_TIMEOUT)
		return 0;
	if (got < 0)
		return got;
	serve_ready(tracker, fds);
	return fds[POLL_QMGR].revents != 0 ? serve_qmgr(tracker) : 0;
}

/* tracker_run - keep what qmgr sends and answer tools */
void
tracker_run(struct tracker *tracker)
{
	int error;

	intake_init(&tracker->intake);
	tracker->intake.acknowledge = acknowledge;
	tracker->intake.arg = tracker;
	tracker->intake.db.tick = on_tick;
	tracker->intake.db.tick_arg = tracker->worker;
	onward_init(&tracker->onward);
	for (int i = 0; i < TRACKER_TOOLS; i++)
		tracker->tools[i] =
		    (struct tracker_tool){.channel = {.fd = -1}};
	worker_ready(tracker->worker);
	/* Records behind the hello of qmgr may have been read with it. */
	error = serve_qmgr(tracker);
	while (error == 0)
		error = tracker_step(tracker);
	/* Pages that are kept now need not come again. */
	if (intake_commit(&tracker->intake) == 0)
		(void)!worker_flush(
		    tracker->worker, &tracker->qmgr, clock_after(FLUSH_MS));
	for (int i = 0; i < TRACKER_TOOLS; i++)
		if (tracker->tools[i].channel.fd >= 0)
			drop_tool(&tracker->tools[i]);
	onward_end(&tracker->onward);
	intake_fini(&tracker->intake);
	conf_free(tracker->conf);
}
