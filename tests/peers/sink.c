/* SPDX-License-Identifier: ISC */
/*
 * sink.c - what a sink does with one connection; see sink.h
 */
#include "tests/peers/sink.h"

#include <sys/mman.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "mhs/transfer.h"
#include "osi/association_recovery.h"
#include "tests/peers/gate.h"

/* The transfer that an association is in. */
struct taking {
	struct transfer_reader reader;
	XXH64_state_t *hash;
	uint64_t octets;
	uint64_t sent_ns;
	char head[32];
	size_t head_len;
	char line[65536];
	const struct mishap *mishap;
	uint64_t number;  /* of transfers on this association */
	bool hit;	  /* the mishap is meant for this one */
	uint64_t old_key; /* of the activity that goes on in it; 0: none */
};

/* on_envelope - note who and what */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct taking *taking = arg;
	char identifier[MTS_IDENTIFIER_TEXT];
	struct arena arena;
	size_t used;

	(void)octets;
	arena_init(&arena, 1 << 20);
	mts_identifier_format(&envelope->identifier, identifier);
	/* the octets and the hash are put before the addresses at the end */
	snprintf(taking->line, sizeof(taking->line), "%s\t%s\t%%OCTETS\t%s",
	    p1_kind_name(envelope->kind), identifier,
	    or_address_format(
		&envelope->originator.address, OR_STYLE_F401, &arena));
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct p1_recipient *r = &envelope->recipients[i];
		const char *text;

		if ((r->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		text =
		    or_address_format(&r->name.address, OR_STYLE_F401, &arena);
		used = strlen(taking->line);
		snprintf(taking->line + used, sizeof(taking->line) - used,
		    "\t%s", text != NULL ? text : "?");
	}
	arena_fini(&arena);
	if (mishap_hits(
		taking->mishap, taking->number, slice_of_string(taking->line)))
		taking->hit = true;
	return 0;
}

/* on_content - hash and count */
static int
on_content(void *arg, struct slice piece)
{
	struct taking *taking = arg;
	size_t room = sizeof(taking->head) - 1 - taking->head_len;

	if (room > piece.len)
		room = piece.len;
	memcpy(taking->head + taking->head_len, piece.data, room);
	taking->head_len += room;
	XXH64_update(taking->hash, piece.data, piece.len);
	taking->octets += piece.len;
	if (taking->mishap->text != NULL &&
	    mishap_hits(taking->mishap, taking->number, piece))
		taking->hit = true;
	return 0;
}

/* begin - expect a transfer */
static void
begin(struct taking *taking)
{
	transfer_reader_reset(&taking->reader);
	XXH64_reset(taking->hash, 0);
	taking->octets = 0;
	taking->head_len = 0;
	taking->number++;
	taking->hit = false;
	taking->old_key = 0;
}

/* sink_memory_new - shared with children, empty */
atomic_uint_fast64_t *
sink_memory_new(void)
{
	void *memory = mmap(NULL, SINK_MEMORY * sizeof(atomic_uint_fast64_t),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);

	if (memory == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return memory;
}

/* remember - a hash, unless it is known: false */
static bool
remember(const struct sink *sink, uint64_t hash)
{
	hash |= 1;
	for (uint64_t at = hash >> 1, i = 0; i < SINK_MEMORY; at++, i++) {
		uint_fast64_t was = 0;

		if (atomic_compare_exchange_strong(
			&sink->memory[at % SINK_MEMORY], &was, hash))
			return true;
		if (was == hash)
			return false;
	}
	errx(EXIT_FAILURE, "the memory is full");
}

/* knows - whether a hash is remembered */
static bool
knows(const struct sink *sink, uint64_t hash)
{
	hash |= 1;
	for (uint64_t at = hash >> 1, i = 0; i < SINK_MEMORY; at++, i++) {
		uint_fast64_t was =
		    atomic_load(&sink->memory[at % SINK_MEMORY]);

		if (was == 0 || was == hash)
			return was == hash;
	}
	return false;
}

/* is_new - whether a transfer has not been seen yet; from now on it has */
static bool
is_new(const struct sink *sink, const char *line, size_t length)
{
	return sink->memory == NULL || remember(sink, XXH64(line, length, 0));
}

/* activity_key - of an activity of a session connection, for the memory */
static uint64_t
activity_key(const struct association_references *references, uint32_t activity)
{
	uint64_t hash =
	    XXH64(references->calling, references->calling_len, activity);

	hash = XXH64(references->common, references->common_len, hash);
	return XXH64(references->additional, references->additional_len, hash);
}

/* sink_memory_load - what an earlier sink noted in this file */
void
sink_memory_load(const struct sink *sink, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (file == NULL)
		return;
	while ((length = getline(&line, &size, file)) > 0)
		(void)is_new(sink, line, (size_t)length);
	free(line);
	fclose(file);
}

/* note - the transfer is whole: write its line, count it */
static void
note(const struct sink *sink, struct taking *taking)
{
	char line[sizeof(taking->line) + 64];
	char *mark = strstr(taking->line, "%OCTETS");
	int n;

	taking->head[taking->head_len] = '\0';
	taking->sent_ns =
	    taking->head[0] == '@' ? strtoull(taking->head + 1, NULL, 10) : 0;
	if ((sink->output != -1 || sink->memory != NULL) && mark != NULL) {
		*mark = '\0';
		n = snprintf(line, sizeof(line),
		    "%s%" PRIu64 "\t%016" PRIx64 "%s\n", taking->line,
		    taking->octets, (uint64_t)XXH64_digest(taking->hash),
		    mark + strlen("%OCTETS"));
		if (!is_new(sink, line, (size_t)n)) {
			atomic_fetch_add(&sink->figures->duplicates, 1);
			return;
		}
		if (sink->output != -1 &&
		    write(sink->output, line, (size_t)n) != n)
			err(EXIT_FAILURE, "output");
	}
	peer_figures_note(sink->figures, taking->octets, taking->sent_ns);
}

/* refuse_transfer - the mishap is meant for it; false: it has ended */
static bool
refuse_transfer(struct association *association, const struct mishap *mishap)
{
	if (mishap->kind == MISHAP_EXCEPT)
		return association_except(association,
			   ASSOCIATION_EXCEPTION_NON_SPECIFIC) == 0;
	association_abort(association, ASSOCIATION_ABORT_PERMANENT);
	return false;
}

/* completed - responsibility is taken: remember the activity */
static int
completed(const struct sink *sink, struct association *association,
    const struct taking *taking, uint32_t activity)
{
	if (sink->memory != NULL) {
		(void)remember(
		    sink, activity_key(&association->references, activity));
		if (taking->old_key != 0)
			(void)remember(sink, taking->old_key);
	}
	return association_confirm_transfer(association);
}

/* resumed - a transfer goes on: it was completed, or begins anew */
static bool
resumed(const struct sink *sink, struct association *association,
    struct taking *taking, const struct association_event *event)
{
	uint64_t key = activity_key(event->old_references != NULL
		? event->old_references
		: &association->references,
	    event->old_activity);

	if (sink->memory != NULL && knows(sink, key)) {
		atomic_fetch_add(&sink->figures->duplicates, 1);
		(void)remember(sink,
		    activity_key(&association->references, event->activity));
		return association_resume_completed(association) == 0;
	}
	/* what a process had of it has gone with the process */
	if (event->serial != 0) {
		(void)!association_resume_unknown(association);
		return false;
	}
	begin(taking);
	taking->old_key = key;
	return association_resume_accept(association, NULL) == 0;
}

/* take - one event of a bound association; false: it has ended */
static bool
take(const struct sink *sink, struct association *association,
    struct taking *taking)
{
	struct association_event event;
	struct diag diag = {0};

	if (association_receive(association, &event, CLOCK_NEVER) != 0)
		return false;
	switch (event.kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		begin(taking);
		return true;
	case ASSOCIATION_EVENT_DATA:
		if (transfer_push(&taking->reader, event.data, &diag) == 0)
			return true;
		break;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return association_confirm_checkpoint(
			   association, event.serial) == 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		if (transfer_finish(&taking->reader, &diag) != 0)
			break;
		if (taking->hit)
			return refuse_transfer(association, taking->mishap);
		note(sink, taking);
		return completed(sink, association, taking, event.activity) ==
		    0;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		return resumed(sink, association, taking, &event);
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(association);
		return false;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		return true;
	case ASSOCIATION_EVENT_ABORT:
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		return false;
	}
	fprintf(stderr, "x4sink: %s\n", diag_text(&diag));
	atomic_fetch_add(&sink->figures->failures, 1);
	association_abort(association, ASSOCIATION_ABORT_PROTOCOL);
	return false;
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
	if (recover && sink->memory == NULL)
		return association_refuse(association,
		    ASSOCIATION_REFUSE_CANNOT_RECOVER, ASSOCIATION_BIND_BUSY);
	if (recover)
		return association_accept_recovery(
		    association, sink->checkpoint, sink->window);
	return association_accept(association,
	    peer_bind(sink->name, sink->password), sink->checkpoint,
	    sink->window);
}

/* parameters_of - those that let a layer refuse what nobody would ask for */
static struct association_parameters
parameters_of(const struct sink *sink, const struct mishap *mishap)
{
	struct association_parameters parameters =
	    peer_parameters(sink->checkpoint, sink->window);
	const struct slice other = slice_of_string("nobody's");

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

/* converse - the association from its begin to its end */
static void
converse(const struct sink *sink, const struct mishap *mishap, int fd,
    struct taking *taking)
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
		while (take(sink, &association, taking))
			;
	else if (mishap->kind == MISHAP_NONE)
		fprintf(stderr, "x4sink: %s\n", association.failure.text);
	association_fini(&association);
}

/* sink_serve - one connection from the CR to its end */
void
sink_serve(const struct sink *sink, const struct mishap *mishap, int fd)
{
	static struct taking taking;
	const struct transfer_handler handler = {
	    on_envelope, on_content, &taking};
	struct gate gate = {.remote = 0,
	    .mishap = mishap,
	    .trickle_ms = sink->trickle_ms,
	    .hold_s = GATE_HOLD_S};

	if (mishap_on_wire(mishap))
		fd = gate_put(&gate, fd);
	taking.mishap = mishap;
	transfer_reader_init(&taking.reader, &handler, UINT64_MAX);
	if ((taking.hash = XXH64_createState()) == NULL)
		errx(EXIT_FAILURE, "memory");
	converse(sink, mishap, fd, &taking);
	transfer_reader_fini(&taking.reader);
	XXH64_freeState(taking.hash);
	close(fd);
}
