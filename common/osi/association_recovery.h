/* SPDX-License-Identifier: ISC */
/*
 * association_recovery.h - transfers that go on after an interruption
 *
 * A transfer is known by the references of the session connection and the
 * number of its activity there, on both sides.  A resumed one has a new
 * number, on the connection where it goes on; a receiver keeps it under both
 * names until it is complete, since the sender learns that the new one holds
 * only from a confirmed checkpoint.
 *
 * Sender, after association_send_interrupt, or after the association was lost
 * inside an activity and association_open with parameters.recover succeeded
 * (failure.cannot_recover: open a fresh one and send it from the start):
 *
 *	association_send_resume		in place of association_send_start
 *	association_send_data ...	from resumption.offset on
 *	association_send_end, _finish
 *
 * What is to be kept of the old association: references, activity_sent,
 * serial_confirmed, confirmed_offset.  If a resumed transfer breaks off again
 * before serial_confirmed has moved, go on with the values kept before: the AR
 * may never have arrived.
 *
 * A transfer without any confirmed checkpoint is resumed as well, with serial
 * 0 and offset 0: a receiver that took responsibility, but whose confirmation
 * was lost, confirms it again and stores nothing.  Refused with RTAB 2
 * (failure.layer ASSOCIATION_LAYER_RTSE, reason
 * ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY): it is to be sent from the start.
 * To forget it instead: association_send_discard after _send_resume.
 *
 * Receiver, also in a process that knows the transfer only from what was
 * stored: at each ASSOCIATION_EVENT_CHECKPOINT
 *
 *	association_receive_state	to be stored with the octets before it,
 *					before association_confirm_checkpoint
 *
 * and at ASSOCIATION_EVENT_TRANSFER_RESUMED one of
 *
 *	association_resume_accept	incomplete: with the state stored last
 *	association_resume_completed	responsibility was taken
 *	association_resume_unknown	never heard of
 *
 * association_receive without an answer is association_resume_unknown.
 * association_confirm_checkpoint may come late and out of step with what
 * arrives: each state stands for its own checkpoint.
 */
#ifndef FOURPOST_OSI_ASSOCIATION_RECOVERY_H
#define FOURPOST_OSI_ASSOCIATION_RECOVERY_H

#include "osi/association.h"

#define ASSOCIATION_STATE_MAX 80

/* Which transfer goes on, and where. */
struct association_resumption {
	uint32_t activity; /* association.activity_sent of then */
	uint32_t serial;   /* association.serial_confirmed; 0: none */
	uint64_t offset;   /* association.confirmed_offset; 0 with 0 */
	/* NULL: it was interrupted on this association. */
	const struct session_references *references;
};

/*
 * What a receiver must keep to go on: where in the EXTERNAL around the APDU
 * a checkpoint stands, and where the ones before it did, for a sender that
 * missed confirmations.  Octets to be stored as they are.
 */
struct association_receive_state {
	uint8_t octets[ASSOCIATION_STATE_MAX];
	uint8_t len;
};

/*
 * association_send_resume - go on with a transfer of length octets in all
 *
 * As association_send_start; association.activity_sent is its new number.
 * association_send_data takes octets from resumption->offset on, the caller
 * owes length - offset.  serial_confirmed and confirmed_offset stand at
 * resumption's until a checkpoint is confirmed.  ERR_VALUE: offset not below
 * length, or not 0 where serial is.
 */
int association_send_resume(struct association *association,
    const struct association_resumption *resumption, uint64_t length,
    uint64_t deadline) WARN_UNUSED;

/* association_accept_recovery - accept a request with indication.recover, as
 * association_accept but without a bind's result */
int association_accept_recovery(struct association *association,
    unsigned checkpoint_size, unsigned window) WARN_UNUSED;

/*
 * association_receive_state - save the receiver at the checkpoint just given
 *
 * Right after ASSOCIATION_EVENT_CHECKPOINT, before the next
 * association_receive; ERR_STATE else.
 */
int association_receive_state(const struct association *association,
    struct association_receive_state *state) WARN_UNUSED;

/* association_receive_state_get - read from a saved receiver the checkpoint's
 * serial number, and how many octets of the APDU were handed out up to it.
 * ERR_CORRUPT */
int association_receive_state_get(const struct association_receive_state *state,
    uint32_t *serial, uint64_t *offset) WARN_UNUSED;

/*
 * association_resume_accept - go on from a state
 *
 * state is the one stored last; NULL: none was, or the sender's checkpoint is
 * 0 and the caller has thrown away what it had.  DATA begins with the APDU's
 * octet at the state's offset, even if the sender, having missed
 * confirmations, begins before that: what is there already is passed over.
 * Checkpoints come as events, to be confirmed, as in any transfer.
 *
 * ERR_NOTFOUND: the state does not reach to the sender's checkpoint, or that
 * one is too far back to be known: association_resume_unknown, or, if it is
 * 0, once more with NULL.  ERR_CORRUPT: the state.  Both leave the question
 * open.
 */
int association_resume_accept(struct association *association,
    const struct association_receive_state *state) WARN_UNUSED;

/*
 * association_resume_completed - answer that the transfer was completed
 * before: nothing comes of it
 *
 * What arrives of it is passed over and confirmed, without any event; if it
 * is to be discarded, the answer is RTAB 7 and ASSOCIATION_EVENT_ABORT comes
 * (failure.reason ASSOCIATION_ABORT_TRANSFER_COMPLETED).  An interruption
 * comes as an event, as in any transfer.
 */
int association_resume_completed(struct association *association) WARN_UNUSED;

/* association_resume_unknown - answer by RTAB 2 that the transfer is unknown:
 * the association is over */
int association_resume_unknown(struct association *association) WARN_UNUSED;

#endif
