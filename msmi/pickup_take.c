/* SPDX-License-Identifier: ISC */
/*
 * pickup_take.c - make a submission of a message file
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "msmi/taking.h"

#define TICK_OCTETS (16 * 1024 * 1024) /* a multiple of TAKING_PIECE */

/* text_piece - get octets of the text, as UTF-8 by the code page */
static int
text_piece(struct taking *t, uint64_t done, struct slice *piece, uint64_t *next)
{
	enum conf_code_page page = t->pickup->msmi.msmail->code_page;
	int error = taking_piece(t, &t->sources[0], done, piece);

	/* The next offset is of the file, not of the UTF-8 that it became. */
	*next = done + piece->len;
	if (error < 0 || page == CONF_CODE_PAGE_UTF8)
		return error;
	buffer_reset(&t->text);
	error = code_page_to_utf8(page, *piece, &t->text);
	*piece = buffer_slice(&t->text);
	return error;
}

/* plan_parts - determine how everything will travel, and how long that is */
static int
plan_parts(struct taking *t)
{
	const struct taking_source *text = &t->sources[0];
	struct slice piece;
	int error;

	/* Two passes: the first measures, since BER writes lengths before
	 * contents. */
	ipm_scan_init(&t->scan);
	for (uint64_t done = 0, next; done < text->length; done = next) {
		if ((error = text_piece(t, done, &piece, &next)) < 0)
			return error;
		ipm_scan_push(&t->scan, piece);
		/* A long text is progress, though nobody is waited for. */
		if (done % TICK_OCTETS == 0)
			worker_tick(&t->pickup->msmi.worker);
	}
	t->parts[0] = (struct ipm_outgoing){
	    .form = IPM_FORM_TEXT, .modified = IPM_NO_TIME};
	t->parts[0].repertoire = ipm_scan_finish(&t->scan, &t->parts[0].length);
	for (size_t i = 1; i < t->count; i++)
		t->parts[i] = (struct ipm_outgoing){.form = IPM_FORM_FILE,
		    .length = t->sources[i].length,
		    .filename = t->mmff.attachments[i - 1].name,
		    .modified = IPM_NO_TIME};
	return 0;
}

/* name_draft - give the message an identifier that no other file gives */
static int
name_draft(struct taking *t)
{
	const struct pickup_file *file = &t->submission->file;

	/* Inode and time are the file's own, so a file that is read again gives
	 * the same identifier, and the message is found to be a duplicate. */
	t->draft.id = arena_printf(&t->pickup->arena, "%llx-%llx",
	    (unsigned long long)file->ctime, (unsigned long long)file->inode);
	return t->draft.id == NULL ? arena_error(&t->pickup->arena) : 0;
}

/*
 * set_priority - set priority and importance as Microsoft's X.400 gateway
 * mapped them (Q118862): 1 is non-urgent and low, 5 urgent and high
 */
static void
set_priority(struct taking *t)
{
	/* MS Mail's priorities are 1 to 5; X.411 has three. */
	if (t->mmff.priority == '5') {
		t->draft.priority = P1_URGENT;
		t->draft.importance = IPM_HIGH;
	} else if (t->mmff.priority == '1') {
		t->draft.priority = P1_NON_URGENT;
		t->draft.importance = IPM_LOW;
	}
}

/* plan_submission - read the header, and make envelope and encoder */
static int
plan_submission(struct taking *t)
{
	struct diag diag = {0};
	int error = mmff_read(t->pickup->msmi.msmail->code_page, t->head,
	    t->submission->file.size, &t->pickup->arena, &t->mmff, &t->diag);

	if (error < 0 || (error = taking_addresses(t)) < 0 ||
	    (error = taking_find_sources(t)) < 0 ||
	    (error = plan_parts(t)) < 0 || (error = name_draft(t)) < 0)
		return error;
	t->draft.from_name = t->mmff.from.name;
	t->draft.subject = t->mmff.subject;
	set_priority(t);
	t->draft.parts = t->parts;
	t->draft.part_count = t->count;
	error = draft_encode(&t->draft, t->pickup->msmi.conf, &t->pickup->arena,
	    &t->envelope, &t->encoder, &diag);
	/* Lack of memory is no fault of the header that the sender could
	 * mend. */
	if (error == ERR_NOMEM || error == ERR_LIMIT)
		return error;
	if (error < 0)
		return mmff_fail(&t->diag, MMFF_PARSER, t->mmff.lines, "%s",
		    diag_text(&diag));
	t->encoding = true;
	return 0;
}

/* send_part - submit one part: what stands before it, and its contents */
static int
send_part(struct taking *t, size_t part)
{
	const struct taking_source *source = &t->sources[part];
	struct buffer converted;
	struct slice piece;
	unsigned state = 0;
	int error;

	error = pickup_body(
	    t->pickup, t->submission, ipm_encoder_prefix(&t->encoder, part));
	/* Converted octets may be longer by the growth of the worst code
	 * page. */
	buffer_init(&converted, CODE_PAGE_GROWTH * TAKING_PIECE);
	for (uint64_t done = 0, next; error == 0 && done < source->length;
	     done = next) {
		if (part > 0) {
			if ((error = taking_piece(t, source, done, &piece)) ==
			    0)
				error = pickup_body(
				    t->pickup, t->submission, piece);
			next = done + piece.len;
			continue;
		}
		if ((error = text_piece(t, done, &piece, &next)) < 0)
			break;
		buffer_reset(&converted);
		error = ipm_scan_convert(&t->scan, &state, piece, &converted);
		if (error == 0)
			error = pickup_body(
			    t->pickup, t->submission, buffer_slice(&converted));
	}
	buffer_fini(&converted);
	return error;
}

/* submit_file - submit the whole message */
static int
submit_file(struct taking *t)
{
	int error = pickup_begin(
	    t->pickup, t->submission, PICKUP_FILE, buffer_slice(&t->envelope));

	if (error == 0 && FAULT_POINT("in-begun"))
		error = ERR_CANCELLED;
	for (size_t i = 0; error == 0 && i < t->count; i++)
		error = send_part(t, i);
	if (error == 0)
		error = pickup_end(
		    t->pickup, t->submission, ipm_encoder_length(&t->encoder));
	if (error == 0 && FAULT_POINT("in-ended"))
		error = ERR_CANCELLED;
	/* qmgr has refused it already, which is an answer like others. */
	if (error == ERR_REFUSED)
		return 0;
	if (error < 0)
		pickup_cancel(t->pickup, t->submission);
	return error;
}

/* reject_or_wait - decide on a file that could not be submitted */
static enum pickup_taken
reject_or_wait(struct taking *t, int error, const struct stat *st)
{
	bool may_grow =
	    pickup_may_grow(t->pickup, t->submission->file.name, st);

	/* Nothing is wrong with the file: a later worker takes it. */
	if (error == ERR_CLOSED || error == ERR_CANCELLED || error == ERR_NOMEM)
		return PICKUP_LATER;
	if (error == ERR_SYNTAX && t->diag.code != MMFF_NONE) {
		if (t->diag.truncated && may_grow)
			return PICKUP_LATER;
		pickup_reject(t->pickup, t->submission, ndr_of_file(&t->diag),
		    t->diag.text, &t->mmff);
		return PICKUP_SUBMITTED;
	}
	/* The file became shorter while it was read, or the disk fails. */
	if (error == ERR_TRUNCATED && may_grow)
		return PICKUP_LATER;
	/* A file that takes too much memory would do so again and again. */
	pickup_reject(t->pickup, t->submission,
	    error == ERR_LIMIT ? NDR_TOO_LARGE : NDR_CORRUPT,
	    error == ERR_TRUNCATED   ? "it became shorter while it was read"
		: error == ERR_LIMIT ? "it takes more memory than is allowed"
				     : "it cannot be read",
	    t->mmff.has_from ? &t->mmff : NULL);
	return PICKUP_SUBMITTED;
}

/* clean_up - give back what a file took */
static void
clean_up(struct taking *t)
{
	taking_close_sources(t);
	if (t->encoding)
		ipm_encoder_fini(&t->encoder);
	buffer_fini(&t->envelope);
	buffer_fini(&t->text);
	free(t->octets);
	close(t->fd);
	arena_reset(&t->pickup->arena);
}

/* fails_at - let tests crash, hang or fail at one file: point file-NAME */
static bool
fails_at(const char *name)
{
	char point[PICKUP_NAME_MAX + 8];

	if (fault_state == FAULT_OFF)
		return false;
	(void)snprintf(point, sizeof(point), "file-%s", name);
	return FAULT_POINT(point);
}

/* pickup_take - make a submission of a file, or reject it */
enum pickup_taken
pickup_take(struct pickup *pickup, struct pickup_submission *submission,
    const char *name)
{
	struct taking t = {
	    .pickup = pickup, .submission = submission, .fd = -1};
	char why[PICKUP_WHY_MAX];
	enum pickup_taken taken = PICKUP_SUBMITTED;
	struct stat st;
	int error;

	submission->busy = false;
	submission->left_out = 0;
	draft_init(&t.draft);
	pickup->arena.max = P1_ARENA_MAX;
	error = pickup_open(pickup, name, &t.fd, &submission->file, &st, why);
	if (error == ERR_NOTFOUND)
		return PICKUP_VANISHED;
	/* Dealt with before, but not removable: the file must not be judged a
	 * second time. */
	if (pickup_given_up(pickup, &submission->file))
		error = ERR_EXISTS;
	if (error < 0) {
		if (t.fd >= 0)
			close(t.fd);
		if (error != ERR_EXISTS)
			pickup_reject(
			    pickup, submission, NDR_UNPARSABLE, why, NULL);
		return PICKUP_SUBMITTED;
	}
	/* A file that still grows would be cut where its writer stands. */
	if (!pickup_settled(pickup, name, &st)) {
		close(t.fd);
		return PICKUP_LATER;
	}
	/* Noted in shared memory: if this file ends the worker, the next one
	 * sets it aside. */
	worker_item_file(&pickup->msmi.worker, name);
	buffer_init(&t.envelope, P1_ENVELOPE_MAX);
	buffer_init(&t.text, CODE_PAGE_GROWTH * TAKING_PIECE);
	t.octets = malloc(TAKING_PIECE);
	error = t.octets == NULL ? ERR_NOMEM : 0;
	if (error == 0 && fails_at(name))
		error = ERR_IO;
	if (error == 0)
		error =
		    pickup_read_head(pickup, t.fd, &submission->file, &t.head);
	if (error == 0)
		error = plan_submission(&t);
	if (error == 0)
		error = submit_file(&t);
	if (error < 0)
		taken = reject_or_wait(&t, error, &st);
	clean_up(&t);
	worker_item_file(&pickup->msmi.worker, NULL);
	return taken;
}
