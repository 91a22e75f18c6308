/* SPDX-License-Identifier: ISC */
/*
 * assembly.c - what of an interpersonal message stands where in a file
 *
 * Contract in assembly.h.
 */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/calendar.h"
#include "mhs/charset.h"
#include "msmi/assembly.h"
#include "msmi/label.h"
#include "msmi/line.h"

#define CODED_MAX (16 * 1024) /* octets of text coded at a time */
#define NONE	  SIZE_MAX

/* assembly_init - begin with nothing measured */
void
assembly_init(struct assembly *a, const struct addressing *addressing,
    struct arena *arena)
{
	/* Not the arrays: they are large, and targets rules. */
	a->addressing = addressing;
	a->arena = arena;
	a->targets = 1;
	a->target[0] = (struct assembly_target){0};
	a->writing = false;
	a->sender = NULL;
	a->subject = (struct slice){0};
	a->importance = IPM_NORMAL;
	a->registered = false;
	a->created = 1;
	a->current = 0;
	a->has_text = a->is_text = false;
	a->rest = (struct code_page_rest){.len = 0};
	a->texts = a->files = a->messages = a->others = 0;
	buffer_init(&a->coded, CODED_MAX);
	buffer_init(&a->lines, CODED_MAX);
}

/* assembly_write - begin to write what was measured */
void
assembly_write(struct assembly *a, uint64_t header,
    int (*write)(void *arg, uint64_t offset, struct slice octets), void *arg)
{
	uint64_t offset = header;

	/* Targets stand behind one another in the file, in the order of its
	 * header. */
	for (size_t i = 0; i < a->targets; i++) {
		a->target[i].offset = offset;
		a->target[i].done = 0;
		offset += a->target[i].size;
	}
	a->writing = true;
	a->write = write;
	a->arg = arg;
	a->created = 1;
	a->current = 0;
	a->has_text = a->is_text = false;
	a->rest = (struct code_page_rest){.len = 0};
	a->texts = a->files = a->messages = a->others = 0;
}

/* assembly_fini - give back its memory */
void
assembly_fini(struct assembly *a)
{
	buffer_fini(&a->coded);
	buffer_fini(&a->lines);
}

/* code_page_of - tell how the postoffice's text is coded */
static enum conf_code_page
code_page_of(const struct assembly *a)
{
	return a->addressing->msmail->code_page;
}

/* put_octets - count octets of a target, or write them */
static int
put_octets(struct assembly *a, size_t target, struct slice octets)
{
	struct assembly_target *t = &a->target[target];
	int error;

	if (!a->writing) {
		t->size += octets.len;
		return 0;
	}
	/* The second reading gave more than the first: not our message. */
	if (octets.len > t->size - t->done)
		return ERR_CORRUPT;
	if ((error = a->write(a->arg, t->offset + t->done, octets)) < 0)
		return error;
	t->done += octets.len;
	return 0;
}

/* put_text - put a piece of UTF-8 of a target, as the postoffice codes it */
static int
put_text(struct assembly *a, size_t target, struct slice utf8)
{
	/* Pieces of half the room: coding may double the octets. */
	while (utf8.len > 0 && code_page_of(a) != CONF_CODE_PAGE_UTF8) {
		size_t len =
		    utf8.len < CODED_MAX / 2 ? utf8.len : CODED_MAX / 2;
		int error;

		buffer_reset(&a->coded);
		error = code_page_from_utf8(code_page_of(a), &a->rest,
		    slice_of(utf8.data, len), &a->coded);
		if (error == 0)
			error = put_octets(a, target, buffer_slice(&a->coded));
		if (error < 0)
			return error;
		utf8 = slice_of(utf8.data + len, utf8.len - len);
	}
	return utf8.len == 0 ? 0 : put_octets(a, target, utf8);
}

/* put_lines - put a piece of a body's text, its lines ending in CR LF */
static int
put_lines(struct assembly *a, size_t target, struct slice utf8)
{
	int error = 0;

	while (error == 0 && utf8.len > 0) {
		size_t len =
		    utf8.len < CODED_MAX / 2 ? utf8.len : CODED_MAX / 2;

		buffer_reset(&a->lines);
		error = line_end_append(
		    &a->line_end, slice_of(utf8.data, len), &a->lines);
		if (error == 0)
			error = put_text(a, target, buffer_slice(&a->lines));
		utf8 = slice_of(utf8.data + len, utf8.len - len);
	}
	return error;
}

/* end_text - end a text; a character that was broken off shows as a mark */
static int
end_text(struct assembly *a)
{
	int error;

	buffer_reset(&a->coded);
	error = code_page_finish(&a->rest, &a->coded);
	a->is_text = false;
	return error < 0 ? error
			 : put_octets(a, a->current, buffer_slice(&a->coded));
}

/* fitting - count the octets at the front of UTF-8 that fit */
static size_t
fitting(struct slice text, size_t max)
{
	size_t pos = 0, fits = 0;

	while (pos < text.len) {
		(void)charset_next(text, &pos);
		if (pos > max)
			break;
		fits = pos;
	}
	return fits;
}

/* is_device - tell whether DOS takes a name for a device, whatever its
 * ending */
static bool
is_device(const char *name)
{
	static const char *const devices[] = {"CON", "PRN", "AUX", "NUL"};
	size_t stem = strcspn(name, ".");

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		if (stem == 3 && strncasecmp(name, devices[i], 3) == 0)
			return true;
	}
	return stem == 4 && name[3] >= '1' && name[3] <= '9' &&
	    (strncasecmp(name, "COM", 3) == 0 ||
		strncasecmp(name, "LPT", 3) == 0);
}

/* assembly_safe_name - make a name that is no path and that any system takes */
bool
assembly_safe_name(struct slice name, char safe[ASSEMBLY_NAME_MAX + 1])
{
	size_t cut = name.len, len, dot;

	/* Names of any system end at one of these; only the last part is
	 * used. */
	while (cut > 0 && strchr("/\\:", name.data[cut - 1]) == NULL)
		cut--;
	name = slice_of(name.data + cut, name.len - cut);
	/* DOS drops blanks and dots at the end, and two names would become
	 * one. */
	while (name.len > 0 &&
	    (name.data[name.len - 1] == ' ' || name.data[name.len - 1] == '.'))
		name.len--;
	while (name.len > 0 && name.data[0] == ' ')
		name = slice_of(name.data + 1, name.len - 1);
	len = fitting(name, ASSEMBLY_NAME_MAX);
	if (len == 0)
		return false;
	memcpy(safe, name.data, len);
	safe[len] = '\0';
	/* Too long: the ending is what says what it is. */
	for (dot = name.len; dot > 0 && name.data[dot - 1] != '.'; dot--)
		;
	if (len < name.len && dot > 1 && name.len - dot < 8 &&
	    charset_is_ascii(slice_of(name.data + dot, name.len - dot))) {
		size_t ending = name.len - dot + 1;

		len = fitting(name, ASSEMBLY_NAME_MAX - ending);
		memcpy(safe + len, name.data + dot - 1, ending);
		safe[len + ending] = '\0';
	}
	for (char *c = safe; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f ||
		    strchr("\"*<>?|", *c) != NULL)
			*c = '_';
	}
	/* A hidden file or a device is not what the sender meant. */
	if (safe[0] == '.' || is_device(safe))
		safe[0] = '_';
	return true;
}

/* coded_name - make a name of characters that the postoffice can code */
static const char *
coded_name(struct assembly *a, const char *name)
{
	struct slice text = slice_of_string(name);
	char *made = arena_printf(a->arena, "%s", name);
	size_t len = 0, pos = 0, before;

	while (made != NULL && pos < text.len) {
		before = pos;
		if (code_page_has(code_page_of(a), charset_next(text, &pos))) {
			memcpy(made + len, name + before, pos - before);
			len += pos - before;
		} else {
			made[len++] = '_';
		}
		made[len] = '\0';
	}
	return made;
}

/* is_taken - tell whether an attachment has this name */
static bool
is_taken(const struct assembly *a, const char *name)
{
	for (size_t i = 0; i + 1 < a->targets; i++) {
		struct slice other = a->attachment[i].name;

		/* Readers of the postoffice do not tell case apart. */
		if (other.len == strlen(name) &&
		    strncasecmp((const char *)other.data, name, other.len) == 0)
			return true;
	}
	return false;
}

/* make_unique - make a name that no other attachment has: NAME, NAME~2.EXT
 * ... */
static char *
make_unique(struct assembly *a, const char *name)
{
	const char *dot = strrchr(name, '.');
	int stem =
	    dot == NULL || dot == name ? (int)strlen(name) : (int)(dot - name);
	char *made = arena_printf(a->arena, "%s", name);

	for (unsigned i = 2; made != NULL && is_taken(a, made); i++)
		made = arena_printf(
		    a->arena, "%.*s~%u%s", stem, name, i, name + stem);
	return made;
}

/* create_target - begin the next target; the first time it gets its name */
static int
create_target(struct assembly *a, const char *name)
{
	char *made;

	a->current = a->created;
	if (a->writing) {
		if (a->created >= a->targets)
			return ERR_CORRUPT;
		a->created++;
		return 0;
	}
	if (a->targets > MMFF_ATTACHMENTS_MAX)
		return ERR_LIMIT;
	if ((name = coded_name(a, name)) == NULL ||
	    (made = make_unique(a, name)) == NULL)
		return arena_error(a->arena);
	a->attachment[a->targets - 1] =
	    (struct mmff_attachment){.name = slice_of_string(made)};
	a->target[a->targets] = (struct assembly_target){0};
	a->targets++;
	a->created++;
	return 0;
}

/* create_numbered - begin the next target as NAMEn.EXT */
static int
create_numbered(
    struct assembly *a, const char *name, unsigned number, const char *ending)
{
	char text[ASSEMBLY_NAME_MAX + 1];

	(void)snprintf(text, sizeof(text), "%.40s%u.%s", name, number, ending);
	for (char *c = text; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return create_target(a, text);
}

/* put_heading - put the heading of a forwarded message as text */
static int
put_heading(struct assembly *a, const struct ipm_heading *h)
{
	struct buffer out;
	int error;

	buffer_init(&out, LABEL_MAX);
	error = label_forwarded(a->addressing, h, a->arena, &out);
	if (error == 0)
		error = put_text(a, a->current, buffer_slice(&out));
	if (error == 0)
		error = put_text(a, a->current, slice_of_string("\r\n"));
	buffer_fini(&out);
	return error;
}

/* put_labels - put what of the heading a file cannot say before the text */
static int
put_labels(struct assembly *a, const struct ipm_heading *h)
{
	struct buffer out;
	int error;

	buffer_init(&out, LABEL_MAX);
	error = label_own(a->addressing, h, a->sender, a->arena, &out);
	if (error == 0 && buffer_length(&out) > 0)
		error = put_text(a, 0, buffer_slice(&out));
	if (error == 0 && buffer_length(&out) > 0)
		error = put_text(a, 0, slice_of_string("\r\n"));
	buffer_fini(&out);
	return error;
}

/* on_heading - take the heading of the message, or of one forwarded in it */
static int
on_heading(void *arg, const struct ipm_heading *h, unsigned level)
{
	struct assembly *a = arg;
	int error;

	if (level == 0) {
		/* Labels are text, and are measured and written; the rest is
		 * for the header, which is made once. */
		if ((error = put_labels(a, h)) < 0 || a->writing)
			return error;
		a->importance = h->importance;
		a->registered = label_registered(a->addressing, h, a->arena);
		return arena_slice(a->arena, h->subject, &a->subject);
	}
	if ((error = create_numbered(a, "MESSAGE", ++a->messages, "TXT")) < 0)
		return error;
	a->of_level[level] = a->current;
	return put_heading(a, h);
}

/* begin_file - begin the target of a file */
static int
begin_file(struct assembly *a, const struct ipm_part *part)
{
	char safe[ASSEMBLY_NAME_MAX + 1];

	if (part->filename.len > 0 && assembly_safe_name(part->filename, safe))
		return create_target(a, safe);
	return create_numbered(a, "FILE", ++a->files, "BIN");
}

/* begin_text - begin the target of a text */
static int
begin_text(struct assembly *a, unsigned level)
{
	/* Text of a forwarded message stands in its own file, behind its
	 * heading. */
	if (level > 0 && level < IPM_LEVELS) {
		a->current = a->of_level[level];
		return 0;
	}
	/* The first text is the message, others are attachments. */
	if (!a->has_text) {
		a->has_text = true;
		a->current = 0;
		return 0;
	}
	return create_numbered(a, "TEXT", ++a->texts + 1, "TXT");
}

/* on_part_begin - begin the target of a body part */
static int
on_part_begin(void *arg, const struct ipm_part *part)
{
	struct assembly *a = arg;

	a->is_text = part->text;
	a->line_end.after_cr = false;
	if (part->original) {
		int error = create_numbered(
		    a, ipm_kind_name(part->kind), ++a->others, "BIN");

		if (error < 0)
			return error;
		a->original = a->current;
	}
	if (part->text)
		return begin_text(a, part->level);
	if (part->unreadable)
		return create_numbered(a, "MESSAGE", ++a->messages, "BER");
	if (part->kind == IPM_KIND_MESSAGE) {
		a->current = NONE;
		return 0;
	}
	if (part->kind == IPM_KIND_FILE || part->kind == IPM_KIND_BILATERALLY)
		return begin_file(a, part);
	return create_numbered(
	    a, ipm_kind_name(part->kind), ++a->others, "BER");
}

/* assembly_data - put octets of the target at hand */
int
assembly_data(struct assembly *a, struct slice octets)
{
	if (a->current == NONE)
		return 0;
	return a->is_text ? put_lines(a, a->current, octets)
			  : put_octets(a, a->current, octets);
}

/* on_part_end - end the target of a body part */
static int
on_part_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct assembly *a = arg;

	(void)kind;
	(void)level;
	return a->is_text ? end_text(a) : 0;
}

/* on_part_data - put contents of a body part */
static int
on_part_data(void *arg, struct slice octets)
{
	return assembly_data(arg, octets);
}

/* on_part_original - keep the octets of a text beside what could be read */
static int
on_part_original(void *arg, struct slice octets)
{
	struct assembly *a = arg;

	return put_octets(a, a->original, octets);
}

/* on_notification - put a receipt or non-receipt as text */
static int
on_notification(void *arg, const struct ipm_notification *n)
{
	struct assembly *a = arg;
	char when[CALENDAR_TEXT_MAX];
	struct buffer out;
	int error;

	/* An advice is no receipt: the reader gets it as what it is. */
	if (n->kind == IPM_OTHER_NOTIFICATION)
		return ERR_UNSUPPORTED;
	if (!a->writing) {
		const char *subject = n->kind == IPM_NON_RECEIPT
		    ? "Not received"
		    : "Registered: received";

		a->subject = slice_of_string(subject);
	}
	buffer_init(&out, LABEL_MAX);
	error = line_append(&out, "Your message %.*s was %s.",
	    (int)n->subject_ipm.local.len,
	    (const char *)n->subject_ipm.local.data,
	    ipm_notification_reason(n));
	if (error == 0 && n->kind == IPM_NON_RECEIPT && n->reason > 1)
		error = line_append(&out, "Reason: %d", n->reason);
	/* Reasons below have words of their own. */
	if (error == 0 && n->kind == IPM_NON_RECEIPT && n->discard_reason > 3)
		error =
		    line_append(&out, "Discard reason: %d", n->discard_reason);
	if (error == 0)
		error = label_descriptor(a->addressing, "By",
		    n->intended.name.len > 0 ? &n->intended : &n->originator,
		    a->arena, &out);
	if (error == 0 && n->receipt_time != IPM_NO_TIME)
		error = line_append(
		    &out, "At: %s", calendar_format(n->receipt_time, when));
	if (error == 0 && n->comment.len > 0)
		error = line_append(&out, "Comment: %.*s", (int)n->comment.len,
		    (const char *)n->comment.data);
	if (error == 0)
		error = put_text(a, 0, buffer_slice(&out));
	buffer_fini(&out);
	return error;
}

/* assembly_handler - make the handler of a decoder of the content */
struct ipm_handler
assembly_handler(struct assembly *a)
{
	return (struct ipm_handler){.heading = on_heading,
	    .notification = on_notification,
	    .part_begin = on_part_begin,
	    .part_data = on_part_data,
	    .part_original = on_part_original,
	    .part_end = on_part_end,
	    .arg = a};
}

/* assembly_text - put text that the worker wrote */
int
assembly_text(struct assembly *a, struct slice text)
{
	a->has_text = true;
	return put_text(a, 0, text);
}

/* assembly_attach - begin another target of this name */
int
assembly_attach(struct assembly *a, const char *name)
{
	return create_target(a, name);
}
