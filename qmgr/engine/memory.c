/* SPDX-License-Identifier: ISC */
/*
 * memory.c - what mixer-memory is to remember, on its way there, and what it
 * is asked
 */
#include "qmgr/engine/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "mixer/memory_note.h"
#include "qmgr/engine/client.h"
#include "store/store.h"

/* Pages of one transaction, each behind its length: what goes beyond is given
 * up. */
#define PAGES_MAX ((size_t)8 * 1024 * 1024)
/* Pages that are handed on before the last ones are acknowledged. */
#define WINDOW 64
/* The most, with questions between them: mixer-memory has room for no more. */
#define AHEAD_MAX 512
/* Pages that one transaction deletes. */
#define DELETE_MOST 256
/* Each time that mixer-memory is woken costs mail more than the page does. */
#define HAND_PAUSE 200 /* ms */
/* Octets in its channel beyond which it is handed no more for now. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX / 2)
/* Between two lines on what was given up. */
#define TELL_PAUSE 60000
/* Questions under way; one that is older than that is not awaited any more. */
#define ASKED_MAX  64
#define ASKED_TIME 2000
/* It keeps what it is handed within a second or two. */
#define BEHIND_TIME 10000

/* A question that was passed on. */
struct asked {
	struct client *client; /* NULL: free */
	uint64_t ask;	       /* as the client calls it */
	uint64_t number;       /* as mixer-memory knows it */
	uint64_t at;	       /* monotonic ms */
};

struct memory {
	struct buffer pages; /* of the transaction under way */
	struct buffer page;
	bool some;		    /* pages may be left in the queue */
	uint64_t deleted, deleting; /* all up to this one; with this commit */
	uint64_t acked;		    /* all up to this one it has */
	uint64_t given_up, told;    /* pages; of these, in the log */
	uint64_t giving_up;	    /* in the transaction under way */
	uint64_t told_at;	    /* monotonic ms; 0: never */
	struct client *client;	    /* mixer-memory; NULL: there is none */
	uint64_t sent;		    /* all pages up to this one were, */
	uint64_t given;		    /* but for damaged ones: the last */
	unsigned ahead;		    /* pages since it had all */
	uint64_t moved;		    /* monotonic ms: when it went on last */
	uint64_t moved_to;	    /* what it had acknowledged then */
	bool broken;		    /* nothing is written any more */
	uint64_t handed_at;	    /* monotonic ms */
	struct asked asked[ASKED_MAX];
	uint64_t questions;
};

/* memory_new - begin without mixer-memory */
struct memory *
memory_new(void)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return NULL;
	buffer_init(&memory->pages, PAGES_MAX);
	buffer_init(&memory->page, MEMORY_PAGE_MAX);
	memory->some = true;
	return memory;
}

/* memory_free - free it */
void
memory_free(struct memory *memory)
{
	if (memory == NULL)
		return;
	buffer_fini(&memory->pages);
	buffer_fini(&memory->page);
	free(memory);
}

/* memory_wanted - tell whether there is a gateway at all */
bool
memory_wanted(const struct qmgr *qmgr)
{
	return qmgr->memory != NULL && qmgr->conf->mixer_count > 0;
}

/* keep_page - keep the page that was made for the end of the transaction */
static int
keep_page(struct memory *memory)
{
	struct slice page = buffer_slice(&memory->page);
	uint32_t len = (uint32_t)page.len;
	size_t before = buffer_length(&memory->pages);
	int rc = buffer_append(&memory->pages, &len, sizeof(len));

	if (rc == 0)
		rc = buffer_append(&memory->pages, page.data, page.len);
	if (rc < 0)
		buffer_truncate(&memory->pages, before);
	return rc;
}

/* memory_put - have mixer-memory told these notes */
void
memory_put(struct qmgr *qmgr, const char *mts_id, struct slice notes)
{
	struct memory *memory = qmgr->memory;

	if (!memory_wanted(qmgr))
		return;
	while (notes.len > 0) {
		if (memory_note_page(mts_id, &notes, &memory->page) < 0 ||
		    keep_page(memory) < 0) {
			memory->giving_up++;
			return;
		}
	}
}

/* memory_begin - forget what a transaction told that was undone */
void
memory_begin(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;

	if (memory == NULL)
		return;
	buffer_reset(&memory->pages);
	memory->giving_up = 0;
	memory->deleting = memory->deleted;
}

/* delete_first - delete the first page that is left, if its number is not above
 * a bound.  ERR_NOTFOUND: it is, or there is none */
static int
delete_first(struct qmgr *qmgr, uint64_t until)
{
	struct memory *memory = qmgr->memory;
	uint64_t number;
	int rc = store_paged_next(
	    qmgr->store, STORE_PAGED_MEMORY, memory->deleting, &number);

	if (rc == 0 && number > until)
		return ERR_NOTFOUND;
	if (rc == 0)
		rc =
		    store_paged_delete(qmgr->store, STORE_PAGED_MEMORY, number);
	if (rc == 0)
		memory->deleting = number;
	return rc;
}

/* delete_acknowledged - delete what mixer-memory has, or nobody wants */
static int
delete_acknowledged(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	uint64_t until = memory_wanted(qmgr) ? memory->acked : UINT64_MAX;
	int rc = 0;

	for (int i = 0; rc == 0 && memory->some && i < DELETE_MOST &&
	     memory->deleting < until;
	     i++)
		rc = delete_first(qmgr, until);
	if (rc == ERR_NOTFOUND && until == UINT64_MAX)
		memory->some = false;
	else if (rc == ERR_NOTFOUND)
		memory->deleting = until;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* keep_bound - give up the oldest pages while all take more than they may */
static int
keep_bound(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	uint64_t used, size, octets = 0;
	int rc = 0;

	store_usage(qmgr->store, &used, &size);
	size /= MEMORY_PART;
	if (size < MEMORY_AT_LEAST)
		size = MEMORY_AT_LEAST;
	if (size > MEMORY_AT_MOST)
		size = MEMORY_AT_MOST;
	for (int i = 0; rc == 0 && i < DELETE_MOST; i++) {
		rc = store_paged_octets(
		    qmgr->store, STORE_PAGED_MEMORY, &octets);
		if (rc == 0 && octets <= size)
			break;
		if (rc == 0)
			rc = delete_first(qmgr, UINT64_MAX);
		memory->giving_up += rc == 0;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* write_pages - write the pages of the transaction */
static int
write_pages(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	struct slice rest = buffer_slice(&memory->pages);
	uint64_t number;
	uint32_t len;
	int rc = 0;

	store_paged_skip(qmgr->store, memory->acked);
	while (rc == 0 && rest.len > 0) {
		memcpy(&len, rest.data, sizeof(len));
		rest =
		    slice_of(rest.data + sizeof(len), rest.len - sizeof(len));
		rc = store_paged_append(qmgr->store, STORE_PAGED_MEMORY,
		    slice_of(rest.data, len), &number);
		rest = slice_of(rest.data + len, rest.len - len);
		/* The queue is full, and mail needs what is left of it. */
		if (rc == ERR_LIMIT) {
			memory->giving_up++;
			rc = 0;
		}
	}
	return rc;
}

/* memory_write - write what the transaction told */
int
memory_write(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	int rc;

	if (memory == NULL || memory->broken)
		return 0;
	rc = delete_acknowledged(qmgr);
	if (rc == 0 && buffer_length(&memory->pages) > 0) {
		memory->some = true;
		rc = write_pages(qmgr);
		if (rc == 0)
			rc = keep_bound(qmgr);
	}
	/* The transaction is tried again, without this. */
	if (rc == ERR_CORRUPT) {
		memory->broken = true;
		memory->given_up++;
	}
	return rc;
}

/* send_page - hand mixer-memory the next page: ERR_NOTFOUND, it has all */
static int
send_page(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	struct ipc_record record = {.type = IPC_TRACK_PAGE};
	uint64_t number;
	int rc = store_paged_next(
	    qmgr->store, STORE_PAGED_MEMORY, memory->sent, &number);

	if (rc != 0)
		return rc;
	memory->sent = number;
	buffer_reset(&memory->page);
	rc = store_paged_read(
	    qmgr->store, STORE_PAGED_MEMORY, number, &memory->page);
	/* A page that cannot be read is deleted with those after it. */
	if (rc != 0)
		return rc == ERR_CORRUPT ? 0 : rc;
	record.track_page.number = number;
	record.track_page.page = buffer_slice(&memory->page);
	memory->given = number;
	memory->ahead++;
	client_send(memory->client, &record);
	return 0;
}

/* hand_on - hand mixer-memory so many pages, if it reads them */
static void
hand_on(struct qmgr *qmgr, unsigned most)
{
	struct memory *memory = qmgr->memory;
	int rc = 0;

	memory->handed_at = clock_monotonic();
	for (unsigned i = 0; rc == 0 && i < most && memory->client != NULL &&
	     !memory->client->closing && memory->some &&
	     memory->ahead < AHEAD_MAX &&
	     ipc_channel_pending(&memory->client->channel) < UNSENT_MAX;
	     i++)
		rc = send_page(qmgr);
}

/* memory_committed - hand on what is committed */
void
memory_committed(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	bool made;

	if (memory == NULL)
		return;
	made = buffer_length(&memory->pages) > 0;
	buffer_reset(&memory->pages);
	memory->deleted = memory->deleting;
	memory->given_up += memory->giving_up;
	memory->giving_up = 0;
	if (made && memory->given <= memory->acked &&
	    clock_monotonic() - memory->handed_at >= HAND_PAUSE)
		hand_on(qmgr, WINDOW);
}

/* memory_acknowledged - take an acknowledgement of mixer-memory's */
int
memory_acknowledged(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct memory *memory = client->qmgr->memory;
	uint64_t number = record->track_ack.number;

	if (memory->client != client) {
		memory->client = client;
		memory->sent = memory->acked > memory->deleted
		    ? memory->acked
		    : memory->deleted;
		memory->given = memory->acked;
		memory->ahead = 0;
	} else if (number > memory->sent) {
		return diag_set(
		    diag, ERR_PROTOCOL, "it has pages that were not sent");
	} else if (number > memory->acked) {
		memory->acked = number;
	}
	if (memory->given <= memory->acked) {
		memory->ahead = 0;
		hand_on(client->qmgr, WINDOW);
	}
	return 0;
}

/* answer_nothing - answer a question without values */
static void
answer_nothing(struct client *client, uint64_t ask)
{
	const struct ipc_record record = {
	    .type = IPC_MEMORY_ASK, .memory_ask = {.ask = ask}};

	client_send(client, &record);
}

/* pass_question - pass a question on, behind all pages that are committed */
static void
pass_question(struct client *client, const struct ipc_memory_ask *from)
{
	struct memory *memory = client->qmgr->memory;
	struct asked *asked = &memory->asked[memory->questions % ASKED_MAX];
	struct ipc_record record = {
	    .type = IPC_MEMORY_ASK, .memory_ask = *from};
	uint64_t now = clock_monotonic();

	hand_on(client->qmgr, UINT32_MAX);
	if (memory->client == NULL || memory->client->closing ||
	    ipc_channel_pending(&memory->client->channel) >= UNSENT_MAX ||
	    (asked->client != NULL && now - asked->at < ASKED_TIME)) {
		answer_nothing(client, from->ask);
		return;
	}
	*asked = (struct asked){.client = client,
	    .ask = from->ask,
	    .number = memory->questions++,
	    .at = now};
	record.memory_ask.ask = asked->number;
	client_send(memory->client, &record);
}

/* pass_answer - pass an answer back to who has asked, if he is still there */
static void
pass_answer(struct memory *memory, const struct ipc_memory_ask *from)
{
	struct asked *asked = &memory->asked[from->ask % ASKED_MAX];
	struct ipc_record record = {
	    .type = IPC_MEMORY_ASK, .memory_ask = *from};

	if (asked->client == NULL || asked->number != from->ask)
		return;
	record.memory_ask.ask = asked->ask;
	client_send(asked->client, &record);
	asked->client = NULL;
}

/* memory_ask - pass a question on to mixer-memory, or its answer back */
int
memory_ask(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct memory *memory = client->qmgr->memory;

	(void)diag;
	if (client->role == IPC_ROLE_MIXER_MEMORY)
		pass_answer(memory, &record->memory_ask);
	else
		pass_question(client, &record->memory_ask);
	return 0;
}

/* memory_gone - forget a client that was mixer-memory, or has asked it */
void
memory_gone(const struct client *client)
{
	struct memory *memory = client->qmgr->memory;
	bool was;

	if (memory == NULL)
		return;
	was = memory->client == client;
	if (was)
		memory->client = NULL;
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked *asked = &memory->asked[i];

		if (asked->client == NULL || (!was && asked->client != client))
			continue;
		if (asked->client != client)
			answer_nothing(asked->client, asked->ask);
		asked->client = NULL;
	}
}

/* note_progress - note that mixer-memory has acknowledged something, or has
 * nothing to acknowledge */
static void
note_progress(struct qmgr *qmgr, uint64_t now)
{
	struct memory *memory = qmgr->memory;
	bool owes = memory->client == NULL || memory->given > memory->acked;

	if (memory_wanted(qmgr) && memory->moved != 0 && owes &&
	    memory->acked == memory->moved_to)
		return;
	memory->moved = now == 0 ? 1 : now;
	memory->moved_to = memory->acked;
}

/* memory_is_broken - tell whether a page of the queue could not be written */
bool
memory_is_broken(const struct qmgr *qmgr)
{
	return qmgr->memory != NULL && qmgr->memory->broken;
}

/* memory_text - say what keeps mixer-memory from remembering */
const char *
memory_text(const struct qmgr *qmgr, char text[MEMORY_TEXT_MAX])
{
	const struct memory *memory = qmgr->memory;
	const char *what = NULL;

	text[0] = '\0';
	if (!memory_wanted(qmgr))
		return text;
	if (memory->broken)
		what = "a page of the queue cannot be written";
	else if (memory->moved != 0 &&
	    clock_monotonic() - memory->moved >= BEHIND_TIME)
		what = memory->client == NULL ? "there is no mixer-memory"
					      : "mixer-memory is behind";
	if (what != NULL)
		snprintf(text, MEMORY_TEXT_MAX,
		    "%s: replies may lose their thread, and reports on "
		    "Internet mail what its sender called it",
		    what);
	return text;
}

/* memory_tick - hand on what waits, say what was given up, and note whether
 * mixer-memory goes on */
void
memory_tick(struct qmgr *qmgr)
{
	struct memory *memory = qmgr->memory;
	uint64_t now = clock_monotonic();

	if (memory->given <= memory->acked)
		hand_on(qmgr, WINDOW);
	note_progress(qmgr, now);
	if (memory->given_up == memory->told ||
	    (memory->told_at != 0 && now - memory->told_at < TELL_PAUSE))
		return;
	LOG_EVENT(EVENT_MEMORY_GIVEN_UP,
	    LOG_INT("count", memory->given_up - memory->told),
	    LOG_STRING("reason",
		memory->broken		     ? "a page cannot be written"
		    : memory->client != NULL ? "mixer-memory is behind"
					     : "there is no mixer-memory"));
	memory->told = memory->given_up;
	memory->told_at = now == 0 ? 1 : now;
}
