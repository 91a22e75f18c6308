/* SPDX-License-Identifier: ISC */
/*
 * taker.c - what a peer takes; see taker.h
 */
#include "tests/peers/taker.h"

#include <sys/mman.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ber/reader.h"
#include "osi/association_recovery.h"

#define NAMED_MAX 500 /* of more recipients the number alone is noted */

/* is_implicit - tell whether the first extension of a message's envelope is
 * tagged implicitly: its type is [0] INTEGER, not [0] around one */
static bool
is_implicit(struct slice envelope)
{
	struct ber_reader reader, set, list, field;
	struct ber_element el;

	ber_reader_init(&reader, envelope, NULL);
	if (ber_next(&reader, &el) <= 0 || ber_enter(&reader, &el, &set) != 0)
		return false;
	while (ber_next(&set, &el) > 0)
		if (el.tag == BER_CTX(3))
			return ber_enter(&set, &el, &list) == 0 &&
			    ber_next(&list, &el) > 0 &&
			    ber_enter(&list, &el, &field) == 0 &&
			    ber_next(&field, &el) > 0 && !el.constructed;
	return false;
}

/* on_envelope - note who and what */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct taker *taker = arg;
	char identifier[MTS_IDENTIFIER_TEXT];
	struct arena arena;
	size_t used;
	bool many = envelope->recipient_count > NAMED_MAX;

	taker->implicit = is_implicit(octets);
	arena_init(&arena, 1 << 20);
	mts_identifier_format(&envelope->identifier, identifier);
	/* the octets and the hash are put before the addresses at the end */
	snprintf(taker->line, sizeof(taker->line), "%s\t%s\t%%OCTETS\t%s",
	    mts_kind_name(envelope->kind), identifier,
	    or_address_format(
		&envelope->originator.address, OR_STYLE_F401, &arena));
	if (many) {
		used = strlen(taker->line);
		snprintf(taker->line + used, sizeof(taker->line) - used,
		    "\t#%zu", p1_responsible(envelope));
	}
	for (size_t i = 0; i < envelope->recipient_count && !many; i++) {
		const struct p1_recipient *r = &envelope->recipients[i];
		const char *text;

		if ((r->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		text =
		    or_address_format(&r->name.address, OR_STYLE_F401, &arena);
		used = strlen(taker->line);
		snprintf(taker->line + used, sizeof(taker->line) - used, "\t%s",
		    text != NULL ? text : "?");
	}
	arena_fini(&arena);
	if (mishap_hits(
		taker->mishap, taker->number, slice_of_string(taker->line)))
		taker->hit = true;
	return 0;
}

/* on_content - hash and count */
static int
on_content(void *arg, struct slice piece)
{
	struct taker *taker = arg;
	size_t room = sizeof(taker->head) - 1 - taker->head_len;

	if (room > piece.len)
		room = piece.len;
	memcpy(taker->head + taker->head_len, piece.data, room);
	taker->head_len += room;
	XXH64_update(taker->hash, piece.data, piece.len);
	taker->octets += piece.len;
	if (taker->mishap->text != NULL &&
	    mishap_hits(taker->mishap, taker->number, piece))
		taker->hit = true;
	return 0;
}

/* begin - expect a transfer */
static void
begin(struct taker *taker)
{
	transfer_reader_reset(&taker->reader);
	XXH64_reset(taker->hash, 0);
	taker->octets = 0;
	taker->head_len = 0;
	taker->number++;
	taker->hit = false;
	taker->old_key = 0;
}

/* taker_memory_new - make a memory, shared with children, empty */
atomic_uint_fast64_t *
taker_memory_new(void)
{
	void *memory = mmap(NULL, TAKER_MEMORY * sizeof(atomic_uint_fast64_t),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);

	if (memory == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return memory;
}

/* remember - remember a hash; false if it is known */
static bool
remember(const struct taker_plan *plan, uint64_t hash)
{
	hash |= 1;
	for (uint64_t at = hash >> 1, i = 0; i < TAKER_MEMORY; at++, i++) {
		uint_fast64_t was = 0;

		if (atomic_compare_exchange_strong(
			&plan->memory[at % TAKER_MEMORY], &was, hash))
			return true;
		if (was == hash)
			return false;
	}
	errx(EXIT_FAILURE, "the memory is full");
}

/* knows - tell whether a hash is remembered */
static bool
knows(const struct taker_plan *plan, uint64_t hash)
{
	hash |= 1;
	for (uint64_t at = hash >> 1, i = 0; i < TAKER_MEMORY; at++, i++) {
		uint_fast64_t was =
		    atomic_load(&plan->memory[at % TAKER_MEMORY]);

		if (was == 0 || was == hash)
			return was == hash;
	}
	return false;
}

/* is_new - tell whether a transfer has not been seen yet, and remember it */
static bool
is_new(const struct taker_plan *plan, const char *line, size_t length)
{
	return plan->memory == NULL || remember(plan, XXH64(line, length, 0));
}

/* activity_key - write a key of an activity of a session connection, for the
 * memory */
static uint64_t
activity_key(const struct session_references *references, uint32_t activity)
{
	uint64_t hash =
	    XXH64(references->calling, references->calling_len, activity);

	hash = XXH64(references->common, references->common_len, hash);
	return XXH64(references->additional, references->additional_len, hash);
}

/* taker_memory_load - load what an earlier peer noted in this file */
void
taker_memory_load(const struct taker_plan *plan, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (file == NULL)
		return;
	while ((length = getline(&line, &size, file)) > 0)
		(void)is_new(plan, line, (size_t)length);
	free(line);
	fclose(file);
}

/* note - write the line of a transfer that is whole, and count it */
static void
note(struct taker *taker)
{
	const struct taker_plan *plan = taker->plan;
	char line[sizeof(taker->line) + 64];
	char *mark = strstr(taker->line, "%OCTETS");
	int n;

	taker->head[taker->head_len] = '\0';
	taker->sent_ns =
	    taker->head[0] == '@' ? strtoull(taker->head + 1, NULL, 10) : 0;
	if ((plan->output != -1 || plan->memory != NULL) && mark != NULL) {
		*mark = '\0';
		n = snprintf(line, sizeof(line),
		    "%s%" PRIu64 "\t%016" PRIx64 "%s\n", taker->line,
		    taker->octets, (uint64_t)XXH64_digest(taker->hash),
		    mark + strlen("%OCTETS"));
		if (!is_new(plan, line, (size_t)n)) {
			atomic_fetch_add(&plan->figures->duplicates, 1);
			return;
		}
		if (plan->output != -1 &&
		    write(plan->output, line, (size_t)n) != n)
			err(EXIT_FAILURE, "output");
	}
	peer_figures_note(plan->figures, taker->octets, taker->sent_ns);
}

/* refuse - refuse a transfer if the mishap is meant for it; false: it has
 * ended */
static bool
refuse(const struct taker *taker, struct association *association)
{
	const struct mishap *mishap = taker->mishap;

	fprintf(stderr, "hit: %s after %" PRIu64 "\n",
	    mishap_name(mishap->kind),
	    (uint64_t)atomic_load(&taker->plan->figures->messages));
	if (mishap->kind == MISHAP_DIE) {
		atomic_store(&taker->plan->figures->died_ns, peer_now_ns());
		_exit(EXIT_SUCCESS);
	}
	if (mishap->kind == MISHAP_EXCEPT)
		return association_except(association,
			   (enum association_exception)mishap->reason) == 0;
	association_abort(association,
	    mishap->kind == MISHAP_IMPLICIT ? ASSOCIATION_ABORT_USER
					    : ASSOCIATION_ABORT_PERMANENT);
	return false;
}

/* is_hit - tell whether the mishap is meant for a transfer that is whole */
static bool
is_hit(const struct taker *taker)
{
	return taker->hit &&
	    (taker->mishap->kind != MISHAP_IMPLICIT || taker->implicit);
}

/* completed - remember an activity when responsibility is taken */
static int
completed(const struct taker *taker, struct association *association,
    uint32_t activity)
{
	const struct taker_plan *plan = taker->plan;

	if (plan->memory != NULL) {
		(void)remember(
		    plan, activity_key(&association->references, activity));
		if (taker->old_key != 0)
			(void)remember(plan, taker->old_key);
	}
	return association_confirm_transfer(association);
}

/* resumed - resume a transfer: it was completed, or begins again */
static bool
resumed(struct taker *taker, struct association *association,
    const struct association_event *event)
{
	const struct taker_plan *plan = taker->plan;
	uint64_t key = activity_key(event->old_references != NULL
		? event->old_references
		: &association->references,
	    event->old_activity);

	if (plan->memory != NULL && knows(plan, key)) {
		atomic_fetch_add(&plan->figures->duplicates, 1);
		(void)remember(plan,
		    activity_key(&association->references, event->activity));
		return association_resume_completed(association) == 0;
	}
	/* the octets that a process had have gone with that process */
	if (event->serial != 0) {
		(void)!association_resume_unknown(association);
		return false;
	}
	begin(taker);
	taker->old_key = key;
	return association_resume_accept(association, NULL) == 0;
}

/* taker_init - prepare for a new association */
void
taker_init(struct taker *taker, const struct taker_plan *plan,
    const struct mishap *mishap)
{
	taker->plan = plan;
	taker->mishap = mishap;
	taker->number = 0;
	taker->handler = (struct transfer_handler){
	    on_envelope, on_content, taker, NULL, NULL};
	transfer_reader_init(&taker->reader, &taker->handler, UINT64_MAX);
	if ((taker->hash = XXH64_createState()) == NULL)
		errx(EXIT_FAILURE, "memory");
}

/* taker_fini - clear what belongs to an association that has ended */
void
taker_fini(struct taker *taker)
{
	transfer_reader_fini(&taker->reader);
	XXH64_freeState(taker->hash);
}

/* taker_event - handle one event of the association; false if it has ended */
bool
taker_event(struct taker *taker, struct association *association,
    const struct association_event *event)
{
	struct diag diag = {0};

	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		begin(taker);
		return true;
	case ASSOCIATION_EVENT_DATA:
		if (transfer_push(&taker->reader, event->data, &diag) == 0)
			return true;
		break;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return association_confirm_checkpoint(
			   association, event->serial) == 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		if (transfer_finish(&taker->reader, &diag) != 0)
			break;
		if (is_hit(taker))
			return refuse(taker, association);
		note(taker);
		return completed(taker, association, event->activity) == 0;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		return resumed(taker, association, event);
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(association);
		return false;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		return true;
	case ASSOCIATION_EVENT_ABORT:
		return false;
	}
	fprintf(stderr, "transfer: %s\n", diag_text(&diag));
	atomic_fetch_add(&taker->plan->figures->failures, 1);
	association_abort(association, ASSOCIATION_ABORT_PROTOCOL);
	return false;
}
