/* SPDX-License-Identifier: ISC */
/*
 * token.c - the automaton of RTSE's token: its table
 */
#include "traffic/engine/token.h"

/* The values are one more than the state, so that 0 means: stay. */
#define TO(state) ((unsigned char)((state) + 1))

static const unsigned char table[TOKEN_STATES][TOKEN_EVENTS] = {
    [TOKEN_OURS] =
	{
	    [TOKEN_EV_GIVE] = TO(TOKEN_GIVEN),
	},
    [TOKEN_RETURNED] =
	{
	    [TOKEN_EV_SENT] = TO(TOKEN_OURS),
	    [TOKEN_EV_GIVE] = TO(TOKEN_GIVEN),
	},
    [TOKEN_GIVEN] =
	{
	    [TOKEN_EV_TAKEN] = TO(TOKEN_PEERS),
	    [TOKEN_EV_BEGUN] = TO(TOKEN_PEERS),
	    [TOKEN_EV_USED] = TO(TOKEN_OURS),
	    [TOKEN_EV_UNUSED] = TO(TOKEN_RETURNED),
	},
    [TOKEN_PEERS] =
	{
	    [TOKEN_EV_ASK] = TO(TOKEN_ASKED),
	    [TOKEN_EV_RELEASE] = TO(TOKEN_RELEASING),
	    [TOKEN_EV_USED] = TO(TOKEN_OURS),
	    [TOKEN_EV_UNUSED] = TO(TOKEN_RETURNED),
	},
    [TOKEN_ASKED] =
	{
	    [TOKEN_EV_RELEASE] = TO(TOKEN_RELEASING),
	    [TOKEN_EV_USED] = TO(TOKEN_OURS),
	    [TOKEN_EV_UNUSED] = TO(TOKEN_RETURNED),
	},
    [TOKEN_RELEASING] =
	{
	    [TOKEN_EV_BEGUN] = TO(TOKEN_ASKED),
	    [TOKEN_EV_USED] = TO(TOKEN_OURS),
	    [TOKEN_EV_UNUSED] = TO(TOKEN_RETURNED),
	},
};

/* token_init - begin with an association that was opened now */
void
token_init(struct token *token, enum token_state state)
{
	*token = (struct token){.state = state, .asked = TOKEN_NOT_ASKED};
}

/* token_event - change the state as the table says */
void
token_event(struct token *token, enum token_event event)
{
	/* Events without an entry change nothing: a peer may give or ask at
	 * moments that the standard allows and that mean nothing to us. */
	if (table[token->state][event] != 0)
		token->state =
		    (enum token_state)(table[token->state][event] - 1);
	switch (event) {
	case TOKEN_EV_SENT:
		token->sent++;
		break;
	case TOKEN_EV_GIVE:
		/* A turn that is given away settles what either side had asked
		 * for. */
		token->wanted = 0;
		token->asked = TOKEN_NOT_ASKED;
		break;
	case TOKEN_EV_BEGUN:
		token->wanted = 0;
		break;
	case TOKEN_EV_USED:
	case TOKEN_EV_UNUSED:
		/* "sent" bounds how many transfers pass in one turn, so it
		 * counts from when the turn came. */
		token->sent = 0;
		token->asked = TOKEN_NOT_ASKED;
		break;
	case TOKEN_EV_TAKEN:
	case TOKEN_EV_ASK:
	case TOKEN_EV_RELEASE:
		break;
	}
}

/* token_is_ours - tell whether we may send */
bool
token_is_ours(const struct token *token)
{
	return token->state == TOKEN_OURS || token->state == TOKEN_RETURNED;
}
