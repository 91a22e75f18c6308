/* SPDX-License-Identifier: ISC */
/*
 * note.c - how a transfer that an earlier process began goes on
 */
#include "traffic/outgoing/note.h"

#include "base/log.h"
#include "ber/reader.h"
#include "ber/writer.h"
#include "traffic/outgoing/jobs.h"

#define VERSION	   2
#define NOTE_EVERY ((uint64_t)256 * 1024) /* octets between two notes */

/* note_encode - append a note to a buffer */
int
note_encode(const struct note *note, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_put_integer(&writer, BER_CTX(0), VERSION);
	ber_put_integer(&writer, BER_CTX(1), note->time);
	ber_put_integer(&writer, BER_CTX(2), note->from.activity);
	ber_put_integer(&writer, BER_CTX(3), note->from.serial);
	ber_put_integer(&writer, BER_CTX(4), (int64_t)note->from.offset);
	session_references_encode(&writer, BER_CTX(5), &note->references);
	ber_put(&writer, BER_CTX(6), note->link);
	return ber_finish(&writer);
}

/* get_note_number - read one of the numbers of a note */
static int
get_note_number(
    struct ber_reader *reader, unsigned tag, int64_t max, int64_t *number)
{
	struct ber_element el;
	int error = ber_expect(reader, BER_CTX(tag), "note", &el);

	if (error != 0)
		return error;
	return ber_get_integer(reader, &el, "note", 0, max, number);
}

/* note_decode - read a note */
int
note_decode(struct slice octets, struct note *note)
{
	struct ber_reader reader;
	struct ber_element link;
	struct note got = {0};
	int64_t version, activity, serial, offset;

	ber_reader_init(&reader, octets, NULL);
	/* A note of another version was written before an upgrade: ignoring it
	 * costs octets that are sent twice. */
	if (get_note_number(&reader, 0, INT64_MAX, &version) != 0 ||
	    version != VERSION ||
	    get_note_number(&reader, 1, INT64_MAX, &got.time) != 0 ||
	    get_note_number(&reader, 2, UINT32_MAX, &activity) != 0 ||
	    get_note_number(&reader, 3, UINT32_MAX, &serial) != 0 ||
	    get_note_number(&reader, 4, INT64_MAX, &offset) != 0 ||
	    session_references_decode(&reader, BER_CTX(5), &got.references) !=
		0 ||
	    ber_expect(&reader, BER_CTX(6), "note", &link) != 0 ||
	    ber_end(&reader, "note") != 0)
		return ERR_CORRUPT;
	got.from =
	    (struct association_resumption){.activity = (uint32_t)activity,
		.serial = (uint32_t)serial,
		.offset = (uint64_t)offset};
	got.link = link.contents;
	*note = got;
	return 0;
}

/* send_note - send qmgr a note of where the association stands */
static void
send_note(struct traffic *traffic, const struct outgoing_job *job)
{
	const struct association *association = &traffic->association;
	const struct note note = {.time = clock_wall(),
	    .from = {.activity = association->activity_sent,
		.serial = association->serial_confirmed,
		.offset = association->confirmed_offset},
	    .references = association->references,
	    .link = slice_of_string(traffic->link->name)};
	struct buffer octets;

	buffer_init(&octets, OUTGOING_NOTE_MAX);
	/* A note that cannot be made or sent costs no more than octets that
	 * are sent twice. */
	if (note_encode(&note, &octets) == 0)
		(void)!ipc_channel_send(&traffic->qmgr,
		    &(struct ipc_record){.type = IPC_DELIVERY_NOTE,
			.delivery_note = {.job = job->client.number,
			    .note = buffer_slice(&octets)}});
	buffer_fini(&octets);
}

/* note_progress - tell qmgr how far the first job's transfer has come */
void
note_progress(struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct outgoing_recovery *recovery = &traffic->out.recovery;
	struct outgoing_job *job = jobs_first(traffic);

	/* Until a checkpoint of a resumed transfer is confirmed, the note of
	 * its former name is the one to resume by. */
	if (association->confirmed_offset < job->noted + NOTE_EVERY ||
	    traffic->qmgr_gone || traffic->link->recovery_timeout == 0 ||
	    (recovery->resuming &&
		association->serial_confirmed <= recovery->resumption.serial))
		return;
	job->noted = association->confirmed_offset;
	send_note(traffic, job);
}

/* resume_from - have the first transfer resume what an earlier try had */
static void
resume_from(struct traffic *traffic, const struct association_resumption *from,
    const struct session_references *references)
{
	struct outgoing_recovery *recovery = &traffic->out.recovery;

	/* A loss counts already: the note exists because an earlier try was
	 * cut. */
	*recovery = (struct outgoing_recovery){.losses = 1,
	    .furthest = from->offset,
	    .resuming = true,
	    .until = clock_after(traffic->link->recovery_timeout),
	    .resumption = *from,
	    .references = *references};
	recovery->resumption.references = &recovery->references;
}

/* is_fresh - tell whether a note is of this link, and the peer may still have
 * what it confirmed then */
static bool
is_fresh(const struct traffic *traffic, const struct note *note)
{
	int64_t age = clock_wall() - note->time;

	/* A clock that was set back makes a note look younger than it is;
	 * negative ages are not believed. */
	return slice_equal_string(note->link, traffic->link->name) &&
	    age >= 0 && (uint64_t)age <= traffic->link->recovery_timeout;
}

/*
 * note_resume - begin the first job's transfer where an earlier try ended
 *
 * Even without a note the peer may have completed an earlier try: it is asked
 * to resume that from the start, and answers by taking nothing if it has.
 */
void
note_resume(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	struct note note;

	if (note_decode(slice_of(job->note, job->note_len), &note) == 0 &&
	    is_fresh(traffic, &note)) {
		resume_from(traffic, &note.from, &note.references);
		LOG_EVENT(EVENT_TRANSFER_RESUMED,
		    LOG_INT("id", job->client.message),
		    LOG_STRING("link", traffic->link->name),
		    LOG_STRING("address", traffic->address),
		    LOG_INT("offset", note.from.offset));
		/* No note but a name: the peer may have all of it, and asking
		 * costs a round trip where sending twice costs a duplicate. */
	} else if (job->old.activity != 0) {
		const struct association_resumption from = {
		    .activity = (uint32_t)job->old.activity};

		resume_from(traffic, &from, &job->old.references);
	}
}
