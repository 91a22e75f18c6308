/* SPDX-License-Identifier: ISC */
/*
 * token.h - the automaton of RTSE's token: who has the turn, who wants it
 *
 * In monologue the initiator has the token for good.  In a two-way alternate
 * association it moves:
 *
 *	ours -give-> given -taken-> peer's -ask-> asked -used-> ours
 *	asked, peer's -release-> releasing -used-> ours
 *	given, peer's, asked, releasing -unused-> returned -sent-> ours
 *	releasing -begun-> asked: the peer's transfer comes first
 *
 * The association (osi/association_turn.h) moves the token on the wire; this
 * automaton says what we wait for, and so how long a peer may be silent.
 * turn.c has the actions.
 */
#ifndef FOURPOST_TRAFFIC_TOKEN_H
#define FOURPOST_TRAFFIC_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_NOT_ASKED ((int64_t)-1)

enum token_state {
	TOKEN_OURS,	/* we send, or give it away */
	TOKEN_RETURNED, /* we may send one transfer at least: the peer asked for
	                   the token and then sent nothing */
	TOKEN_GIVEN,	/* the peer has not taken it yet */
	TOKEN_PEERS,	/* the peer has it, and we do not want it */
	TOKEN_ASKED,	/* the peer has it, and was asked for it */
	TOKEN_RELEASING /* likewise, to release the association */
};
#define TOKEN_STATES ((int)TOKEN_RELEASING + 1)

enum token_event {
	TOKEN_EV_SENT,	  /* a transfer of ours began */
	TOKEN_EV_GIVE,	  /* we gave it away */
	TOKEN_EV_TAKEN,	  /* the peer acknowledged that */
	TOKEN_EV_ASK,	  /* we asked for it, to send */
	TOKEN_EV_RELEASE, /* we asked for it, to release */
	TOKEN_EV_BEGUN,	  /* the peer began a transfer */
	TOKEN_EV_USED,	  /* the peer gave it to us after transfers */
	TOKEN_EV_UNUSED	  /* the peer gave it to us, and had sent nothing */
};
#define TOKEN_EVENTS ((int)TOKEN_EV_UNUSED + 1)

struct token {
	enum token_state state;
	int64_t asked;		  /* by which priority we asked the peer, which
	                             has it; TOKEN_NOT_ASKED */
	unsigned sent;		  /* transfers of ours since it became ours */
	unsigned wanted;	  /* how often the peer asked for it since it
	                             last had it or sent */
	uint32_t received_before; /* activities of the peer when we gave it */
	uint64_t release_by;	  /* TOKEN_RELEASING: monotonic ms until which
	                             it is waited for */
};

/* token_init - begin with an association that was opened now; state is
 * TOKEN_OURS or TOKEN_PEERS */
void token_init(struct token *token, enum token_state state);

/*
 * token_event - change the state as the table says, and count what it counts
 *
 * An event without an entry in the table leaves the state as it is.
 */
void token_event(struct token *token, enum token_event event);

/* token_is_ours - tell whether we may send */
bool token_is_ours(const struct token *token);

#endif
