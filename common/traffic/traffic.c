/* SPDX-License-Identifier: ISC */
/*
 * traffic.c - what passes over one association of ours: its waits, and what
 * qmgr says meanwhile
 */
#include "client/limits.h"
#include "traffic/engine/traffic.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/notice.h"

#define HEARD_INTERVAL 2000 /* ms between two words of octets that came */
/* ms for the peer's last confirmation when qmgr is gone */
#define QMGR_GONE_WAIT LIMITS_QMGR_GONE

/* Keepalive: a peer whose machine is gone is noticed within two minutes. */
#define KEEP_IDLE     60 /* s */
#define KEEP_INTERVAL 15 /* s */
#define KEEP_COUNT    4

/* traffic_keep_alive - have TCP notice a peer whose machine is gone */
void
traffic_keep_alive(int fd)
{
	const int on = 1, idle = KEEP_IDLE, interval = KEEP_INTERVAL,
		  count = KEEP_COUNT;

	/* Without it a lost peer is only noticed later. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* traffic_limit - wait for the peer no longer than this from now */
void
traffic_limit(struct traffic *traffic, uint64_t milliseconds)
{
	uint64_t limit = clock_after(milliseconds);

	if (limit < traffic->limit)
		traffic->limit = limit;
}

/* traffic_qmgr_gone - nothing new is begun */
void
traffic_qmgr_gone(struct traffic *traffic)
{
	traffic->qmgr_gone = true;
	if (traffic->reconnect == NULL ||
	    traffic->association.dialogue == ASSOCIATION_TWO_WAY)
		traffic_limit(traffic, QMGR_GONE_WAIT);
}

/* retire - qmgr does not need it any more; a responder cannot release, and
 * ends it as when it is told to stop */
static void
retire(struct traffic *traffic)
{
	if (traffic->association.role == ASSOCIATION_INITIATOR)
		traffic->out.retire = true;
	else {
		traffic->worker.stopping = true;
		/* Nothing would come of waiting for a peer that is silent. */
		traffic_limit(traffic,
		    clock_monotonic() - traffic->arrived > TRAFFIC_SILENCE
			? 0
			: TRAFFIC_STOP_WAIT);
	}
}

/* traffic_lost_session - whether the association can be taken for lost */
bool
traffic_lost_session(const struct traffic *traffic)
{
	struct pollfd fd = {.fd = traffic->fd, .events = POLLIN | POLLRDHUP};

	if (traffic->fd == -1 || poll(&fd, 1, 0) < 0)
		return true;
	if ((fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0)
		return true;
	return (fd.revents & POLLIN) == 0 &&
	    clock_monotonic() >= traffic->arrived + TRAFFIC_SILENCE;
}

/*
 * doubted - the peer says that it has lost the association
 *
 * If that is so nothing more is read of it: what the peer has no confirmation
 * of it sends again.  The association itself may be within a call of ours:
 * the next wait ends it.
 */
static void
doubted(struct traffic *traffic, const struct ipc_session_doubt *doubt)
{
	if (doubt->session != traffic->session)
		return;
	if (!traffic_lost_session(traffic)) {
		(void)!submit_give(traffic,
		    &(struct ipc_record){
			.type = IPC_SESSION_DOUBT, .session_doubt = *doubt});
		return;
	}
	traffic->lost = true;
	(void)!submit_give(traffic,
	    &(struct ipc_record){.type = IPC_SESSION_CLOSED,
		.session_closed = {.session = traffic->session}});
}

/* traffic_take - one record of qmgr's */
int
traffic_take(
    struct traffic *traffic, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_JOB:
	case IPC_BODY:
	case IPC_CANCEL:
	case IPC_DELIVERY_NOTE:
		return jobs_take(traffic, record, diag);
	case IPC_SEQUENCE:
		return sequence_taken(traffic, &record->sequence, diag);
	case IPC_SUBMIT_ANSWER:
	case IPC_SUBMIT_PROGRESS:
	case IPC_RESUME_ANSWER:
		return submit_take(traffic, record, diag);
	case IPC_RETIRE:
		retire(traffic);
		return 0;
	case IPC_SESSION_DOUBT:
		doubted(traffic, &record->session_doubt);
		return 0;
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record->type));
	}
}

/* traffic_pump - take what qmgr has sent */
void
traffic_pump(struct traffic *traffic)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (traffic->qmgr_gone)
		return;
	filled = ipc_channel_fill(&traffic->qmgr);
	while ((result = ipc_channel_take(&traffic->qmgr, &record, &diag)) == 1)
		if ((result = traffic_take(traffic, &record, &diag)) != 0)
			break;
	if (result < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	if (result < 0 || (filled < 0 && filled != ERR_AGAIN))
		traffic_qmgr_gone(traffic);
}

/* traffic_flush - write what lies ready for qmgr, as far as it takes it */
void
traffic_flush(struct traffic *traffic)
{
	if (!traffic->qmgr_gone && ipc_channel_pending(&traffic->qmgr) > 0 &&
	    ipc_channel_flush(&traffic->qmgr) != 0)
		traffic_qmgr_gone(traffic);
}

/* note_octets - note that the peer is alive, and tell qmgr, which sees only
 * whole records of what came */
static void
note_octets(struct traffic *traffic)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {
		.state = IPC_LINK_HEARD, .session = traffic->session}};
	uint64_t now = clock_monotonic();

	traffic->arrived = now;
	if (traffic->next_heard == 0)
		traffic->next_heard = now + HEARD_INTERVAL;
	if (traffic->session == 0 || traffic->qmgr_gone || !traffic->watching ||
	    now < traffic->next_heard ||
	    traffic->association.role == ASSOCIATION_INITIATOR)
		return;
	traffic->next_heard = now + HEARD_INTERVAL;
	/* A full channel shows that qmgr has records of the peer. */
	(void)!ipc_channel_send(&traffic->qmgr, &record);
}

/* traffic_wait - for a descriptor of the network and for qmgr */
int
traffic_wait(struct traffic *traffic, struct pollfd *network, uint64_t deadline)
{
	struct pollfd fds[2] = {*network, {.fd = -1}};
	int n;

	network->revents = 0;
	if (traffic->watching)
		traffic_flush(traffic);
	if (traffic->watching && !traffic->qmgr_gone) {
		fds[1].fd = traffic->qmgr.fd;
		fds[1].events = POLLIN;
		if (ipc_channel_pending(&traffic->qmgr) > 0)
			fds[1].events |= POLLOUT;
	}
	n = worker_wait(&traffic->worker, fds, 2,
	    deadline < traffic->limit ? deadline : traffic->limit);
	if (n == ERR_CANCELLED)
		traffic_limit(traffic, TRAFFIC_STOP_WAIT);
	if (n < 0)
		return n;
	if ((fds[1].revents & ~POLLOUT) != 0)
		traffic_pump(traffic);
	network->revents = fds[0].revents;
	if ((network->revents & POLLIN) != 0)
		note_octets(traffic);
	return 0;
}

/*
 * broken_off - whether what waits for the peer is not wanted any more
 *
 * An association not yet open is given up at once.  A transfer whose end was
 * sent may have been taken: only the peer's answer tells.
 */
static bool
broken_off(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	bool cancelled = traffic->out.sending && job != NULL && job->cancelled;

	if (traffic->association.phase <= ASSOCIATION_OPENING)
		return traffic->worker.stopping || cancelled ||
		    (traffic->watching &&
			(traffic->qmgr_gone || traffic->out.retire));
	return cancelled || (traffic->out.sending && traffic->qmgr_gone);
}

/* wait_network - the association's wait */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct traffic *traffic = arg;
	struct pollfd network = {.fd = fd, .events = events};

	for (;;) {
		int error = traffic_wait(traffic, &network, deadline);

		if (error != 0 && error != ERR_CANCELLED)
			return error;
		if (traffic->lost)
			return ERR_CLOSED;
		if (broken_off(traffic))
			return ERR_CANCELLED;
		/* A stop lets the transfer come to its end. */
		if (error == 0 && network.revents != 0)
			return 0;
	}
}

/* traffic_pause - let time pass */
int
traffic_pause(struct traffic *traffic, uint64_t milliseconds)
{
	uint64_t deadline = clock_after(milliseconds);

	for (;;) {
		struct pollfd none = {.fd = -1};
		int error = traffic_wait(traffic, &none, deadline);

		if (traffic->qmgr_gone || traffic->worker.stopping ||
		    jobs_first(traffic)->cancelled)
			return ERR_CANCELLED;
		if (error == ERR_TIMEOUT)
			return 0;
		if (error != 0)
			return error;
	}
}

/* link_event - a record of what became of the association */
static struct ipc_record
link_event(const struct traffic *traffic, enum ipc_link_state state)
{
	return (struct ipc_record){.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(traffic->link != NULL
			? traffic->link->name
			: traffic->worker.service),
		.address = slice_of_string(traffic->address),
		.session = traffic->session,
		.two_way = state == IPC_LINK_RELEASED &&
		    traffic->association.turn_wanted >= 0}};
}

/* tell - qmgr a link event */
static void
tell(struct traffic *traffic, const struct ipc_record *record)
{
	int error;

	if (traffic->qmgr_gone)
		return;
	error = worker_send(&traffic->worker, &traffic->qmgr, record,
	    clock_after(TRAFFIC_FAREWELL));
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		traffic_qmgr_gone(traffic);
}

/* traffic_link_event - tell qmgr what became of the association */
void
traffic_link_event(struct traffic *traffic, enum ipc_link_state state,
    const char *stage, const char *reason)
{
	struct ipc_record record = link_event(traffic, state);

	record.link_event.stage = slice_of_string(stage);
	record.link_event.reason = slice_of_string(reason);
	tell(traffic, &record);
}

/* traffic_not_opened - tell qmgr that the association could not be opened */
void
traffic_not_opened(struct traffic *traffic, enum ipc_failure failure,
    const char *stage, const char *reason)
{
	struct ipc_record record = link_event(traffic, IPC_LINK_FAILED);

	record.link_event.stage = slice_of_string(stage);
	record.link_event.reason = slice_of_string(reason);
	record.link_event.failure = failure;
	tell(traffic, &record);
}

/* traffic_bound - tell qmgr that the association is open */
void
traffic_bound(struct traffic *traffic)
{
	struct ipc_record record = link_event(traffic, IPC_LINK_BOUND);

	traffic->out.noted = traffic->association.references;
	record.link_event.references = traffic->association.references;
	record.link_event.two_way =
	    traffic->association.dialogue == ASSOCIATION_TWO_WAY;
	record.link_event.recovered = traffic->recovered;
	traffic->arrived = clock_monotonic();
	tell(traffic, &record);
}

/* traffic_session_released - what was received need not be remembered */
void
traffic_session_released(struct traffic *traffic)
{
	if (!traffic->qmgr_gone)
		(void)!ipc_channel_send(&traffic->qmgr,
		    &(struct ipc_record){.type = IPC_SESSION_CLOSED,
			.session_closed = {
			    .session = traffic->session, .orderly = true}});
}

/* traffic_init - nothing is there yet */
void
traffic_init(struct traffic *traffic)
{
	traffic->fd = -1;
	traffic->qmgr.fd = -1;
	traffic->limit = CLOCK_NEVER;
	traffic->asked = -1;
	traffic->io = (struct association_io){wait_network, traffic};
	buffer_init(&traffic->out.prefix, OUTGOING_PREFIX_MAX);
	submit_init(traffic);
}

/* traffic_fini - give everything back */
void
traffic_fini(struct traffic *traffic)
{
	association_fini(&traffic->association);
	if (traffic->fd != -1)
		close(traffic->fd);
	traffic->fd = -1;
	notice_through(NULL);
	ipc_channel_fini(&traffic->qmgr);
	buffer_fini(&traffic->out.prefix);
	buffer_fini(&traffic->out.sent);
	submit_fini(traffic);
	conf_free(traffic->conf);
	traffic->conf = NULL;
}
