/* SPDX-License-Identifier: ISC */
/*
 * traffic.h - one association and one channel to qmgr: state, waits, words
 *
 * A worker of an association has two connections: the association itself, and
 * the channel to qmgr.  Over the one it sends what qmgr hands out over the
 * other (outgoing.h), and takes what it gives to qmgr (incoming.h).
 *
 * One process, one association.  Everything blocks in traffic_wait, which
 * takes what qmgr says whatever it waits for.  Records of qmgr's go to
 * traffic.calls.take, so that this room knows nothing of those above:
 *
 *	engine/		the state; waiting, the channel, the token's automaton
 *	outgoing/	jobs of qmgr's, transferred to the peer
 *	incoming/	transfers of the peer's, submitted to qmgr
 *	.		the turn, the events of the association, the loop
 *
 * traffic/serve.h is what the programs x400out and x400in use.
 */
#ifndef FOURPOST_TRAFFIC_TRAFFIC_H
#define FOURPOST_TRAFFIC_TRAFFIC_H

#include "conf/conf.h"
#include "osi/connect.h"
#include "traffic/engine/incoming.h"
#include "traffic/engine/outgoing.h"
#include "traffic/engine/token.h"
#include "worker/worker.h"

#define TRAFFIC_FAREWELL 5000 /* ms for qmgr to take the last records */

/* ms without an octet of the peer, when another association with the same peer
 * says that it has lost this one */
#define TRAFFIC_SILENCE 5000

/* An association of ours that was lost, and the address that it was bound
 * to: the only one where it may be recovered. */
struct traffic_lost {
	const struct session_references *references;
	const char *address;
};

enum traffic_state {
	/* A peer calls.  qmgr is asked whether it may, and is read only for
	 * that answer: what else it says waits in the channel. */
	TRAFFIC_GREETING,
	TRAFFIC_CALLING, /* we call: in each wait qmgr is listened to */
	TRAFFIC_SERVING, /* the association is bound; likewise */
	TRAFFIC_LOST,	 /* the peer has lost it, and qmgr was told */
	TRAFFIC_OVER	 /* nothing more is to be done with it */
};

/* How qmgr knows what comes on the association. */
struct traffic_session {
	uint64_t number;	      /* 0: it does not */
	uint8_t token[IPC_TOKEN_MAX]; /* proves to the next qmgr that it is
	                                 ours */
	size_t token_len;
};

/* When the peer was last heard; monotonic ms. */
struct traffic_times {
	uint64_t arrived;   /* octets came, or it was opened */
	uint64_t heard;	    /* an event came, or the peer was given or asked
	                       for something */
	uint64_t next_word; /* qmgr is told of octets that came */
};

struct traffic;

/* Calls into the rooms above and the programs. */
struct traffic_calls {
	/* take - handle one record of qmgr's */
	int (*take)(struct traffic *traffic, const struct ipc_record *record,
	    struct diag *diag);

	/*
	 * reopen - open another association within a transfer that was cut
	 *
	 * By recovery of the one that was lost if there is one to be
	 * recovered, else by a bind; traffic.recovered tells.  ERR_NOTFOUND:
	 * the peer cannot recover it.  NULL: the peer calls.
	 */
	int (*reopen)(struct traffic *traffic, const struct traffic_lost *lost);

	/*
	 * reconnect - connect to the qmgr after the one that is gone
	 *
	 * NULL, or in a two-way alternate association: that ends instead.
	 */
	int (*reconnect)(struct traffic *traffic, struct diag *diag);
};

struct traffic {
	struct worker worker;
	enum traffic_state state;

	struct ipc_channel qmgr;
	bool qmgr_gone; /* its channel is of no use any more */
	uint64_t limit; /* monotonic ms: no wait for the peer is longer, for we
	                   are to end; CLOCK_NEVER */
	struct traffic_session session;

	struct conf *conf; /* of the link; owned */
	const struct conf_link *link;

	int fd; /* of the association, -1: none */
	char address[CONNECT_TEXT_MAX];
	struct association association;
	struct association_io io;
	struct tls_context *tls; /* NULL: not spoken; owned */
	bool recovered; /* the association was opened without a bind: it
	                   carries what was cut, and nothing else */
	struct traffic_times times;

	struct token token;
	struct outgoing out;
	struct incoming in;
	struct traffic_calls calls;
};

/*
 * traffic_enter - change the state; no other function does
 *
 * TRAFFIC_OVER is final, and only what is served can be lost: other changes
 * leave the state as it is.
 */
void traffic_enter(struct traffic *traffic, enum traffic_state state);

/* traffic_keep_alive - have TCP notice within two minutes that the peer's
 * machine is gone, while nothing is said */
void traffic_keep_alive(int fd);

/* traffic_limit - wait for the peer no longer than this many ms from now */
void traffic_limit(struct traffic *traffic, uint64_t milliseconds);

/*
 * traffic_wait - wait for a descriptor of the network (-1: none) and for qmgr
 *
 * Writes what lies ready for qmgr, takes what it says.  0, with
 * network->revents, or ERR_TIMEOUT (deadline or limit), ERR_CANCELLED (told
 * to stop; the limit is set).
 */
int traffic_wait(struct traffic *traffic, struct pollfd *network,
    uint64_t deadline) WARN_UNUSED;

/* traffic_is_silent - tell whether the association can be taken for lost: its
 * descriptor says so, or nothing has come on it for TRAFFIC_SILENCE */
bool traffic_is_silent(const struct traffic *traffic);

/* traffic_qmgr_gone - begin nothing new; what has begun may still be finished,
 * if that does not take long */
void traffic_qmgr_gone(struct traffic *traffic);

/*
 * traffic_give - send a record to qmgr; written by the next wait at the latest
 *
 * A qmgr that is gone says nothing against the message: it is no error here,
 * and traffic.qmgr_gone tells.  ERR_LIMIT, ERR_NOMEM: the record.
 */
int traffic_give(
    struct traffic *traffic, const struct ipc_record *record) WARN_UNUSED;

/* traffic_tell - send a record to qmgr and wait until it is written */
void traffic_tell(struct traffic *traffic, const struct ipc_record *record);

/*
 * traffic_pump - take what qmgr has sent
 *
 * Never waits.  When qmgr is gone qmgr_gone is set; a record that it must not
 * send is treated as that, with an event.
 */
void traffic_pump(struct traffic *traffic);

/* traffic_flush - write what lies ready for qmgr, as far as it takes it */
void traffic_flush(struct traffic *traffic);

/* traffic_link_event - tell qmgr what became of the association */
void traffic_link_event(struct traffic *traffic, enum ipc_link_state state,
    const char *stage, const char *reason);

/* traffic_not_opened - tell qmgr that the association could not be opened */
void traffic_not_opened(struct traffic *traffic, enum ipc_failure failure,
    const char *stage, const char *reason);

/* traffic_bound - tell qmgr that the association is open, and by which names
 * what is sent on it goes; the token begins where the association says */
void traffic_bound(struct traffic *traffic);

/* traffic_session_released - tell qmgr that the association was released in
 * good order: what was received on it need not be remembered */
void traffic_session_released(struct traffic *traffic);

#endif
