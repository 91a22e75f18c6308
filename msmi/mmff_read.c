/* SPDX-License-Identifier: ISC */
/*
 * mmff_read.c - read the header of a message file
 *
 * Contract in mmff.h.  The first error is kept; after it the lines are only
 * looked through for a sender and recipients, so that a non-delivery report
 * finds its way.
 */

#include "msmi/mmff_reading.h"

/* add_attachment - add an attachment */
static int
add_attachment(struct reading *r, const struct mmff_attachment *attachment)
{
	void *list = r->mmff->attachments;
	int error;

	if (r->mmff->attachment_count == MMFF_ATTACHMENTS_MAX)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "in group ATTACHMENTS, more than %d", MMFF_ATTACHMENTS_MAX);
	if (attachment->name.len == 0 || attachment->name.len > MMFF_NAME_MAX)
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "file name of %zu octets", attachment->name.len);
	error = mmff_grow(r, &list, r->mmff->attachment_count,
	    &r->attachment_room, sizeof(*r->mmff->attachments));
	if (error < 0)
		return error;
	r->mmff->attachments = list;
	r->mmff->attachments[r->mmff->attachment_count++] = *attachment;
	return 0;
}

/* on_attachments - read ATTACHMENTS:name size; the name may hold blanks */
static int
on_attachments(struct reading *r, struct slice tail)
{
	struct mmff_attachment attachment = {.line = r->line};
	size_t cut = tail.len;
	int error;

	while (cut > 0 && tail.data[cut - 1] != ' ')
		cut--;
	if (cut == 0 ||
	    !mmff_number(slice_of(tail.data + cut, tail.len - cut), INT64_MAX,
		&attachment.size))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "ATTACHMENTS with tail %s", mmff_shown(tail));
	error =
	    mmff_utf8(r, mmff_trim(slice_of(tail.data, cut)), &attachment.name);
	return error < 0 ? error : add_attachment(r, &attachment);
}

/* plain_name - take the last component of a path, of DOS or of Unix */
static struct slice
plain_name(struct slice path)
{
	size_t cut = path.len;

	while (cut > 0 && path.data[cut - 1] != '\\' &&
	    path.data[cut - 1] != '/' && path.data[cut - 1] != ':')
		cut--;
	return slice_of(path.data + cut, path.len - cut);
}

/* mmff_is_usable - tell whether a name can be opened in a directory */
static bool
mmff_is_usable(struct slice name)
{
	return name.len > 0 && name.len <= MMFF_NAME_MAX &&
	    name.data[0] != '.' && memchr(name.data, '\0', name.len) == NULL;
}

/* on_xattach - read XATTACH:file [name] */
static int
on_xattach(struct reading *r, struct slice tail)
{
	struct mmff_attachment attachment = {.line = r->line};
	struct slice physical = tail, logical;
	size_t cut = 0;
	int error;

	while (cut < tail.len && tail.data[cut] != ' ')
		cut++;
	physical = plain_name(slice_of(tail.data, cut));
	logical = mmff_trim(slice_of(tail.data + cut, tail.len - cut));
	if (!mmff_is_usable(physical))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "XATTACH with tail %s", mmff_shown(tail));
	if (logical.len == 0)
		logical = physical;
	if ((error = arena_slice(r->arena, physical, &attachment.physical)) <
		0 ||
	    (error = mmff_utf8(r, logical, &attachment.name)) < 0)
		return error;
	return add_attachment(r, &attachment);
}

/* on_subject - read SUBJECT:text; a tab in it is a blank, as on a screen */
static int
on_subject(struct reading *r, struct slice tail)
{
	uint8_t *blank = arena_alloc(r->arena, tail.len + 1);

	if (blank == NULL)
		return arena_error(r->arena);
	for (size_t i = 0; i < tail.len; i++)
		blank[i] = tail.data[i] == '\t' ? (uint8_t)' ' : tail.data[i];
	return mmff_utf8(r, slice_of(blank, tail.len), &r->mmff->subject);
}

/* on_priority - read PRIORITY:1-5 or R */
static int
on_priority(struct reading *r, struct slice tail)
{
	char c = tail.len == 1 ? (char)tail.data[0] : '\0';

	if (c == 'r')
		c = 'R';
	if (c != 'R' && (c < '1' || c > '5'))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "PRIORITY with tail %s", mmff_shown(tail));
	r->mmff->priority = c;
	return 0;
}

/* on_text - read TEXT:size */
static int
on_text(struct reading *r, struct slice tail)
{
	r->done = true;
	if (!mmff_number(tail, INT64_MAX, &r->mmff->text_size))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "TEXT with tail %s", mmff_shown(tail));
	return 0;
}

/* on_xtext - read XTEXT:file */
static int
on_xtext(struct reading *r, struct slice tail)
{
	struct slice name = plain_name(tail);

	r->done = true;
	if (!mmff_is_usable(name))
		return mmff_fail(
		    r->diag, MMFF_XTEXT, r->line, "%s", mmff_shown(tail));
	return arena_slice(r->arena, name, &r->mmff->text_file);
}

/* on_version - check VERSION:N, N.N or N.NN; any number will do */
static int
on_version(struct reading *r, struct slice tail)
{
	bool good = tail.len == 1 ||
	    ((tail.len == 3 || tail.len == 4) && tail.data[1] == '.');

	/* Only the first line may name a version: another one is text that lost
	 * its place. */
	if (r->line != 1 || !good)
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "VERSION with tail %s", mmff_shown(tail));
	return 0;
}

/* on_line - read a token and its tail */
static int
on_line(struct reading *r, struct slice token, struct slice tail)
{
	/* A file without a version is none of this format. */
	if (r->line == 1 && r->diag->code == MMFF_NONE &&
	    !mmff_is_token(token, "VERSION"))
		return mmff_fail(r->diag, MMFF_UNMATCHED, r->line,
		    "%s (has tail %s), VERSION comes first", mmff_shown(token),
		    mmff_shown(tail));
	if (mmff_is_token(token, "VERSION"))
		return on_version(r, tail);
	if (mmff_is_token(token, "TO"))
		return mmff_on_address(r, tail, MMFF_TO);
	if (mmff_is_token(token, "FROM"))
		return mmff_on_address(r, tail, MMFF_FROM);
	/* The time of a message is that of its submission. */
	if (mmff_is_token(token, "DATE") || mmff_is_token(token, "TIME"))
		return 0;
	if (mmff_is_token(token, "SUBJECT"))
		return on_subject(r, tail);
	if (mmff_is_token(token, "PRIORITY"))
		return on_priority(r, tail);
	if (mmff_is_token(token, "ATTACHMENTS"))
		return on_attachments(r, tail);
	if (mmff_is_token(token, "XATTACH"))
		return on_xattach(r, tail);
	if (mmff_is_token(token, "TEXT"))
		return on_text(r, tail);
	if (mmff_is_token(token, "XTEXT"))
		return on_xtext(r, tail);
	return mmff_fail(r->diag, MMFF_UNMATCHED, r->line, "%s (has tail %s)",
	    mmff_shown(token), mmff_shown(tail));
}

/* partition - cut a line at its first colon and read it */
static int
partition(struct reading *r, struct slice line)
{
	const uint8_t *colon =
	    line.len > 0 ? memchr(line.data, ':', line.len) : NULL;
	size_t cut;

	if (colon == NULL)
		return mmff_fail(
		    r->diag, MMFF_LINE, r->line, "%s", mmff_shown(line));
	cut = (size_t)(colon - line.data);
	return on_line(r, mmff_trim(slice_of(line.data, cut)),
	    mmff_trim(slice_of(colon + 1, line.len - cut - 1)));
}

/* look_for_addresses - search the rest of a bad file for who sent it, and to
 * whom */
static int
look_for_addresses(struct reading *r)
{
	struct slice line, token;
	const uint8_t *colon;
	int result;

	/* Without a version the first line may be the sender's. */
	if (r->line == 1) {
		r->line = 0;
		r->pos = 0;
	}
	while (!r->done && (result = mmff_next_line(r, &line)) > 0) {
		colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;
		if (colon == NULL)
			continue;
		token =
		    mmff_trim(slice_of(line.data, (size_t)(colon - line.data)));
		if (mmff_is_token(token, "TEXT") ||
		    mmff_is_token(token, "XTEXT"))
			break;
		if ((mmff_is_token(token, "FROM") && !r->mmff->has_from) ||
		    mmff_is_token(token, "TO") ||
		    mmff_is_token(token, "SUBJECT")) {
			result = partition(r, line);
			if (result == ERR_NOMEM || result == ERR_LIMIT)
				return result;
		}
	}
	return ERR_SYNTAX;
}

/* check_whole - check what all files must have, and that it is all there */
static int
check_whole(struct reading *r)
{
	const struct mmff *m = r->mmff;
	uint64_t left = r->size - r->pos, need;

	if (!m->has_from)
		return mmff_fail(r->diag, MMFF_PARSER, r->line, "no FROM line");
	if (m->to_count == 0)
		return mmff_fail(r->diag, MMFF_PARSER, r->line, "no TO line");
	need = m->text_size;
	/* Compared before it is added, so that no sum overflows. */
	for (size_t i = 0; need <= left && i < m->attachment_count; i++) {
		if (m->attachments[i].size > left - need)
			need = UINT64_MAX;
		else
			need += m->attachments[i].size;
	}
	if (need <= left)
		return 0;
	/* A file that is too short may still be written. */
	r->diag->truncated = true;
	return mmff_fail(r->diag, MMFF_PARSER, r->line,
	    "the file ends before its text and attachments do, %llu octets "
	    "after this line",
	    (unsigned long long)left);
}

/* mmff_read - read what stands before the text */
int
mmff_read(enum conf_code_page page, struct slice head, uint64_t size,
    struct arena *arena, struct mmff *mmff, struct mmff_diag *diag)
{
	struct reading r = {.page = page,
	    .mmff = mmff,
	    .diag = diag,
	    .arena = arena,
	    .head = head,
	    .size = size,
	    .whole = head.len == size};
	struct slice line;
	int result = 0;

	*mmff = (struct mmff){.priority = 0};
	*diag = (struct mmff_diag){0};
	while (!r.done && (result = mmff_next_line(&r, &line)) > 0) {
		if ((result = partition(&r, line)) < 0)
			break;
	}
	if (result == 0 && !r.done) {
		result = mmff_fail(diag, MMFF_PARSER, r.line,
		    "the file ends without a TEXT line");
		diag->truncated = true;
	}
	if (result == ERR_SYNTAX) {
		diag->truncated = diag->truncated || r.unended;
		return look_for_addresses(&r);
	}
	if (result < 0)
		return result;
	mmff->contents = r.pos;
	mmff->lines = r.line;
	return check_whole(&r);
}

/* mmff_tail_check - check that octets after the end are padding */
int
mmff_tail_check(
    struct slice tail, const struct mmff *mmff, struct mmff_diag *diag)
{
	for (size_t i = 0; i < tail.len; i++) {
		uint8_t octet = tail.data[i];

		/* Some programs fill up a block, and others end a file with
		 * Control-Z. */
		if (octet != '\r' && octet != '\n' && octet != '\0' &&
		    octet != 0x1a)
			return mmff_fail(diag, MMFF_PARSER, mmff->lines,
			    "there is more after text and attachments: %s",
			    mmff_shown(slice_of(tail.data + i,
				tail.len - i < 32 ? tail.len - i : 32)));
	}
	return 0;
}
