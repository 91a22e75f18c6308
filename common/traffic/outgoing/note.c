/* SPDX-License-Identifier: ISC */
/*
 * note.c - how a transfer goes on in another process
 *
 * Each time the peer has confirmed some more of it qmgr is given a note to
 * keep with the message.  Whoever is given the message next has the note, and
 * resumes the transfer instead of beginning anew, while the peer may be
 * expected to have what it confirmed.
 *
 * A note is text: version, time, activity, serial number, offset, the lengths
 * of the three references and of the link's name, and then these.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "traffic/engine/traffic.h"

#define VERSION	   1
#define NOTE_EVERY ((uint64_t)256 * 1024) /* octets between two notes */

/* put - a note of where the association stands; its length, 0: too long */
static size_t
put(const struct traffic *traffic, char note[NOTE_MAX])
{
	const struct association *association = &traffic->association;
	const struct session_references *r = &association->references;
	const char *name = traffic->link->name;
	size_t len = strlen(name);
	int n = snprintf(note, NOTE_MAX,
	    "%d %" PRId64 " %u %u %" PRIu64 " %u %u %u %zu ", VERSION,
	    clock_wall(), association->activity_sent,
	    association->serial_confirmed, association->confirmed_offset,
	    r->calling_len, r->common_len, r->additional_len, len);
	size_t at = (size_t)n;

	if (n < 0 || at >= NOTE_MAX ||
	    NOTE_MAX - at <= (size_t)r->calling_len + r->common_len +
		    r->additional_len + len)
		return 0;
	for (unsigned i = SESSION_CALLING; i <= SESSION_ADDITIONAL; i++) {
		struct slice part =
		    session_references_get(r, (enum session_reference)i);

		memcpy(note + at, part.data, part.len);
		at += part.len;
	}
	memcpy(note + at, name, len);
	return at + len;
}

/* note_progress - tell qmgr how far the first job's transfer has come */
void
note_progress(struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct outgoing_job *job = jobs_first(traffic);
	char note[NOTE_MAX];
	size_t len;

	if (association->confirmed_offset < job->noted + NOTE_EVERY ||
	    traffic->qmgr_gone || traffic->link->recovery_timeout == 0 ||
	    (recovery->resuming &&
		association->serial_confirmed <= recovery->resumption.serial))
		return;
	job->noted = association->confirmed_offset;
	len = put(traffic, note);
	/* Without one the message begins anew, that is all. */
	if (len > 0 && memchr(note, 0, len) == NULL)
		(void)!ipc_channel_send(&traffic->qmgr,
		    &(struct ipc_record){.type = IPC_DELIVERY_NOTE,
			.delivery_note = {
			    .job = job->job, .note = slice_of(note, len)}});
}

/* get_references - what stands behind the numbers of a note */
static bool
get_references(const char *text, const unsigned len[4], const char *link,
    struct session_references *r)
{
	if (strlen(text) != (size_t)len[0] + len[1] + len[2] + len[3])
		return false;
	for (unsigned i = SESSION_CALLING; i <= SESSION_ADDITIONAL; i++) {
		if (session_references_set(r, (enum session_reference)i,
			slice_of(text, len[i])) < 0)
			return false;
		text += len[i];
	}
	return strcmp(text, link) == 0;
}

/* go_on - from where an earlier try left it */
static void
go_on(struct traffic *traffic, const struct association_resumption *from,
    const struct session_references *references)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;

	*recovery = (struct outgoing_recovery){.losses = 1,
	    .furthest = from->offset,
	    .resuming = true,
	    .until = clock_after(traffic->link->recovery_timeout),
	    .resumption = *from,
	    .references = *references};
	recovery->resumption.references = &recovery->references;
}

/* say - that it goes on */
static void
say(struct traffic *traffic, const struct association_resumption *from)
{
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_INT("id", jobs_first(traffic)->message),
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("offset", from->offset));
}

/* read_note - what our predecessor had noted: whether it is of use */
static bool
read_note(const struct traffic *traffic, const char *note,
    struct association_resumption *from, struct session_references *references)
{
	unsigned version, activity, serial, len[4];
	int64_t age, time;
	uint64_t offset;
	int used = 0;

	if (note[0] == '\0' ||
	    sscanf(note, "%u %" SCNd64 " %u %u %" SCNu64 " %u %u %u %u%n",
		&version, &time, &activity, &serial, &offset, &len[0], &len[1],
		&len[2], &len[3], &used) != 9 ||
	    version != VERSION || note[used] != ' ' ||
	    !get_references(
		note + used + 1, len, traffic->link->name, references))
		return false;
	age = clock_wall() - time;
	if (age < 0 || (uint64_t)age > traffic->link->recovery_timeout)
		return false;
	*from = (struct association_resumption){
	    .activity = activity, .serial = serial, .offset = offset};
	return true;
}

/*
 * note_resume - the first job's transfer goes on where an earlier try left it
 *
 * Without a note of ours the peer may have completed it all the same: it is
 * asked to go on from the start, which it answers by taking nothing.
 */
void
note_resume(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	struct session_references references = {.calling_len = 0};
	struct association_resumption from;

	if (read_note(traffic, job->note, &from, &references)) {
		go_on(traffic, &from, &references);
		say(traffic, &from);
	} else if (job->old.activity != 0) {
		from = (struct association_resumption){
		    .activity = (uint32_t)job->old.activity};
		go_on(traffic, &from, &job->old.references);
	}
}
