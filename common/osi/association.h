/* SPDX-License-Identifier: ISC */
/*
 * association.h - an RTSE association over RFC 1006: open, transfer, close
 *
 * The whole OSI stack under one interface: TPKT and transport class 0
 * (RFC 1006, X.224), session (X.225), presentation (X.226), ACSE (X.227) and
 * RTSE (X.228).  The arguments of the bind and the APDUs that are transferred
 * are opaque octets.  One thing of mail is known here, the EXTERNAL that P1's
 * abstract syntax puts round an APDU in normal mode: its lengths must be
 * written before the first octet of the APDU, checkpoints count its octets,
 * and its end decides whether a transfer is complete.  In X.410 mode there is
 * none: there the end of the activity says so alone.
 *
 *	initiator			responder
 *	association_init		association_init
 *	association_open		association_listen, then
 *					association_accept or _refuse
 *	association_send_start		association_receive: TRANSFER_START
 *	association_send_data ...	   DATA ..., CHECKPOINT:
 *					association_confirm_checkpoint
 *	association_send_end		   TRANSFER_END:
 *	association_send_finish		association_confirm_transfer
 *	association_release		   RELEASE: association_confirm_release
 *	association_fini		association_fini
 *
 * Sending and receiving belong to who has the turn, not to the role: in
 * monologue the initiator sends.  association_turn.h has the turn's ways in a
 * two-way alternate association, association_recovery.h how an interrupted
 * transfer goes on.
 *
 * Descriptor: a connected stream socket.  It stays the caller's: nothing here
 * opens or closes it.  It is made non-blocking and TCP_NODELAY.  When a
 * function returned a failure that ended the association (below), all that is
 * left to do is association_fini and close.
 *
 * Waiting: whenever the association must wait it calls association_io.wait,
 * and nothing else blocks.  Every wait has a deadline.  That holds for the
 * handshake of TLS too, which is a layer of its own here.
 *
 * Results, besides those named at a function:
 *	ERR_TIMEOUT	a deadline passed		the association is over
 *	ERR_CANCELLED	wait said so			it goes on, see below
 *	ERR_CLOSED	lost, or the peer aborted	over
 *	ERR_PROTOCOL	the peer broke the protocol	over, we aborted
 *	ERR_LIMIT	over a cap of ours		over, we aborted
 *	ERR_NOMEM					over, we aborted
 *	ERR_IO		the system refused		over
 *	ERR_STATE	called out of order		nothing happened
 * association.phase is ASSOCIATION_OVER when it is over, and
 * association.failure tells where, why, with which code and in words.  After
 * ERR_CANCELLED the association is as it was, so that the caller can still
 * interrupt, release or abort; the call itself may be made again where its
 * comment says so.
 *
 * Memory is bounded whatever is transferred: the input buffer
 * (ASSOCIATION_INPUT_MAX), the output buffer (ASSOCIATION_OUTPUT_MAX) and one
 * unfinished TSDU that is no data (64 KB).  A piece of any length streams.
 */
#ifndef FOURPOST_OSI_ASSOCIATION_H
#define FOURPOST_OSI_ASSOCIATION_H

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include "osi/association_codes.h"
#include "osi/session_references.h"
#include "tls/tls_stream.h"

#define ASSOCIATION_INPUT_MAX	 ((size_t)128 * 1024)
#define ASSOCIATION_OUTPUT_MAX	 ((size_t)256 * 1024)
#define ASSOCIATION_SELECTOR_MAX 64
#define ASSOCIATION_BIND_MAX	 8192 /* octets of a bind argument or result */
#define ASSOCIATION_WINDOW_MAX	 64

enum association_dialogue {
	ASSOCIATION_MONOLOGUE = 0,
	ASSOCIATION_TWO_WAY = 1, /* two-way alternate */
};

struct association_failure {
	enum association_end end;
	enum association_layer layer;
	int reason;	/* the code as that layer sent it; -1: none */
	int bind_error; /* enum association_bind_error; -1: none */
	bool transient; /* refused: worth another attempt (busy, congested) */
	bool cannot_recover; /* association_open with recover: open a fresh
	                        one, there is nothing to go on with */
	char text[200];	     /* in words, printable; "" when released */
};

/*
 * wait - wait until fd is ready for events (of poll(2)), at latest to deadline
 *
 * deadline is of clock_monotonic.  0 when ready or in error, ERR_TIMEOUT,
 * ERR_CANCELLED, or another error.
 */
struct association_io {
	int (*wait)(void *arg, int fd, short events, uint64_t deadline);
	void *arg;
};

/* association_poll - wait with poll(2), for tests and tools */
int association_poll(void *arg, int fd, short events, uint64_t deadline);

/* The caller's wishes; open and listen copy them, with what the slices hold. */
struct association_parameters {
	enum association_mode mode; /* initiator; a responder takes each */

	/*
	 * Initiator: proposed.  Responder: ASSOCIATION_MONOLOGUE refuses
	 * two-way alternate with bind error 3; ASSOCIATION_TWO_WAY takes
	 * either, so that the caller can look at the indication and refuse.
	 */
	enum association_dialogue dialogue;

	/* Initiator of a two-way alternate one: who has the turn first. */
	enum association_role turn;

	/*
	 * Initiator: what is sent; empty ones are left out.  Responder: called
	 * ones that are not empty are required of the peer; calling ones are
	 * not looked at.
	 */
	struct slice calling_tsel, called_tsel;
	struct slice calling_ssel, called_ssel;
	struct slice calling_psel, called_psel;

	/*
	 * Responder, may be NULL: whether we are reached by this called
	 * selector (TRANSPORT, SESSION, PRESENTATION; empty: none was sent).
	 * Where false, the layer refuses.
	 */
	bool (*reached_by)(
	    void *arg, enum association_layer layer, struct slice called);
	void *reached_by_arg;

	/* Initiator: proposed.  The responder tells association_accept. */
	unsigned checkpoint_size; /* units of 1024 octets; 0: peer chooses */
	unsigned window;	  /* 1..ASSOCIATION_WINDOW_MAX */

	/* Contents octets of OIDs. */
	struct slice application_context;
	struct slice rtse_syntax;     /* abstract syntax of RTSE and bind */
	struct slice transfer_syntax; /* abstract syntax of what is sent */
	/*
	 * Empty, or one that the peer may know: a context of its own says
	 * whether both do, and carries nothing.  Initiator: proposed.
	 * Responder: accepted if proposed, unless association_deny_further is
	 * called before the accept.
	 */
	struct slice further_syntax;

	/* Milliseconds. */
	uint32_t open_timeout;	     /* the whole establishment */
	uint32_t disconnect_timeout; /* a release or refusal */
	uint32_t transfer_timeout;   /* no confirmation, no room to send */

	unsigned tpdu_size; /* to propose, 128..8192 as a power of two; 0:
	                       RFC 1006's 65531 */
	unsigned tsdu_max;  /* session segments to propose; 0: none */

	struct session_references references; /* initiator's, to send */

	/*
	 * Initiator: NULL, or the references of the association to recover:
	 * RTORQ recover goes out and the bind argument does not.
	 */
	const struct session_references *recover;

	/*
	 * TLS below RFC 1006; a NULL context: none.  The handshake is part of
	 * the establishment.  Initiator: what the responder must prove.
	 * Responder: NULL; association_tls_identity tells who calls.  All is
	 * borrowed until association_fini.
	 */
	const struct tls_context *tls;
	const struct tls_expectation *tls_expectation;

	/* May be NULL: a layer is through, ms after the begin. */
	void (*step)(void *arg, enum association_layer layer, uint32_t ms);
	void *step_arg;
};

/* An indication to the responder; slices live until the next call with it. */
struct association_indication {
	struct slice calling_tsel, called_tsel;
	struct slice calling_ssel, called_ssel;
	struct slice calling_psel, called_psel;
	struct slice application_context; /* contents octets */
	struct session_references references;
	unsigned checkpoint_size; /* 0: the responder chooses */
	unsigned window;
	enum association_dialogue dialogue;
	bool turn; /* ours first; two-way alternate only */

	/* Then recover_references and no bind argument: who calls is known by
	 * the references alone.  association_accept_recovery or _refuse. */
	bool recover;
	struct session_references recover_references;
	struct slice bind_argument; /* see association_open */
};

enum association_event_kind {
	ASSOCIATION_EVENT_TRANSFER_START, /* activity */
	ASSOCIATION_EVENT_DATA,		  /* data: octets of the APDU */
	ASSOCIATION_EVENT_CHECKPOINT,	  /* serial: wants confirmation */
	ASSOCIATION_EVENT_TRANSFER_END,	  /* activity, serial; wants it too */
	ASSOCIATION_EVENT_TRANSFER_INTERRUPTED, /* activity, reason */
	ASSOCIATION_EVENT_TRANSFER_DISCARDED,	/* activity, reason; after
	                                           TRANSFER_END see below */
	ASSOCIATION_EVENT_RELEASE, /* wants association_confirm_release */
	ASSOCIATION_EVENT_ABORT,   /* over; see association.failure */
	/* activity, serial, old_activity, old_references: wants an answer of
	 * association_recovery.h */
	ASSOCIATION_EVENT_TRANSFER_RESUMED,
	ASSOCIATION_EVENT_TURN_WANTED, /* priority; association_turn.h */
	ASSOCIATION_EVENT_TURN_GIVEN,  /* the turn is ours now */
};

struct association_event {
	enum association_event_kind kind;
	uint32_t activity; /* the sender's count, from 1 */
	uint32_t serial;
	int reason;	   /* enum association_exception, -1: none given */
	struct slice data; /* until the next call with this association */
	uint32_t old_activity;
	uint32_t priority; /* 0: the highest */
	/* NULL: of this association; until the next call with it */
	const struct session_references *old_references;
};

struct association_internal;

/* All fields are for reading only. */
struct association {
	enum association_phase phase;
	enum association_role role;
	enum association_mode mode;
	enum association_dialogue dialogue;
	unsigned checkpoint_size; /* agreed, units of 1024; 0: none */
	unsigned window;	  /* agreed */
	struct session_references references;
	uint32_t activity_sent; /* number of the last activity started here */
	uint32_t activity_received; /* and by the peer; 0: none yet */
	uint32_t serial_confirmed;  /* sending: the last MIA of this activity */
	uint64_t confirmed_offset;  /* octets of the APDU that it covers */
	int exception;		    /* reason of an ED received; -1: none */
	bool turn;		    /* ours; in monologue the initiator's */
	bool further;		    /* both sides know further_syntax */
	bool turn_giving;	    /* the peer has not said that it took it */
	int64_t turn_wanted;	 /* the priority by which the peer, that has not
	                        the turn, asked for it; -1: it did not */
	bool transfer_completed; /* the receiver says that it took the transfer
	                            that we resumed, or left after its end
	                            (RTAB 7, or an AEA that crossed): it must
	                            not be sent again */
	uint64_t octets_in, octets_out; /* of TCP, or within TLS */
	struct association_failure failure;
	struct association_internal *internal; /* owned */
};

/* association_init - make an idle association, with io to wait by.
 * ERR_NOMEM */
int association_init(
    struct association *association, struct association_io io) WARN_UNUSED;

/*
 * association_fini - give back all memory, say nothing to the peer
 *
 * The descriptor is left open and as it is.  Also after a failed init.
 */
void association_fini(struct association *association);

/*
 * association_init_over - make an association that is over with this failure
 *
 * For a caller that could not open another in the place of one that was
 * lost: the reason to report is that of the first.  It owns nothing;
 * association_init and _fini may follow.
 */
void association_init_over(
    struct association *association, const struct association_failure *failure);

/*
 * association_open - open an association as its initiator, on a connected
 * descriptor
 *
 * bind_argument is the BER of the bind's argument (MTABindArgument) and
 * *bind_result of its result, without the bind-invoke [16] and bind-result
 * [17] around them: those are put and taken here.  *bind_result lives until
 * the next call with the association.  It is empty after a recovery.
 *
 * ERR_REFUSED: association.failure says at which layer, with which code,
 * whether transient, and the bind error if there was one.  ERR_UNSUPPORTED,
 * ERR_VALUE: the parameters.  No call may be repeated: after any error the
 * association is over.
 */
int association_open(struct association *association, int fd,
    const struct association_parameters *parameters, struct slice bind_argument,
    struct slice *bind_result) WARN_UNUSED;

/*
 * association_listen - receive a request as the responder: up to the bind
 * argument
 *
 * 0: phase is ASSOCIATION_INDICATED and *indication filled in.  A request
 * that cannot become an association (another application context or protocol,
 * other selectors, a dialogue mode that parameters do not allow) was refused
 * already: ERR_REFUSED, with the reason in association.failure.
 * parameters.open_timeout bounds all of it.
 */
int association_listen(struct association *association, int fd,
    const struct association_parameters *parameters,
    struct association_indication *indication) WARN_UNUSED;

/*
 * association_accept - accept a request, with the bind's result, checkpoint
 * size and window
 *
 * checkpoint_size and window are ours; what was proposed and these are made
 * into what X.228 allows, and stand in the association afterwards.
 */
int
association_accept(struct association *association, struct slice bind_result,
    unsigned checkpoint_size, unsigned window) WARN_UNUSED;

/* association_deny_further - have a request accepted without further_syntax */
void association_deny_further(struct association *association);

enum association_refusal {
	ASSOCIATION_REFUSE_BIND,	   /* with a bind error */
	ASSOCIATION_REFUSE_CANNOT_RECOVER, /* RTORJ without user data */
	ASSOCIATION_REFUSE_RECOVER_LATER   /* the same, transient */
};

/*
 * association_refuse - refuse a request; the association is over
 *
 * Then waits until the peer disconnects, at most for disconnect_timeout and
 * 5 seconds.  bind_error counts with ASSOCIATION_REFUSE_BIND only; busy is
 * said to be transient, the others permanent.
 */
int association_refuse(struct association *association,
    enum association_refusal refusal,
    enum association_bind_error bind_error) WARN_UNUSED;

/*
 * association_send_start - begin a transfer of an APDU of length octets
 *
 * The EXTERNAL that P1's abstract syntax asks for in normal mode is put round
 * it here.  Nothing is written before there is a bufferful, or
 * association_send_finish: start, data and end of a small transfer leave in
 * one write.  association.activity_sent is its number.  All of the transfer
 * must be done by deadline.  length is at least 1.  ERR_STATE: the turn is
 * not ours.
 */
int association_send_start(struct association *association, uint64_t length,
    uint64_t deadline) WARN_UNUSED;

/*
 * association_send_data - send the next octets of the APDU
 *
 * Cut into pieces with checkpoints between them; waits for the window and
 * for the network.  ERR_REFUSED: the receiver raised an exception
 * (association.exception): interrupt, discard or abort.  ERR_VALUE: more than
 * was announced.  After ERR_CANCELLED it is not known how many octets were
 * taken: interrupt, discard or abort.
 */
int association_send_data(
    struct association *association, struct slice octets) WARN_UNUSED;

/*
 * association_send_end - end the activity
 *
 * ERR_VALUE: fewer octets were sent than announced.
 */
int association_send_end(struct association *association) WARN_UNUSED;

/*
 * association_send_finish - write what is left, wait for the confirmation
 *
 * 0: the receiver took responsibility.  ERR_REFUSED: an exception, as above.
 * ERR_CLOSED with association.transfer_completed: it had before.
 * May be called again after ERR_CANCELLED.
 */
int association_send_finish(struct association *association) WARN_UNUSED;

/*
 * association_send_interrupt - leave the activity, to be resumed later (AI)
 * association_send_discard - leave it, to be forgotten (AD)
 *
 * Wait for the confirmation, at most transfer_timeout.  Interrupt gives
 * ERR_STATE when no checkpoint was confirmed: then discard.  Both may follow
 * ERR_REFUSED, ERR_CANCELLED, or come of our own accord; the reason that goes
 * out is what X.228 says for each.  *serial, if not NULL, is the last
 * checkpoint that was confirmed.  After ERR_CANCELLED either may be called
 * again, to go on waiting.  Look at association.transfer_completed afterwards,
 * whatever they returned.
 *
 * A piece that is not complete is taken back, if nothing of it was written:
 * that is so up to 128 KB of checkpoint size.  In the middle of a larger one
 * nothing can be said but an abort, unless the receiver raised an exception:
 * then ERR_CLOSED, and the association is over.
 */
int association_send_interrupt(
    struct association *association, uint32_t *serial) WARN_UNUSED;
int association_send_discard(struct association *association) WARN_UNUSED;

/*
 * association_receive - receive the next event
 *
 * deadline 0: what is there already or readable now, else ERR_AGAIN.  Other
 * deadlines: ERR_TIMEOUT when it passed, which does not end the association.
 * May be called again after both and after ERR_CANCELLED.  Call it until
 * ERR_AGAIN before waiting for the descriptor by other means: events may
 * be buffered.  ERR_AGAIN may come without a look at the descriptor, when the
 * last read had taken all there was: wait for it to become readable (poll is
 * level-triggered) rather than call in a loop.  Between transfers the
 * initiator calls it too, to learn of an abort.  An abort or loss is an event,
 * ASSOCIATION_EVENT_ABORT, and so is the peer's breach of protocol (answered
 * already); errors are ours alone.
 *
 * DATA gives the octets of the APDU itself: RTTR, presentation and the
 * EXTERNAL are stripped here.  Any kind of encoding of them is accepted, and
 * a piece of any size comes as many slices.  At TRANSFER_END the EXTERNAL was
 * complete.  After an exception (association_except) only
 * TRANSFER_INTERRUPTED, TRANSFER_DISCARDED and ABORT come for this activity.
 *
 * TRANSFER_DISCARDED while TRANSFER_END waits for its confirmation (the phase
 * is still ASSOCIATION_TRANSFER): the sender lost patience.  It is answered
 * by who knows whether responsibility was taken: association_confirm_transfer
 * tells that it was (RTAB 7, the association is over), _confirm_discard that
 * it was not.  The next association_receive takes silence for the latter.
 */
int association_receive(struct association *association,
    struct association_event *event, uint64_t deadline) WARN_UNUSED;

/* association_tls_identity - tell who the peer is by its certificate; NULL: TLS
 * is not spoken, or its handshake is not done */
const struct tls_identity *
association_tls_identity(const struct association *association);

/* association_poll_events - tell what to poll for: POLLIN, and POLLOUT if
 * output is waiting for room; call association_receive for either */
short association_poll_events(const struct association *association);

/*
 * association_confirm_checkpoint - send MIA: all up to serial are safe
 * association_confirm_transfer - send AEA: we took responsibility
 * association_except - send ED: we cannot go on with this transfer
 *
 * association_confirm_discard - send ADA: the transfer is forgotten
 *
 * Written at once if the network takes it, else kept and written during the
 * next calls; they do not wait.  ERR_STATE: not asked for.
 */
int association_confirm_checkpoint(
    struct association *association, uint32_t serial) WARN_UNUSED;
int association_confirm_transfer(struct association *association) WARN_UNUSED;
int association_except(struct association *association,
    enum association_exception reason) WARN_UNUSED;
int association_confirm_discard(struct association *association) WARN_UNUSED;

/*
 * association_release - release the association in order, as its initiator, in
 * at most disconnect_timeout
 *
 * Only between transfers and with the turn, else ERR_STATE.  The association
 * is over after it, whatever it returned but ERR_STATE.  turn_wanted tells if
 * the peer asked for the turn during the release: its messages wait for
 * another association.
 */
int association_release(struct association *association) WARN_UNUSED;

/*
 * association_confirm_release - answer ASSOCIATION_EVENT_RELEASE
 *
 * Waits until the peer disconnects, at most disconnect_timeout and 5 seconds;
 * a peer that never does is no error.
 */
int association_confirm_release(struct association *association) WARN_UNUSED;

/*
 * association_abort - abort at any time, with a reason if it can still be
 * sent; be over
 *
 * Waits a second at most, for the network to take it and for the peer to
 * disconnect.  An association that is over is left alone.
 */
void association_abort(
    struct association *association, enum association_abort_reason reason);

#endif
