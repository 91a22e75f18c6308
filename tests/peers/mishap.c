/* SPDX-License-Identifier: ISC */
/*
 * mishap.c - one way in which a peer misbehaves, from text; see mishap.h
 */
#include "tests/peers/mishap.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tests/peers/peer.h"

#define JUNK 64

static const char *const names[MISHAP_KINDS] = {
    [MISHAP_NONE] = "none",
    [MISHAP_FIN] = "fin",
    [MISHAP_RESET] = "reset",
    [MISHAP_TRUNCATE] = "truncate",
    [MISHAP_SILENCE] = "silence",
    [MISHAP_STALL] = "stall",
    [MISHAP_TRICKLE] = "trickle",
    [MISHAP_GARBAGE] = "garbage",
    [MISHAP_NONSENSE] = "nonsense",
    [MISHAP_REFUSE_TRANSPORT] = "refuse-transport",
    [MISHAP_REFUSE_SESSION] = "refuse-session",
    [MISHAP_REFUSE_PRESENTATION] = "refuse-presentation",
    [MISHAP_REFUSE_ASSOCIATION] = "refuse-association",
    [MISHAP_REFUSE_BIND] = "refuse-bind",
    [MISHAP_BUSY] = "busy",
    [MISHAP_EXCEPT] = "except",
    [MISHAP_DIE] = "die",
    [MISHAP_ABORT] = "abort",
    [MISHAP_IMPLICIT] = "implicit",
    [MISHAP_ENDLESS] = "endless",
    [MISHAP_DISCARD] = "discard",
    [MISHAP_KEEP_TURN] = "keep-turn",
    [MISHAP_IDLE_TURN] = "idle-turn",
    [MISHAP_TOSS_TURN] = "toss-turn",
    [MISHAP_BEG_TURN] = "beg-turn",
};

/* kind_find - find a kind by its name, or exit */
static enum mishap_kind
kind_find(const char *name)
{
	unsigned kind = MISHAP_NONE;

	if (strcmp(name, "black-hole") == 0)
		return MISHAP_SILENCE;
	while (kind < MISHAP_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	if (kind == MISHAP_KINDS)
		errx(EXIT_FAILURE, "-M %s: no such mishap", name);
	return (enum mishap_kind)kind;
}

/* parse_message - parse what follows the mode of one that is done to a
 * message */
static void
parse_message(struct mishap *mishap, const char *text)
{
	mishap->time = 0;
	if (text != NULL && *text == '#')
		mishap->time = peer_number("-M", text + 1, UINT32_MAX);
	else
		mishap->text = text;
}

/* parse_step - parse a step, perhaps one of one side alone */
static void
parse_step(struct mishap *mishap, const char *text)
{
	static const char *const sides[] = {"initiator-", "responder-"};
	const char *word = text;
	unsigned only = WIRE_EITHER;

	for (unsigned i = 0; i < 2; i++)
		if (strncmp(text, sides[i], strlen(sides[i])) == 0) {
			only = i;
			word = text + strlen(sides[i]);
		}
	mishap->step = wire_step_find(word);
	if (mishap->step == WIRE_STEPS)
		errx(EXIT_FAILURE, "-M %s: no such step", text);
	mishap->side = wire_side(mishap->step);
	if (only == WIRE_EITHER)
		return;
	if (mishap->side != WIRE_EITHER)
		errx(EXIT_FAILURE, "-M %s: of one side anyway", text);
	mishap->side = only;
}

/* parse_wire - STEP, OCTETS, TIME */
static void
parse_wire(struct mishap *mishap, char *text)
{
	const char *word = strsep(&text, ":");

	if (word != NULL)
		parse_step(mishap, word);
	if ((word = strsep(&text, ":")) != NULL)
		mishap->octets = peer_number("-M", word, UINT32_MAX);
	if ((word = strsep(&text, ":")) != NULL)
		mishap->time = peer_number("-M", word, UINT32_MAX);
}

/* mishap_add - add one more */
void
mishap_add(struct mishaps *mishaps, const char *text)
{
	struct mishap *mishap = &mishaps->mishap[mishaps->count];
	char *copy = strdup(text), *rest = copy, *reason;

	if (mishaps->count == MISHAPS_MAX || copy == NULL)
		errx(EXIT_FAILURE, "-M: too many");
	*mishap = (struct mishap){.step = WIRE_ACCEPT, .time = 1};
	reason = strsep(&rest, ":");
	mishap->kind = kind_find(strsep(&reason, "="));
	if (reason != NULL)
		mishap->reason = (int)peer_number("-M", reason, 255);
	if (mishap->kind == MISHAP_GARBAGE || mishap->kind == MISHAP_NONSENSE)
		mishap->octets = JUNK;
	if (mishap_on_wire(mishap))
		parse_wire(mishap, rest);
	else
		parse_message(mishap, rest);
	/* the text, if there is one, is part of the copy */
	if (mishap->text == NULL)
		free(copy);
	mishaps->count++;
}

/* mishap_next - take the mishap of the next connection */
const struct mishap *
mishap_next(struct mishaps *mishaps)
{
	static const struct mishap none = {.kind = MISHAP_NONE};

	if (mishaps->count == 0 ||
	    (mishaps->limit != 0 && mishaps->next >= mishaps->limit))
		return &none;
	return &mishaps->mishap[mishaps->next++ % mishaps->count];
}

/* mishap_on_wire - tell whether it is done to the connection */
bool
mishap_on_wire(const struct mishap *mishap)
{
	return mishap->kind >= MISHAP_FIN && mishap->kind <= MISHAP_NONSENSE;
}

/* mishap_hits - tell whether this message is meant */
bool
mishap_hits(const struct mishap *mishap, uint64_t number, struct slice octets)
{
	if (mishap->kind < MISHAP_EXCEPT || mishap->kind > MISHAP_DISCARD)
		return false;
	if (mishap->time != 0)
		return mishap->time == number;
	return mishap->text == NULL ||
	    (octets.len > 0 &&
		memmem(octets.data, octets.len, mishap->text,
		    strlen(mishap->text)) != NULL);
}

/* mishap_name - name a mishap by its kind */
const char *
mishap_name(enum mishap_kind kind)
{
	return names[kind];
}
