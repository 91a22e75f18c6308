/* SPDX-License-Identifier: ISC */
/*
 * ipm_body.c - the parts of a body as they are handed on
 *
 * See ipm_body.h.
 */
#include "mhs/ipm_body.h"
#include "mhs/ipm_part.h"
#include "mhs/ipm_place.h"

/* ipm_body_emit - hand contents of a part to the handler */
int
ipm_body_emit(void *arg, struct slice octets)
{
	struct ipm_decoder *d = arg;

	/* A handler without a function for data only counts the parts. */
	if (octets.len == 0 || d->handler.part_data == NULL)
		return 0;
	return d->handler.part_data(d->handler.arg, octets);
}

/* open_text - begin to convert what is emitted from the set of a text */
static void
open_text(struct ipm_decoder *d, enum ipm_kind kind)
{
	enum ipm_set set = IPM_SET_LATIN1;
	bool whole = true;

	if (kind == IPM_KIND_TELETEX)
		set = IPM_SET_T61;
	else if (kind == IPM_KIND_GENERAL_TEXT)
		set = ipm_part_sets(buffer_slice(&d->parameters), &whole);
	d->original = !whole && d->handler.part_original != NULL;
	ipm_text_init(&d->text, set,
	    kind == IPM_KIND_GENERAL_TEXT ? IPM_ESCAPES_OBEYED
					  : IPM_ESCAPES_TEXT);
	d->text_open = true;
}

/* ipm_body_is_raw - tell whether the part at hand is to be handed on as BER */
bool
ipm_body_is_raw(const struct ipm_decoder *d)
{
	if (d->whole_messages)
		return true;
	/* A part that could not be read in an earlier pass is handed on as
	 * octets in this one. */
	for (unsigned i = 0; d->raw != NULL && i < d->raw->count; i++)
		if (d->raw->part[i] == d->part[d->level].number)
			return true;
	return false;
}

/* ipm_body_refuse - end the decoding because of a message within the message */
int
ipm_body_refuse(struct ipm_decoder *d, unsigned level, const char *why)
{
	d->unreadable = d->part[level].number;
	return diag_set(d->diag, ERR_SYNTAX, "body part: %s", why);
}

/* ipm_body_begin - report a part, now that its kind is known */
int
ipm_body_begin(struct ipm_decoder *d, enum ipm_kind kind)
{
	struct ipm_part part = {
	    .kind = kind,
	    .level = d->level,
	    .tag = d->tag,
	    .text = kind == IPM_KIND_IA5_TEXT || kind == IPM_KIND_TELETEX ||
		kind == IPM_KIND_GENERAL_TEXT,
	    .oid = slice_of(d->oid, d->oid_len),
	    .parameters = buffer_slice(&d->parameters),
	    .aligned = d->aligned,
	    .octets = d->octets,
	    .size = -1,
	    .modified = IPM_NO_TIME,
	};
	struct arena arena;
	int error = 0;

	d->part[d->level].kind = kind;
	d->part[d->level].begun = true;
	if (part.text) {
		open_text(d, kind);
		part.original = d->original;
	}
	part.unreadable = kind == IPM_KIND_MESSAGE && !d->whole_messages &&
	    ipm_body_is_raw(d);
	/* An arena for each part: a content may have thousands. */
	arena_init(&arena, IPM_PARAMETERS_MAX);
	if (kind == IPM_KIND_FILE)
		error = ipm_part_file(part.parameters, &arena, &part);
	if (error == 0 && d->handler.part_begin != NULL)
		error = d->handler.part_begin(d->handler.arg, &part);
	arena_fini(&arena);
	return error;
}

/* ipm_body_end - end a part that is complete */
int
ipm_body_end(struct ipm_decoder *d)
{
	enum ipm_kind kind = IPM_KIND_OTHER;
	int error;

	/* X.420: a forwarded message has a heading at least. */
	if (d->part[d->level].begun &&
	    d->part[d->level].kind == IPM_KIND_MESSAGE && !ipm_body_is_raw(d) &&
	    !d->part[d->level].heading)
		return ipm_body_refuse(d, d->level, "nothing in it");
	/* An extended body without a value is still a part. */
	if (!d->part[d->level].begun && (error = ipm_body_begin(d, kind)) < 0)
		return error;
	kind = d->part[d->level].kind;
	/* A character that was broken off is told before the end of its
	 * part. */
	if (d->text_open) {
		d->text_open = false;
		error = ipm_text_finish(&d->text, ipm_body_emit, d);
		ipm_text_fini(&d->text);
		if (error < 0)
			return error;
	}
	d->part[d->level].begun = false;
	if (d->handler.part_end == NULL)
		return 0;
	return d->handler.part_end(d->handler.arg, kind, d->level);
}

/* ipm_body_enter - begin a message within a message */
int
ipm_body_enter(struct ipm_decoder *d)
{
	/* Bounded, since each level keeps a state. */
	if (d->level + 1 >= IPM_LEVELS)
		return ipm_body_refuse(
		    d, d->level, "a message within too many others");
	d->part[d->level].heading = false;
	d->level++;
	return AT_IPM;
}
