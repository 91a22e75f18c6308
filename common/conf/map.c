/* SPDX-License-Identifier: ISC */
/*
 * map.c - the directory of a postoffice: O/R addresses and mailboxes
 *
 * Contract in map.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_redirect.h"
#include "conf/map.h"

/* Each entry costs about ten times its line. */
#define MAP_ARENA_MAX ((size_t)1024 * 1024 * 1024)

/* map_init - begin an empty map */
void
map_init(struct map *map)
{
	*map = (struct map){0};
	arena_init(&map->arena, MAP_ARENA_MAX);
}

/* map_fini - free what it holds */
void
map_fini(struct map *map)
{
	arena_fini(&map->arena);
	map->count = 0;
}

/* trim_blanks - cut blanks off at both ends */
static struct slice
trim_blanks(struct slice text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len > 0 &&
	    (text.data[text.len - 1] == ' ' ||
		text.data[text.len - 1] == '\t' ||
		text.data[text.len - 1] == '\r'))
		text.len--;
	return text;
}

/* next_line - find the next line of text; false at its end */
static bool
next_line(struct slice *text, struct slice *line)
{
	const uint8_t *end;
	size_t len;

	if (text->len == 0)
		return false;
	end = memchr(text->data, '\n', text->len);
	len = end == NULL ? text->len : (size_t)(end - text->data);
	*line = trim_blanks(slice_of(text->data, len));
	if (end != NULL)
		len++;
	*text = slice_of(text->data + len, text->len - len);
	return true;
}

/* is_redirect - tell whether a line is for qmgr, which redirects */
static bool
is_redirect(struct slice line)
{
	size_t len = strlen(CONF_REDIRECT_WORD);

	return line.len > len &&
	    memcmp(line.data, CONF_REDIRECT_WORD, len) == 0 &&
	    (line.data[len] == ' ' || line.data[len] == '\t');
}

/* says_nothing - tell whether a line names no mailbox: it is blank, a comment,
 * or a redirection */
static bool
says_nothing(struct slice line)
{
	return line.len == 0 || line.data[0] == '#' || is_redirect(line);
}

/* parse_line - parse address = mailbox */
static int
parse_line(struct map *map, struct slice line, struct map_entry *entry,
    struct diag *diag)
{
	size_t cut = line.len;
	int error;

	/* The last "=": an address has others. */
	while (cut > 0 && line.data[cut - 1] != '=')
		cut--;
	if (cut == 0)
		return diag_set(diag, ERR_SYNTAX,
		    "not \"address = NETWORK/POSTOFFICE/MAILBOX\"");
	error = mailbox_parse(
	    trim_blanks(slice_of(line.data + cut, line.len - cut)),
	    &entry->mailbox, diag);
	if (error == 0)
		error =
		    or_address_parse(trim_blanks(slice_of(line.data, cut - 1)),
			&map->arena, &entry->address, diag);
	if (error == 0)
		entry->hash = or_address_hash(&entry->address);
	return error;
}

/* tell_error - take an error that diag, if there is one, explains: 0, to go on,
 * if there is somebody who wants all */
static int
tell_error(struct map *map, const char *name, unsigned line, int error,
    struct diag *diag)
{
	if (map->error != NULL && map->errors < MAP_ERRORS_MAX &&
	    error != ERR_NOMEM) {
		map->errors++;
		map->error(map->error_context, line, diag_text(diag));
		diag_clear(diag);
		return 0;
	}
	diag_prefix(diag, "%s:%u", name, line);
	return error;
}

/* by_address - order by address */
static int
by_address(const void *left, const void *right)
{
	const struct map_entry *a = *(struct map_entry *const *)left;
	const struct map_entry *b = *(struct map_entry *const *)right;

	/* Hashes first: comparing two addresses takes longer. */
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return or_address_compare(&a->address, &b->address);
}

/* by_mailbox - order by mailbox, the first line first */
static int
by_mailbox(const void *left, const void *right)
{
	const struct map_entry *a = *(struct map_entry *const *)left;
	const struct map_entry *b = *(struct map_entry *const *)right;
	int order = mailbox_compare(&a->mailbox, &b->mailbox);

	if (order != 0)
		return order;
	/* The first line of a mailbox gives its address to the outside. */
	return a->line < b->line ? -1 : a->line > b->line;
}

/* sort_map - sort both ways; refuse an address that is there twice */
static int
sort_map(struct map *map, const char *name, struct diag *diag)
{
	size_t size = sizeof(struct map_entry *);
	int error;

	map->by_address = arena_array(&map->arena, map->count + 1, size);
	map->by_mailbox = arena_array(&map->arena, map->count + 1, size);
	if (map->by_address == NULL || map->by_mailbox == NULL)
		return arena_error(&map->arena);
	for (size_t i = 0; i < map->count; i++)
		map->by_address[i] = map->by_mailbox[i] = &map->entries[i];
	qsort(map->by_address, map->count, size, by_address);
	qsort(map->by_mailbox, map->count, size, by_mailbox);
	for (size_t i = 1; i < map->count; i++) {
		const struct map_entry *a = map->by_address[i - 1];
		const struct map_entry *b = map->by_address[i];

		if (by_address(&a, &b) != 0)
			continue;
		error =
		    tell_error(map, name, a->line > b->line ? a->line : b->line,
			diag_set(diag, ERR_EXISTS,
			    "this address has a mailbox in line %u",
			    a->line > b->line ? b->line : a->line),
			diag);
		if (error < 0)
			return error;
	}
	return 0;
}

/* map_parse - parse a map in memory */
int
map_parse(
    struct map *map, struct slice text, const char *name, struct diag *diag)
{
	struct slice rest = text, line;
	unsigned number = 0;
	size_t lines = 0;
	int error;

	/* Counted first, so that entries lie in one array that does not
	 * move. */
	while (next_line(&rest, &line))
		lines += !says_nothing(line);
	map->entries =
	    arena_array(&map->arena, lines + 1, sizeof(*map->entries));
	if (map->entries == NULL)
		return arena_error(&map->arena);
	for (rest = text; next_line(&rest, &line);) {
		number++;
		if (says_nothing(line))
			continue;
		error = parse_line(map, line, &map->entries[map->count], diag);
		if (error < 0) {
			(void)diag_set(
			    diag, error, "%s", error_strerror(error));
			error = tell_error(map, name, number, error, diag);
			if (error < 0)
				return error;
			continue;
		}
		map->entries[map->count++].line = number;
	}
	return sort_map(map, name, diag);
}

/* map_read_fd - read a map from a file that is open */
int
map_read_fd(struct map *map, int fd, const char *path, struct diag *diag)
{
	struct stat st;
	uint8_t *data = NULL;
	size_t len = 0;
	ssize_t n = 1;
	int error = ERR_IO;

	/* Checked on the open file, so that it cannot be exchanged in
	 * between. */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > MAP_FILE_MAX) {
		(void)diag_set(diag, error, "%s: not a file of at most %d M",
		    path, MAP_FILE_MAX >> 20);
		goto out;
	}
	error = ERR_NOMEM;
	if ((data = malloc((size_t)st.st_size + 1)) == NULL)
		goto out;
	while (len < (size_t)st.st_size && n > 0) {
		n = pread(fd, data + len, (size_t)st.st_size - len, (off_t)len);
		if (n > 0)
			len += (size_t)n;
	}
	error = n < 0 ? diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno))
		      : map_parse(map, slice_of(data, len), path, diag);
out:
	free(data);
	return error;
}

/* map_check - give every error of a map in a file to fn */
size_t
map_check(const char *path, map_error_fn *fn, void *context)
{
	struct diag diag = {0};
	struct map map;
	size_t errors;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		fn(context, 0, strerror(errno));
		return 1;
	}
	map_init(&map);
	map.error = fn;
	map.error_context = context;
	/* The error that ends the reading has not been told; beyond the bound
	 * it would be one error more. */
	if (map_read_fd(&map, fd, path, &diag) != 0 &&
	    map.errors < MAP_ERRORS_MAX) {
		map.errors++;
		fn(context, 0, diag_text(&diag));
	}
	errors = map.errors;
	map_fini(&map);
	(void)close(fd);
	return errors;
}

/* map_mailbox - find the mailbox of an address */
const struct mailbox *
map_mailbox(const struct map *map, const struct or_address *address)
{
	struct map_entry wanted = {
	    .address = *address, .hash = or_address_hash(address)};
	const struct map_entry *key = &wanted;
	struct map_entry *const *found;

	if (map->count == 0)
		return NULL;
	found =
	    bsearch(&key, map->by_address, map->count, sizeof(key), by_address);
	return found == NULL ? NULL : &(*found)->mailbox;
}

/* map_address - find the address of a mailbox: that of its first line */
const struct or_address *
map_address(const struct map *map, const struct mailbox *mailbox)
{
	size_t low = 0, high = map->count;

	/* the first entry that is not before it */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mailbox_compare(
			&map->by_mailbox[middle]->mailbox, mailbox) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == map->count ||
	    mailbox_compare(&map->by_mailbox[low]->mailbox, mailbox) != 0)
		return NULL;
	return &map->by_mailbox[low]->address;
}
