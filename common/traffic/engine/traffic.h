/* SPDX-License-Identifier: ISC */
/*
 * traffic.h - what passes over one association of ours, out and in
 *
 * A worker of an association has two connections: the association itself, and
 * the channel to qmgr.  Over the one it sends what qmgr hands out over the
 * other (outgoing.h), and takes what it gives to qmgr (incoming.h).  In
 * monologue the initiator only sends and the responder only takes; in a
 * two-way alternate association both do both, each while it has the turn
 * (turn.c).  How the association comes about is the program's: x400out calls,
 * x400in is called.
 *
 * One process, one association.  Everything blocks in traffic_wait, which
 * takes what qmgr says whatever it waits for.
 */
#ifndef FOURPOST_TRAFFIC_TRAFFIC_H
#define FOURPOST_TRAFFIC_TRAFFIC_H

#include "client/limits.h"
#include "conf/conf.h"
#include "osi/connect.h"
#include "traffic/engine/incoming.h"
#include "traffic/engine/outgoing.h"
#include "worker/worker.h"

/* Told to stop: ms in which the transfer under way may come to its end,
 * less than master waits before it kills. */
#define TRAFFIC_STOP_WAIT LIMITS_STOP_TRANSFER

#define TRAFFIC_FAREWELL 5000 /* ms for qmgr to take the last records */

/* ms without an octet of the peer, when somebody at its address says that it
 * has lost the association */
#define TRAFFIC_SILENCE 5000

/* An association of ours that was lost, and the address that it was bound
 * to: the only one where it may be recovered. */
struct traffic_lost {
	const struct session_references *references;
	const char *address;
};

struct traffic {
	struct worker worker;
	struct ipc_channel qmgr;
	bool qmgr_gone; /* its connection is of no use any more */
	bool watching;	/* what qmgr says is listened to in every wait */
	uint64_t limit; /* no wait for the peer is longer: we are to end */

	struct conf *conf; /* of the link; owned */
	const struct conf_link *link;
	uint64_t session; /* qmgr's number of it, for what comes; 0: none */
	uint8_t token[IPC_TOKEN_MAX]; /* by which a new qmgr knows it */
	size_t token_len;

	int fd; /* of the association, -1: none */
	char address[CONNECT_TEXT_MAX];
	struct association association;
	struct association_io io;
	bool over;	/* nothing more is to be done with the association */
	bool recovered; /* without a bind: it carries what was cut, and nothing
	                   else, for as long as it lasts */
	bool lost;	/* the peer has lost it, and qmgr was told */
	uint64_t arrived; /* monotonic ms: octets came, or it was opened */

	unsigned sent_in_turn;	  /* transfers since the turn became ours */
	uint32_t received_before; /* activities, when we gave the turn */
	bool wasted;		  /* the peer had it, and sent none */
	unsigned wanted;	  /* how often the peer asked for this turn */
	int64_t asked;	     /* priority that the turn was asked for by; -1 */
	uint64_t heard;	     /* monotonic ms: the peer said something, or the
	                        turn was asked for */
	uint64_t next_heard; /* monotonic ms: when qmgr is told of octets */
	uint64_t release_by; /* monotonic ms: the turn to release is not waited
	                        for any longer; 0: it is not waited for */

	struct outgoing out;
	struct incoming in;

	/*
	 * reopen - within a transfer that was cut: another association, by
	 * recovery of the one that was lost if there is one to be recovered,
	 * else by a bind; traffic.recovered tells.  ERR_NOTFOUND: the peer
	 * cannot recover it.  NULL: the peer calls.
	 */
	int (*reopen)(struct traffic *traffic, const struct traffic_lost *lost);

	/*
	 * reconnect - another qmgr instead of the one that is gone; NULL, or
	 * in a two-way alternate association: it ends
	 */
	int (*reconnect)(struct traffic *traffic, struct diag *diag);
};

/* traffic_keep_alive - have TCP notice within two minutes that the peer's
 * machine is gone, while nothing is said */
void traffic_keep_alive(int fd);

/* traffic_init - nothing is there yet; the worker was started */
void traffic_init(struct traffic *traffic);

/* traffic_fini - give everything back, say nothing to anybody */
void traffic_fini(struct traffic *traffic);

/* traffic_limit - wait for the peer no longer than this many ms from now */
void traffic_limit(struct traffic *traffic, uint64_t milliseconds);

/* traffic_qmgr_gone - nothing new is begun; what ended is brought to its end,
 * if that does not take long */
void traffic_qmgr_gone(struct traffic *traffic);

/*
 * traffic_pump - take what qmgr has sent
 *
 * Never waits.  When qmgr is gone qmgr_gone is set; what it sent wrongly is
 * treated as that, with an event.
 */
void traffic_pump(struct traffic *traffic);

/* traffic_flush - write what lies ready for qmgr, as far as it takes it */
void traffic_flush(struct traffic *traffic);

/* traffic_take - one record of qmgr's */
int traffic_take(struct traffic *traffic, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/*
 * traffic_wait - for a descriptor of the network (-1: none) and for qmgr
 *
 * Writes what lies ready for qmgr, takes what it says.  0, with
 * network->revents, or ERR_TIMEOUT (deadline or limit), ERR_CANCELLED (told
 * to stop; the limit is set).
 */
int traffic_wait(struct traffic *traffic, struct pollfd *network,
    uint64_t deadline) WARN_UNUSED;

/* traffic_pause - let time pass: 0, or ERR_CANCELLED when the first job is
 * not to be gone on with */
int traffic_pause(struct traffic *traffic, uint64_t milliseconds) WARN_UNUSED;

/* traffic_lost_session - whether the association can be taken for lost: its
 * descriptor says so, or nothing has come on it for TRAFFIC_SILENCE */
bool traffic_lost_session(const struct traffic *traffic);

/* traffic_link_event - tell qmgr what became of the association */
void traffic_link_event(struct traffic *traffic, enum ipc_link_state state,
    const char *stage, const char *reason);

/* traffic_not_opened - tell qmgr that the association could not be opened */
void traffic_not_opened(struct traffic *traffic, enum ipc_failure failure,
    const char *stage, const char *reason);

/* traffic_bound - tell qmgr that the association is open, and by which names
 * what is sent on it goes */
void traffic_bound(struct traffic *traffic);

/* traffic_session_released - tell qmgr that the association was released in
 * good order: what was received on it need not be remembered */
void traffic_session_released(struct traffic *traffic);

/*
 * traffic_serve - send and take until somebody ends it
 *
 * When it returns the association is over, or is to be ended by the caller:
 * qmgr is gone, the worker was told to stop, or qmgr wants it released, and
 * the turn for that is ours.
 */
void traffic_serve(struct traffic *traffic);

#endif
