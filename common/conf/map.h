/* SPDX-License-Identifier: ISC */
/*
 * map.h - the directory of a postoffice: O/R addresses and mailboxes
 *
 *	# who is who
 *	C=DE;A=VIAT;P=ACME;O=PO1;S=Doe;G=Jo = ACME/PO1/JDOE
 *
 * Line by line; the last " = " or "=" parts the two.  Blank lines and lines
 * whose first character is # say nothing; a line "redirect A -> B" is for qmgr
 * (conf/conf_redirect.h).  Mailboxes compare without case.  A
 * mailbox may have several addresses: the first is the one that its messages
 * bear.  An address has one mailbox.  A map is read whole or not at all; an
 * error names the line.
 */
#ifndef FOURPOST_CONF_MAP_H
#define FOURPOST_CONF_MAP_H

#include "base/arena.h"
#include "base/error.h"
#include "mhs/or_address.h"

#define MAP_FILE_MAX   (64 * 1024 * 1024)
#define MAP_ERRORS_MAX 100
#define MAP_NAME_MAX   10 /* network, postoffice, mailbox */

/* NETWORK/POSTOFFICE/MAILBOX, each of 1 to 10 characters */
struct mailbox {
	char network[MAP_NAME_MAX + 1];
	char postoffice[MAP_NAME_MAX + 1];
	char name[MAP_NAME_MAX + 1];
};

#define MAILBOX_TEXT (3 * (MAP_NAME_MAX + 1))

struct map_entry {
	struct mailbox mailbox;
	struct or_address address;
	uint64_t hash; /* of the address */
	unsigned line;
};

/* map_error_fn - take an error of a map: its line, and what is wrong there */
typedef void map_error_fn(void *context, unsigned line, const char *text);

struct map {
	struct arena arena;
	struct map_entry *entries;     /* in the order of the file */
	struct map_entry **by_address; /* by hash, then address */
	struct map_entry **by_mailbox; /* by mailbox, then line */
	size_t count;
	/* map_check: where errors go, which then end nothing; or NULL */
	map_error_fn *error;
	void *error_context;
	size_t errors;
};

/* map_init - begin an empty map */
void map_init(struct map *map);
void map_fini(struct map *map);

/* map_read_fd - read a map from a file that is open, from its beginning; path
 * stands in errors.  ERR_IO, ERR_SYNTAX, ERR_VALUE, ERR_EXISTS, ERR_LIMIT,
 * ERR_NOMEM; "FILE:LINE: …" */
int map_read_fd(
    struct map *map, int fd, const char *path, struct diag *diag) WARN_UNUSED;

/* map_parse - read a map from memory; name stands for the file */
int map_parse(struct map *map, struct slice text, const char *name,
    struct diag *diag) WARN_UNUSED;

/* map_check - give every error of a map in a file to fn, up to MAP_ERRORS_MAX;
 * how many.  line 0: the file as a whole */
size_t map_check(const char *path, map_error_fn *fn, void *context);

/* map_mailbox - find the mailbox of an address, or NULL */
const struct mailbox *
map_mailbox(const struct map *map, const struct or_address *address);

/* map_address - find the address of a mailbox, or NULL */
const struct or_address *
map_address(const struct map *map, const struct mailbox *mailbox);

/* mailbox_parse - parse "NET/PO/BOX".  ERR_SYNTAX, ERR_LIMIT; diag says why */
int mailbox_parse(
    struct slice text, struct mailbox *mailbox, struct diag *diag) WARN_UNUSED;

/* mailbox_set - set a mailbox from its parts, which are checked as
 * mailbox_parse does */
int mailbox_set(struct mailbox *mailbox, const char *network,
    const char *postoffice, struct slice name, struct diag *diag) WARN_UNUSED;

/* mailbox_format - format as "NET/PO/BOX" */
const char *
mailbox_format(const struct mailbox *mailbox, char text[MAILBOX_TEXT]);

/* mailbox_compare - compare without case: a total order */
int mailbox_compare(const struct mailbox *a, const struct mailbox *b);

#endif
