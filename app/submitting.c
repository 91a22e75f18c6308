/* SPDX-License-Identifier: ISC */
/*
 * submitting.c - make a submission of an object
 */
#include "app/submitting.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define PIECE	    (64 * 1024)
#define TICK_OCTETS (16 * 1024 * 1024)

/* submitting_init - begin without an object */
int
submitting_init(
    struct submitting *submitting, struct app *app, struct submitter *submitter)
{
	*submitting = (struct submitting){.app = app, .submitter = submitter};
	arena_init(&submitting->arena, OBJECT_ARENA_MAX);
	buffer_init(&submitting->envelope, P1_ENVELOPE_MAX);
	for (size_t i = 0; i < 2; i++) {
		submitting->digest[i] = XXH3_createState();
		if (submitting->digest[i] == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

/* submitting_fini - free what it has */
void
submitting_fini(struct submitting *submitting)
{
	object_content_end(submitting->content);
	buffer_fini(&submitting->envelope);
	arena_fini(&submitting->arena);
	for (size_t i = 0; i < 2; i++)
		(void)XXH3_freeState(submitting->digest[i]);
}

/* submitting_begin - forget the object before */
void
submitting_begin(struct submitting *submitting)
{
	object_content_end(submitting->content);
	submitting->content = NULL;
	submitting->fault = (struct object_fault){.error = 0};
	buffer_reset(&submitting->envelope);
	arena_reset(&submitting->arena);
	for (size_t i = 0; i < 2; i++)
		(void)XXH3_128bits_reset_withSeed(submitting->digest[i], i);
}

/* submitting_defaults - make what a reader adds of its own */
int
submitting_defaults(struct submitting *submitting, const char *id,
    struct object_defaults *defaults)
{
	*defaults = (struct object_defaults){.id = id};
	return global_domain_parse(
	    slice_of_string(submitting->app->conf->mta.domain.text),
	    &submitting->arena, &defaults->domain, NULL);
}

/* submitting_prepare - prepare content and envelope */
int
submitting_prepare(
    struct submitting *submitting, const struct object_supply *supply)
{
	int error = object_content_begin(&submitting->whole, &submitting->arena,
	    supply, &submitting->content, &submitting->fault);

	return error < 0 ? error
			 : p1_encode(&submitting->whole.envelope,
			       EXTENSION_IMPLICIT, &submitting->envelope);
}

/* add_octets - pass on octets, and add them to the digest */
static int
add_octets(struct submitting *submitting, struct submitted *submitted,
    struct slice octets)
{
	for (size_t i = 0; i < 2; i++)
		(void)XXH3_128bits_update(
		    submitting->digest[i], octets.data, octets.len);
	return submission_body(
	    submitting->submitter, &submitted->at_qmgr, octets);
}

/* send_content - pass on the octets of the content */
static int
send_content(struct submitting *submitting, struct submitted *submitted)
{
	uint8_t *room = malloc(PIECE);
	uint64_t done = 0;
	int64_t n = 1;
	int error = room == NULL ? ERR_NOMEM : 0;

	while (error == 0 && n > 0) {
		n = object_content_read(
		    submitting->content, room, PIECE, &submitting->fault);
		error = n < 0 ? (int)n : 0;
		if (n > 0)
			error = add_octets(
			    submitting, submitted, slice_of(room, (size_t)n));
		done += n > 0 ? (uint64_t)n : 0;
		/* A long content is progress, though nobody is waited for. */
		if (done % TICK_OCTETS < PIECE)
			worker_tick(&submitting->app->worker);
	}
	free(room);
	return error;
}

/* end_submission - ask qmgr to take responsibility, under the key if there is
 * one */
static int
end_submission(struct submitting *submitting, struct submitted *submitted)
{
	uint64_t length = object_content_length(submitting->content);
	uint8_t digest[IPC_DIGEST_LEN];

	if (submitted->key[0] == '\0')
		return submission_end(submitting->submitter,
		    &submitted->at_qmgr, length, slice_of(NULL, 0));
	for (size_t i = 0; i < 2; i++) {
		XXH128_canonical_t canonical;

		XXH128_canonicalFromHash(
		    &canonical, XXH3_128bits_digest(submitting->digest[i]));
		memcpy(digest + 16 * i, canonical.digest, 16);
	}
	return submission_end_keyed(submitting->submitter, &submitted->at_qmgr,
	    length, slice_of_string(submitted->key),
	    slice_of(digest, sizeof(digest)));
}

/* submitting_send - submit it */
int
submitting_send(struct submitting *submitting, struct submitted *submitted)
{
	enum mts_kind kind = object_mts_kind(submitting->whole.kind);
	const struct ipc_submit_start start = {.kind = kind,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = buffer_length(&submitting->envelope),
	    .refuse_at_once = kind == MTS_MESSAGE};
	int error;

	submission_init(submitting->submitter, &submitted->at_qmgr);
	error = submission_start(
	    submitting->submitter, &submitted->at_qmgr, &start);
	if (error == 0)
		error = add_octets(
		    submitting, submitted, buffer_slice(&submitting->envelope));
	if (error == 0)
		error = send_content(submitting, submitted);
	if (error == 0 && FAULT_POINT("app-in-sent"))
		error = ERR_CANCELLED;
	if (error == 0)
		error = end_submission(submitting, submitted);
	/* qmgr has refused it already, which is an answer like others. */
	if (error == ERR_REFUSED)
		return 0;
	if (error < 0)
		(void)!submission_cancel(submitting->submitter,
		    &submitted->at_qmgr, SUBMISSION_DROP);
	return error;
}
