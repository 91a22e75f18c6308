/* SPDX-License-Identifier: ISC */
/*
 * pickup_take.c - make a submission of a message file
 *
 * The file is looked through twice: once to see how its text will travel and
 * how long everything is, once to send it.  Its contents are never in memory
 * as a whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define PIECE	    (32 * 1024)
#define TAIL_MAX    512
#define TICK_OCTETS (16 * 1024 * 1024) /* a multiple of PIECE */
#define OPEN_FILE   (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Where the contents of a part come from. */
struct source {
	int fd; /* owned unless it is the file's own */
	uint64_t offset;
	uint64_t length;
};

struct taking {
	struct pickup *pickup;
	struct pickup_submission *submission;
	int fd;
	struct slice head;
	struct mmff mmff;
	struct mmff_diag diag;
	struct source *sources; /* the text, then the attachments */
	struct ipm_outgoing *parts;
	size_t count;
	struct ipm_scan scan;
	struct draft draft;
	struct buffer envelope;
	struct ipm_encoder encoder;
	bool encoding;
	uint8_t *octets;    /* PIECE */
	struct buffer text; /* a piece of it as UTF-8 */
};

/* pickup_open - open and look at a file of P1 */
int
pickup_open(struct pickup *pickup, const char *name, int *fd,
    struct pickup_file *file, struct stat *st, char why[PICKUP_WHY_MAX])
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	bool found;

	*fd = openat(p1, name, OPEN_FILE);
	if (*fd < 0 && errno == ENOENT)
		return ERR_NOTFOUND;
	if (*fd < 0 && errno == ELOOP)
		snprintf(why, PICKUP_WHY_MAX, "a symbolic link");
	else if (*fd < 0)
		snprintf(why, PICKUP_WHY_MAX, "cannot be opened: %s",
		    strerror(errno));
	found = *fd >= 0 ? fstat(*fd, st) == 0
			 : fstatat(p1, name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!found) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return ERR_NOTFOUND;
	}
	(void)strlcpy(file->name, name, sizeof(file->name));
	file->inode = st->st_ino;
	file->ctime =
	    (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
	file->size = st->st_size < 0 ? 0 : (uint64_t)st->st_size;
	if (*fd >= 0 && S_ISREG(st->st_mode))
		return 0;
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
		snprintf(why, PICKUP_WHY_MAX, "%s, not a file",
		    S_ISDIR(st->st_mode) ? "a directory" : "something special");
	}
	return ERR_DENIED;
}

/* read_at - exactly len octets at an offset.  ERR_IO, ERR_TRUNCATED */
static int
read_at(int fd, uint8_t *to, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? ERR_IO : ERR_TRUNCATED;
		to += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* pickup_read_head - the beginning of a file */
int
pickup_read_head(struct pickup *pickup, int fd, const struct pickup_file *file,
    struct slice *head)
{
	size_t len =
	    file->size < MMFF_HEADER_MAX ? (size_t)file->size : MMFF_HEADER_MAX;
	int error = read_at(fd, pickup->head, len, 0);

	*head = slice_of(pickup->head, error == 0 ? len : 0);
	return error;
}

/* piece_at - octets of a source, from memory where they are there already */
static int
piece_at(struct taking *t, const struct source *source, uint64_t done,
    struct slice *piece)
{
	uint64_t left = source->length - done, at = source->offset + done;
	size_t len = left < PIECE ? (size_t)left : PIECE;
	int error;

	if (source->fd == t->fd && at + len <= t->head.len) {
		*piece = slice_of(t->head.data + at, len);
		return 0;
	}
	if ((error = read_at(source->fd, t->octets, len, at)) < 0)
		return error;
	*piece = slice_of(t->octets, len);
	return 0;
}

/* open_physical - a file that XTEXT or XATTACH names */
static int
open_physical(
    struct taking *t, struct slice name, unsigned line, struct source *source)
{
	char *path = arena_string(&t->pickup->arena, name);
	struct stat st;
	int fd;

	if (path == NULL)
		return arena_error(&t->pickup->arena);
	fd = openat(t->pickup->msmi.postoffice.fd[PO_ATT], path, OPEN_FILE);
	if (fd < 0)
		return mmff_fail(&t->diag, MMFF_OPEN, line, "ATT/%s: %s", path,
		    strerror(errno));
	source->fd = fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return mmff_fail(
		    &t->diag, MMFF_OPEN, line, "ATT/%s: not a file", path);
	source->length = (uint64_t)st.st_size;
	return 0;
}

/* find_sources - where text and attachments are */
static int
find_sources(struct taking *t)
{
	const struct mmff *m = &t->mmff;
	uint64_t offset = m->contents;
	int error;

	t->count = 1 + m->attachment_count;
	t->sources =
	    arena_array(&t->pickup->arena, t->count, sizeof(*t->sources));
	t->parts = arena_array(&t->pickup->arena, t->count, sizeof(*t->parts));
	if (t->sources == NULL || t->parts == NULL) {
		t->count = 0;
		return arena_error(&t->pickup->arena);
	}
	for (size_t i = 0; i < t->count; i++)
		t->sources[i].fd = t->fd;
	for (size_t i = 0; i < t->count; i++) {
		struct source *s = &t->sources[i];
		const struct mmff_attachment *a =
		    i > 0 ? &m->attachments[i - 1] : NULL;
		struct slice physical = a != NULL ? a->physical : m->text_file;

		error = 0;
		if (physical.len > 0) {
			error = open_physical(
			    t, physical, a != NULL ? a->line : m->lines, s);
		} else {
			s->offset = offset;
			s->length = a != NULL ? a->size : m->text_size;
			offset += s->length;
		}
		if (error < 0)
			return error;
	}
	return 0;
}

/*
 * check_size - refuse what the queue can never hold
 *
 * By the sizes that the files have, before a single octet of them is read: one
 * with holes may be of any size.
 */
static int
check_size(struct taking *t)
{
	uint64_t most = t->pickup->msmi.conf->mta.queue_size, all = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->sources[i].length > most - all)
			return mmff_fail(&t->diag, MMFF_TOO_BIG, t->mmff.lines,
			    "text and attachments are larger than the queue, "
			    "%llu octets",
			    (unsigned long long)most);
		all += t->sources[i].length;
	}
	return 0;
}

/* check_tail - nothing but padding after the last attachment */
static int
check_tail(struct taking *t)
{
	uint64_t end = t->mmff.contents + t->mmff.text_size;
	uint64_t size = t->submission->file.size;
	uint8_t tail[TAIL_MAX];
	size_t len;
	int error;

	for (size_t i = 0; i < t->mmff.attachment_count; i++)
		end += t->mmff.attachments[i].size;
	len = size - end < TAIL_MAX ? (size_t)(size - end) : TAIL_MAX;
	if ((error = read_at(t->fd, tail, len, end)) < 0)
		return error;
	if (len == TAIL_MAX && size - end > TAIL_MAX)
		return mmff_fail(&t->diag, MMFF_PARSER, t->mmff.lines,
		    "%llu octets after text and attachments",
		    (unsigned long long)(size - end));
	return mmff_tail_check(slice_of(tail, len), &t->mmff, &t->diag);
}

/* text_piece - octets of the text, as UTF-8 if the code page says what it is */
static int
text_piece(struct taking *t, uint64_t done, struct slice *piece, uint64_t *next)
{
	enum conf_code_page page = t->pickup->msmi.msmail->code_page;
	int error = piece_at(t, &t->sources[0], done, piece);

	*next = done + piece->len;
	if (error < 0 || page == CONF_CODE_PAGE_UTF8)
		return error;
	buffer_reset(&t->text);
	error = code_page_to_utf8(page, *piece, &t->text);
	*piece = buffer_slice(&t->text);
	return error;
}

/* plan_parts - how everything will travel, and how long that is */
static int
plan_parts(struct taking *t)
{
	const struct source *text = &t->sources[0];
	struct slice piece;
	int error;

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

/* bad_address - an address of the file that cannot be one */
static int
bad_address(struct taking *t, const struct mmff_address *address, int error,
    const struct diag *diag)
{
	char shown[128];

	if (error == ERR_NOMEM)
		return error;
	(void)escape_text(shown, sizeof(shown), address->text);
	return mmff_fail(&t->diag, MMFF_ADDRESS, address->line, "%s: %s", shown,
	    diag_text(diag));
}

/* hash_slot - where a recipient stands in a table of the recipients */
static size_t
hash_slot(const uint32_t *table, size_t room, const struct or_address *list,
    const struct or_address *address)
{
	size_t slot = (size_t)or_address_hash(address) & (room - 1);

	while (table[slot] != 0 &&
	    or_address_compare(&list[table[slot] - 1], address) != 0)
		slot = (slot + 1) & (room - 1);
	return slot;
}

/* find_recipients - each of the TO lines once */
static int
find_recipients(struct taking *t)
{
	const struct mmff *m = &t->mmff;
	struct arena *arena = &t->pickup->arena;
	struct or_address *list;
	struct slice *names;
	uint32_t *table;
	size_t room = 16, count = 0;

	while (room < 2 * m->to_count)
		room *= 2;
	list = arena_array(arena, m->to_count, sizeof(*list));
	names = arena_array(arena, m->to_count, sizeof(*names));
	table = arena_array(arena, room, sizeof(*table));
	if (list == NULL || names == NULL || table == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < m->to_count; i++) {
		struct diag diag = {0};
		int error = address_from_mmff(&t->pickup->msmi.addressing,
		    &m->to[i], arena, &list[count], &diag);
		size_t slot;

		if (error < 0)
			return bad_address(t, &m->to[i], error, &diag);
		slot = hash_slot(table, room, list, &list[count]);
		if (table[slot] != 0)
			continue;
		names[count] = m->to[i].name;
		table[slot] = (uint32_t)++count;
	}
	t->draft.to = list;
	t->draft.to_names = names;
	t->draft.to_count = count;
	return 0;
}

/* plan - the draft of the message */
static int
plan(struct taking *t)
{
	const struct pickup_file *file = &t->submission->file;
	struct diag diag = {0};
	int error;

	error = mmff_read(t->pickup->msmi.msmail->code_page, t->head,
	    file->size, &t->pickup->arena, &t->mmff, &t->diag);
	if (error < 0)
		return error;
	error = address_from_mmff(&t->pickup->msmi.addressing, &t->mmff.from,
	    &t->pickup->arena, &t->draft.from, &diag);
	if (error < 0)
		return bad_address(t, &t->mmff.from, error, &diag);
	if ((error = find_recipients(t)) < 0 || (error = check_tail(t)) < 0 ||
	    (error = find_sources(t)) < 0 || (error = check_size(t)) < 0 ||
	    (error = plan_parts(t)) < 0)
		return error;
	t->draft.from_name = t->mmff.from.name;
	t->draft.subject = t->mmff.subject;
	t->draft.priority = t->mmff.priority;
	t->draft.reports = true;
	t->draft.parts = t->parts;
	t->draft.part_count = t->count;
	t->draft.id = arena_printf(&t->pickup->arena, "%llx-%llx",
	    (unsigned long long)file->ctime, (unsigned long long)file->inode);
	if (t->draft.id == NULL)
		return arena_error(&t->pickup->arena);
	error = draft_encode(&t->draft, t->pickup->msmi.conf, &t->pickup->arena,
	    &t->envelope, &t->encoder, &diag);
	if (error == ERR_NOMEM || error == ERR_LIMIT)
		return error;
	if (error < 0)
		return mmff_fail(&t->diag, MMFF_PARSER, t->mmff.lines, "%s",
		    diag_text(&diag));
	t->encoding = true;
	return 0;
}

/* send_part - one part: what stands before it, and its contents */
static int
send_part(struct taking *t, size_t part)
{
	const struct source *source = &t->sources[part];
	struct buffer converted;
	struct slice piece;
	unsigned state = 0;
	int error;

	error = pickup_body(
	    t->pickup, t->submission, ipm_encoder_prefix(&t->encoder, part));
	buffer_init(&converted, CODE_PAGE_GROWTH * PIECE);
	for (uint64_t done = 0, next; error == 0 && done < source->length;
	     done = next) {
		if (part > 0) {
			if ((error = piece_at(t, source, done, &piece)) == 0)
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

/* submit - the whole message to qmgr */
static int
submit(struct taking *t)
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
	/* It has said no already: that is settled like any other answer. */
	if (error == ERR_REFUSED)
		return 0;
	if (error < 0)
		pickup_cancel(t->pickup, t->submission);
	return error;
}

/* age - ms since a file was written last; one of the future is old enough */
static int64_t
age(const struct stat *st)
{
	int64_t written =
	    (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
	int64_t now = clock_wall();

	return written > now ? INT64_MAX : now - written;
}

/* failed - what becomes of a file that could not be submitted */
static enum pickup_taken
failed(struct taking *t, int error, const struct stat *st)
{
	if (error == ERR_CLOSED || error == ERR_CANCELLED || error == ERR_NOMEM)
		return PICKUP_LATER;
	if (error == ERR_SYNTAX && t->diag.code != MMFF_NONE) {
		if (t->diag.truncated && age(st) < PICKUP_PATIENCE_MS)
			return PICKUP_LATER;
		pickup_reject(t->pickup, t->submission, ndr_of_file(&t->diag),
		    t->diag.text, &t->mmff);
		return PICKUP_SUBMITTED;
	}
	/* It became shorter while it was read, or the disk fails. */
	if (error == ERR_TRUNCATED && age(st) < PICKUP_PATIENCE_MS)
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

/* cleanup - give back what a file took */
static void
cleanup(struct taking *t)
{
	for (size_t i = 0; t->sources != NULL && i < t->count; i++) {
		if (t->sources[i].fd != t->fd)
			close(t->sources[i].fd);
	}
	if (t->encoding)
		ipm_encoder_fini(&t->encoder);
	buffer_fini(&t->envelope);
	buffer_fini(&t->text);
	free(t->octets);
	close(t->fd);
	arena_reset(&t->pickup->arena);
}

/* fault - the hook of tests: file-NAME crashes, hangs or fails at this file */
static bool
fault(const char *name)
{
	char point[PICKUP_NAME_MAX + 8];

	if (fault_state == FAULT_OFF)
		return false;
	snprintf(point, sizeof(point), "file-%s", name);
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
	pickup->arena.max = P1_ARENA_MAX;
	error = pickup_open(pickup, name, &t.fd, &submission->file, &st, why);
	if (error == ERR_NOTFOUND)
		return PICKUP_VANISHED;
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
	if (age(&st) < PICKUP_SETTLE_MS) {
		close(t.fd);
		return PICKUP_LATER;
	}
	worker_item_file(&pickup->msmi.worker, name);
	buffer_init(&t.envelope, P1_ENVELOPE_MAX);
	buffer_init(&t.text, CODE_PAGE_GROWTH * PIECE);
	t.octets = malloc(PIECE);
	error = t.octets == NULL ? ERR_NOMEM : 0;
	if (error == 0 && fault(name))
		error = ERR_IO;
	if (error == 0)
		error =
		    pickup_read_head(pickup, t.fd, &submission->file, &t.head);
	if (error == 0)
		error = plan(&t);
	if (error == 0)
		error = submit(&t);
	if (error < 0)
		taken = failed(&t, error, &st);
	cleanup(&t);
	worker_item_file(&pickup->msmi.worker, NULL);
	return taken;
}
