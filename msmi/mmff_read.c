/* SPDX-License-Identifier: ISC */
/*
 * mmff_read.c - read the header of a message file
 *
 * Contract in mmff.h.  The first error is kept; after it the lines are only
 * looked through for a sender and recipients, so that a non-delivery report
 * finds its way.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/escape.h"
#include "mhs/charset.h"
#include "msmi/mmff.h"

/* Room for a piece of somebody's line in an error. */
#define SHOWN 80

enum line_end {
	END_CR,
	END_LF,
	END_CRLF
};

struct reading {
	enum conf_code_page page;
	struct mmff *mmff;
	struct mmff_diag *diag;
	struct arena *arena;
	struct slice head;
	uint64_t size;
	size_t pos;
	unsigned line;
	enum line_end end; /* of the first line */
	size_t to_room, attachment_room;
	bool done;    /* the last line was read */
	bool whole;   /* head is the whole file */
	bool unended; /* the line at hand has no end */
};

/* show_text - escape text from outside, in one of a few static rooms */
static const char *
show_text(struct slice text)
{
	static char room[4][SHOWN];
	static unsigned next;
	char *out = room[next++ % 4];

	(void)escape_text(out, SHOWN, text);
	return out;
}

/* trim - cut blanks off at both ends */
static struct slice
trim(struct slice text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len > 0 &&
	    (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* is_token - tell whether text is this token, in any case */
static bool
is_token(struct slice text, const char *token)
{
	return text.len == strlen(token) &&
	    strncasecmp((const char *)text.data, token, text.len) == 0;
}

/* of_page - convert text of a code page to UTF-8, in the arena */
static int
of_page(struct reading *r, struct slice text, struct slice *utf8)
{
	struct buffer out;
	int error;

	buffer_init(&out, CODE_PAGE_GROWTH * text.len + 1);
	error = code_page_to_utf8(r->page, text, &out);
	if (error == 0)
		error = arena_slice(r->arena, buffer_slice(&out), utf8);
	buffer_fini(&out);
	return error;
}

/* as_utf8 - convert text of a header to UTF-8, in the arena, by the code page;
 * what should be UTF-8 and is not counts as Latin-1 */
static int
as_utf8(struct reading *r, struct slice text, struct slice *utf8)
{
	struct slice valid = text;
	int error = 0;

	if (r->page != CONF_CODE_PAGE_UTF8 && !charset_is_ascii(text))
		error = of_page(r, text, &valid);
	else if (!charset_is_utf8(text))
		error = charset_latin1_to_utf8(text, r->arena, &valid);
	if (error == 0)
		error = charset_no_controls(valid, r->arena, &valid);
	if (error == 0)
		error = arena_slice(r->arena, valid, utf8);
	return error;
}

/*
 * next_line - find the line at pos, without its end
 *
 * 1, 0 at the end of the file, or an error noted.  In a file whose lines end
 * in CR a LF after it belongs to what follows: the text may begin so.
 */
static int
next_line(struct reading *r, struct slice *line)
{
	const uint8_t *start = r->head.data + r->pos, *end;
	size_t left = r->head.len - r->pos, len;

	if (left == 0 && r->whole)
		return 0;
	r->line++;
	for (len = 0; len < left && len <= MMFF_LINE_MAX; len++) {
		if (start[len] == '\r' || start[len] == '\n')
			break;
	}
	if (len > MMFF_LINE_MAX)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "line of more than %d octets", MMFF_LINE_MAX);
	if (len == left && !r->whole)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "header of more than %d octets", MMFF_HEADER_MAX);
	*line = slice_of(start, len);
	end = start + len;
	r->pos += len;
	r->unended = len == left;
	if (r->unended)
		return 1;
	r->pos++;
	if (*end == '\r' && len + 1 < left && end[1] == '\n' &&
	    (r->line == 1 || r->end != END_CR)) {
		r->pos++;
		if (r->line == 1)
			r->end = END_CRLF;
	} else if (r->line == 1) {
		r->end = *end == '\r' ? END_CR : END_LF;
	}
	return 1;
}

/* parse_number - parse decimal digits and nothing else */
static bool
parse_number(struct slice text, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = text.data[i] - (unsigned)'0';

		if (digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*value = n;
	return true;
}

/* free_form - take the name before a bracket: no quotes, not too long */
static struct slice
free_form(struct slice name)
{
	size_t pos = 0, count = 0;

	name = trim(name);
	if (name.len >= 2 && name.data[0] == '"' &&
	    name.data[name.len - 1] == '"')
		name = trim(slice_of(name.data + 1, name.len - 2));
	while (pos < name.len && count++ < MMFF_FREE_FORM_MAX)
		(void)charset_next(name, &pos);
	return slice_of(name.data, pos);
}

/* find_bracket - find where the bracket begins that a text ends in, or its
 * length */
static size_t
find_bracket(struct slice text)
{
	size_t i;

	if (text.len < 2 || text.data[text.len - 1] != ']')
		return text.len;
	for (i = text.len - 1; i > 0 && text.data[i] != '['; i--)
		;
	/* "=" or ":" before it: it is part of the address */
	if (text.data[i] != '[' || memchr(text.data, '=', i) != NULL ||
	    memchr(text.data, ':', i) != NULL ||
	    (i > 0 && text.data[i - 1] != ' ' && text.data[i - 1] != '"'))
		return text.len;
	return i;
}

/*
 * split_address - name, type and text of an address
 *
 * name [TYPE:text], [TYPE:text], TYPE:text, or text.  A type is a word before
 * the first colon; what has "=", "/" or ";" before it is an address already.
 */
static void
split_address(struct slice text, struct mmff_address *address)
{
	size_t i = find_bracket(text);

	if (i < text.len) {
		address->name = free_form(slice_of(text.data, i));
		text = trim(slice_of(text.data + i + 1, text.len - i - 2));
	}
	i = 0;
	while (i < text.len && i < 16 &&
	    ((text.data[i] >= 'A' && text.data[i] <= 'Z') ||
		(text.data[i] >= 'a' && text.data[i] <= 'z') ||
		(text.data[i] >= '0' && text.data[i] <= '9')))
		i++;
	address->type = slice_of(text.data, 0);
	address->text = text;
	if (i > 0 && i < text.len && text.data[i] == ':') {
		address->type = slice_of(text.data, i);
		address->text =
		    trim(slice_of(text.data + i + 1, text.len - i - 1));
	}
}

/* is_x400 - tell whether an address is an O/R address in text */
static bool
is_x400(const struct mmff_address *address)
{
	return is_token(address->type, "X400") ||
	    (address->type.len == 0 &&
		memchr(address->text.data, '=', address->text.len) != NULL);
}

/* grow_array - make room for one more in an array of the arena */
static int
grow_array(
    struct reading *r, void **list, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *larger;

	if (count < *room)
		return 0;
	if ((larger = arena_array(r->arena, more, size)) == NULL)
		return arena_error(r->arena);
	if (count > 0)
		memcpy(larger, *list, count * size);
	*list = larger;
	*room = more;
	return 0;
}

/* on_address - read TO or FROM */
static int
on_address(struct reading *r, struct slice tail, bool to)
{
	struct mmff_address address = {.line = r->line};
	struct slice utf8;
	void *list = r->mmff->to;
	int error;

	if ((error = as_utf8(r, tail, &utf8)) < 0)
		return error;
	split_address(utf8, &address);
	if (address.text.len == 0)
		return mmff_fail(r->diag, MMFF_ADDRESS, r->line, "empty");
	if (address.text.len > MMFF_ADDRESS_MAX && !is_x400(&address))
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "in %s, a name of %zu octets, more than %d",
		    to ? "TO" : "FROM", address.text.len, MMFF_ADDRESS_MAX);
	if (!to) {
		if (r->mmff->has_from)
			return mmff_fail(
			    r->diag, MMFF_TOKEN, r->line, "a second FROM");
		r->mmff->from = address;
		r->mmff->has_from = true;
		return 0;
	}
	if (r->mmff->to_count == MMFF_RECIPIENTS_MAX)
		return mmff_fail(r->diag, MMFF_TOO_BIG, r->line,
		    "in group TO, more than %d", MMFF_RECIPIENTS_MAX);
	error = grow_array(
	    r, &list, r->mmff->to_count, &r->to_room, sizeof(*r->mmff->to));
	if (error < 0)
		return error;
	r->mmff->to = list;
	r->mmff->to[r->mmff->to_count++] = address;
	return 0;
}

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
	error = grow_array(r, &list, r->mmff->attachment_count,
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
	    !parse_number(slice_of(tail.data + cut, tail.len - cut), INT64_MAX,
		&attachment.size))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "ATTACHMENTS with tail %s", show_text(tail));
	error = as_utf8(r, trim(slice_of(tail.data, cut)), &attachment.name);
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

/* is_usable - tell whether a name can be opened in a directory */
static bool
is_usable(struct slice name)
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
	logical = trim(slice_of(tail.data + cut, tail.len - cut));
	if (!is_usable(physical))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "XATTACH with tail %s", show_text(tail));
	if (logical.len == 0)
		logical = physical;
	if ((error = arena_slice(r->arena, physical, &attachment.physical)) <
		0 ||
	    (error = as_utf8(r, logical, &attachment.name)) < 0)
		return error;
	return add_attachment(r, &attachment);
}

/* on_date - read DATE:yyyy-mm-dd */
static int
on_date(struct reading *r, struct slice tail)
{
	uint64_t year, month, day;

	if (tail.len != 10 || tail.data[4] != '-' || tail.data[7] != '-' ||
	    !parse_number(slice_of(tail.data, 4), 9999, &year) ||
	    !parse_number(slice_of(tail.data + 5, 2), 12, &month) ||
	    !parse_number(slice_of(tail.data + 8, 2), 31, &day) ||
	    year < 1970 ||
	    calendar_to_seconds(
		&(struct calendar){
		    .year = (int)year, .month = (int)month, .day = (int)day},
		&r->mmff->date) < 0)
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "DATE with tail %s", show_text(tail));
	return 0;
}

/* on_time - TIME:hh:mm */
static int
on_time(struct reading *r, struct slice tail)
{
	uint64_t hour, minute;

	if (tail.len != 5 || tail.data[2] != ':' ||
	    !parse_number(slice_of(tail.data, 2), 23, &hour) ||
	    !parse_number(slice_of(tail.data + 3, 2), 59, &minute))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "TIME with tail %s", show_text(tail));
	r->mmff->minute = (int)(hour * 60 + minute);
	return 0;
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
		    "PRIORITY with tail %s", show_text(tail));
	r->mmff->priority = c;
	return 0;
}

/* on_text - read TEXT:size */
static int
on_text(struct reading *r, struct slice tail)
{
	r->done = true;
	if (!parse_number(tail, INT64_MAX, &r->mmff->text_size))
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "TEXT with tail %s", show_text(tail));
	return 0;
}

/* on_xtext - read XTEXT:file */
static int
on_xtext(struct reading *r, struct slice tail)
{
	struct slice name = plain_name(tail);

	r->done = true;
	if (!is_usable(name))
		return mmff_fail(
		    r->diag, MMFF_XTEXT, r->line, "%s", show_text(tail));
	return arena_slice(r->arena, name, &r->mmff->text_file);
}

/* on_version - read VERSION:N.NN */
static int
on_version(struct reading *r, struct slice tail)
{
	if (r->line != 1 || tail.len != 4 || tail.data[1] != '.')
		return mmff_fail(r->diag, MMFF_TOKEN, r->line,
		    "VERSION with tail %s", show_text(tail));
	return 0;
}

/* on_line - read a token and its tail */
static int
on_line(struct reading *r, struct slice token, struct slice tail)
{
	if (r->line == 1 && r->diag->code == MMFF_NONE &&
	    !is_token(token, "VERSION"))
		return mmff_fail(r->diag, MMFF_UNMATCHED, r->line,
		    "%s (has tail %s), VERSION comes first", show_text(token),
		    show_text(tail));
	if (is_token(token, "VERSION"))
		return on_version(r, tail);
	if (is_token(token, "TO"))
		return on_address(r, tail, true);
	if (is_token(token, "FROM"))
		return on_address(r, tail, false);
	if (is_token(token, "DATE"))
		return on_date(r, tail);
	if (is_token(token, "TIME"))
		return on_time(r, tail);
	if (is_token(token, "SUBJECT"))
		return as_utf8(r, tail, &r->mmff->subject);
	if (is_token(token, "PRIORITY"))
		return on_priority(r, tail);
	if (is_token(token, "ATTACHMENTS"))
		return on_attachments(r, tail);
	if (is_token(token, "XATTACH"))
		return on_xattach(r, tail);
	if (is_token(token, "TEXT"))
		return on_text(r, tail);
	if (is_token(token, "XTEXT"))
		return on_xtext(r, tail);
	return mmff_fail(r->diag, MMFF_UNMATCHED, r->line, "%s (has tail %s)",
	    show_text(token), show_text(tail));
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
		    r->diag, MMFF_LINE, r->line, "%s", show_text(line));
	cut = (size_t)(colon - line.data);
	return on_line(r, trim(slice_of(line.data, cut)),
	    trim(slice_of(colon + 1, line.len - cut - 1)));
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
	while (!r->done && (result = next_line(r, &line)) > 0) {
		colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;
		if (colon == NULL)
			continue;
		token = trim(slice_of(line.data, (size_t)(colon - line.data)));
		if (is_token(token, "TEXT") || is_token(token, "XTEXT"))
			break;
		if ((is_token(token, "FROM") && !r->mmff->has_from) ||
		    is_token(token, "TO") || is_token(token, "SUBJECT")) {
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
	for (size_t i = 0; need <= left && i < m->attachment_count; i++) {
		if (m->attachments[i].size > left - need)
			need = UINT64_MAX;
		else
			need += m->attachments[i].size;
	}
	if (need <= left)
		return 0;
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

	*mmff = (struct mmff){.date = -1, .minute = -1};
	*diag = (struct mmff_diag){0};
	while (!r.done && (result = next_line(&r, &line)) > 0) {
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

		if (octet != '\r' && octet != '\n' && octet != '\0' &&
		    octet != 0x1a)
			return mmff_fail(diag, MMFF_PARSER, mmff->lines,
			    "there is more after text and attachments: %s",
			    show_text(slice_of(tail.data + i,
				tail.len - i < 32 ? tail.len - i : 32)));
	}
	return 0;
}
