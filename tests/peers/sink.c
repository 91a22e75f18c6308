/* SPDX-License-Identifier: ISC */
/*
 * sink.c - what a sink does with one connection; see sink.h
 */
#include "tests/peers/sink.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "osi/association_recovery.h"
#include "tests/peers/gate.h"
#include "tests/peers/two_way.h"

/* take - take one event of a bound association; false if it has ended */
static bool
take(struct association *association, struct taker *taker)
{
	struct association_event event;

	return association_receive(association, &event, CLOCK_NEVER) == 0 &&
	    taker_event(taker, association, &event);
}

/* serve - serve what comes, and in two-way alternate dialogue what is to go */
static void
serve(const struct sink *sink, const struct mishap *mishap,
    struct association *association, struct taker *taker, int fd)
{
	struct sender sender;
	struct two_way two_way = {.sender = &sender,
	    .taker = taker,
	    .mishap = mishap,
	    .fd = fd,
	    .patience_ms = sink->patience_ms,
	    .expected = sink->expected};

	if (association->dialogue == ASSOCIATION_MONOLOGUE) {
		while (take(association, taker))
			;
		return;
	}
	sender_init(&sender, &sink->sends, 0);
	sender_connected(&sender, mishap);
	(void)!two_way_run(&two_way, association);
	sender_fini(&sender);
}

/* answer - accept the association, or do what the mishap says */
static int
answer(const struct sink *sink, const struct mishap *mishap,
    struct association *association, bool recover)
{
	if (mishap->kind == MISHAP_REFUSE_BIND || mishap->kind == MISHAP_BUSY)
		return association_refuse(association, ASSOCIATION_REFUSE_BIND,
		    mishap->kind == MISHAP_BUSY
			? ASSOCIATION_BIND_BUSY
			: ASSOCIATION_BIND_AUTHENTICATION);
	if (recover && sink->takes.memory == NULL)
		return association_refuse(association,
		    ASSOCIATION_REFUSE_CANNOT_RECOVER, ASSOCIATION_BIND_BUSY);
	if (recover)
		return association_accept_recovery(
		    association, sink->checkpoint, sink->window);
	return association_accept(association,
	    peer_bind(sink->name, sink->password), sink->checkpoint,
	    sink->window);
}

/* parameters_of - choose those that let a layer refuse what nobody would ask
 * for */
static struct association_parameters
parameters_of(const struct sink *sink, const struct mishap *mishap)
{
	struct association_parameters parameters =
	    peer_parameters(sink->checkpoint, sink->window);
	const struct slice other = slice_of_string("nobody's");

	parameters.transfer_timeout = sink->patience_ms;
	if (sink->two_way)
		parameters.dialogue = ASSOCIATION_TWO_WAY;
	if (mishap->kind == MISHAP_REFUSE_TRANSPORT)
		parameters.called_tsel = other;
	if (mishap->kind == MISHAP_REFUSE_SESSION)
		parameters.called_ssel = other;
	if (mishap->kind == MISHAP_REFUSE_PRESENTATION)
		parameters.called_psel = other;
	if (mishap->kind == MISHAP_REFUSE_ASSOCIATION)
		parameters.application_context = other;
	return parameters;
}

/* converse - run the association from its begin to its end */
static void
converse(const struct sink *sink, const struct mishap *mishap, int fd,
    struct taker *taker)
{
	struct association_parameters parameters = parameters_of(sink, mishap);
	struct association_indication indication;
	struct association association;

	if (association_init(&association,
		(struct association_io){association_poll, NULL}) != 0)
		errx(EXIT_FAILURE, "memory");
	if (association_listen(&association, fd, &parameters, &indication) ==
		0 &&
	    answer(sink, mishap, &association, indication.recover) == 0 &&
	    association.phase == ASSOCIATION_OPEN)
		serve(sink, mishap, &association, taker, fd);
	else if (mishap->kind == MISHAP_NONE)
		fprintf(stderr, "x4sink: %s\n", association.failure.text);
	association_fini(&association);
}

/* sink_serve - serve one connection from the CR to its end */
void
sink_serve(const struct sink *sink, const struct mishap *mishap, int fd)
{
	static struct taker taker;
	struct gate gate = {.remote = 0,
	    .mishap = mishap,
	    .trickle_ms = sink->trickle_ms,
	    .hold_s = GATE_HOLD_S};

	if (mishap_on_wire(mishap))
		fd = gate_put(&gate, fd);
	taker_init(&taker, &sink->takes, mishap);
	converse(sink, mishap, fd, &taker);
	taker_fini(&taker);
	close(fd);
}
