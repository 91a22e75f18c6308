/* SPDX-License-Identifier: ISC */
/*
 * intake.c - files of postoffices that are taken and not yet removed
 *
 * See intake.h.  On disk under increasing numbers, in memory by file.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

struct intake {
	RB_ENTRY(intake) file_tree;
	uint64_t number;
	uint64_t message;
	struct store_file file; /* its name borrows from name */
	uint8_t name[];
};

/* compare_files - compare two files in any total order that has postoffices
 * apart */
static int
compare_files(const struct intake *x, const struct intake *y)
{
	/* Any total order will do; fields are compared in the order in which
	 * they differ soonest. */
	const struct store_file *a = &x->file, *b = &y->file;

	if (a->postoffice != b->postoffice)
		return a->postoffice < b->postoffice ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->ctime != b->ctime)
		return a->ctime < b->ctime ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->name.len != b->name.len)
		return a->name.len < b->name.len ? -1 : 1;
	return memcmp(a->name.data, b->name.data, a->name.len);
}

TREE_GENERATE(intake_files, intake, file_tree, compare_files);

/* find_note - find the note of a file, or NULL */
static struct intake *
find_note(const struct store *store, const struct store_file *file)
{
	/* sys/tree.h takes no const tree: look up through a copied head. */
	struct intake_files files = store->intakes.files;
	struct intake find;

	/* Without a name it is not a file of a postoffice. */
	if (file->name.len == 0)
		return NULL;
	find.file = *file;
	return RB_FIND(intake_files, &files, &find);
}

/* intake_new - allocate a note in no tree, or return NULL */
static struct intake *
intake_new(uint64_t number, const struct store_file *file, uint64_t message)
{
	struct intake *in = calloc(1, sizeof(*in) + file->name.len);

	if (in == NULL)
		return NULL;
	in->number = number;
	in->message = message;
	in->file = *file;
	memcpy(in->name, file->name.data, file->name.len);
	in->file.name = slice_of(in->name, file->name.len);
	return in;
}

/* count_of - find the count of a postoffice's notes, NULL if it is no link */
static unsigned *
count_of(struct store *store, uint32_t postoffice)
{
	/* A note of a postoffice that is no longer configured still counts for
	 * the total. */
	return postoffice > store->links.count
	    ? NULL
	    : &store->links.entry[postoffice].intakes;
}

/* intake_enlist - put a note in memory where it is found */
static void
intake_enlist(struct store *store, struct intake *in)
{
	unsigned *count;

	RB_INSERT(intake_files, &store->intakes.files, in);
	store->intakes.count++;
	if ((count = count_of(store, in->file.postoffice)) != NULL)
		++*count;
}

/* intake_delist - take a note in memory away */
static void
intake_delist(struct store *store, struct intake *in)
{
	unsigned *count;

	RB_REMOVE(intake_files, &store->intakes.files, in);
	store->intakes.count--;
	if ((count = count_of(store, in->file.postoffice)) != NULL)
		--*count;
}

/* intake_encode - encode the record of a note */
static int
intake_encode(
    const struct store_file *file, uint64_t message, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, 0, file->postoffice);
	ber_put(&w, BER_CTX(1), file->name);
	ber_put_integer(&w, BER_CTX(2), (int64_t)file->inode);
	ber_put_integer(&w, BER_CTX(3), file->ctime);
	record_put_number(&w, 4, file->size);
	record_put_number(&w, 5, message);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* get_signed - decode the next element, any 64 bits */
static int
get_signed(
    struct ber_reader *in, unsigned tag, const char *name, int64_t *value)
{
	struct ber_element el;
	int rc = ber_expect(in, BER_CTX(tag), name, &el);

	if (rc == 0)
		rc =
		    ber_get_integer(in, &el, name, INT64_MIN, INT64_MAX, value);
	return rc;
}

/* intake_decode - decode the record of a note; its name borrows from value */
int
intake_decode(struct slice value, struct store_file *file, uint64_t *message,
    struct diag *diag)
{
	struct store_file f;
	struct ber_reader in;
	uint64_t postoffice, id;
	int64_t inode;
	int rc = record_open(value, "intake note", &in, diag);

	if (rc == 0)
		rc = record_number(
		    &in, 0, "postoffice", UINT32_MAX, &postoffice);
	if (rc == 0)
		rc = record_octets(
		    &in, 1, "name", 1, STORE_FILE_NAME_MAX, &f.name);
	if (rc == 0)
		rc = get_signed(&in, 2, "inode", &inode);
	if (rc == 0)
		rc = get_signed(&in, 3, "ctime", &f.ctime);
	if (rc == 0)
		rc = record_number(&in, 4, "size", RECORD_NUMBER_MAX, &f.size);
	if (rc == 0)
		rc = record_number(&in, 5, "message", RECORD_NUMBER_MAX, &id);
	if (rc != 0)
		return record_error(rc);
	f.postoffice = (uint32_t)postoffice;
	f.inode = (uint64_t)inode;
	*file = f;
	*message = id;
	return 0;
}

/* intake_load - load the record of a note */
static int
intake_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_file file;
	struct intake *in;
	uint64_t message;
	int rc;

	if (key.len != 8)
		return diag_set(diag, ERR_CORRUPT, "intake note: bad key");
	rc = intake_decode(value, &file, &message, diag);
	/* The tree has a file once; a second note would be freed twice. */
	if (rc == 0 && find_note(store, &file) != NULL)
		rc = diag_set(diag, ERR_CORRUPT, "intake note: is there twice");
	if (rc != 0)
		return rc;
	in = intake_new(key_number(key, 0, 8), &file, message);
	if (in == NULL)
		return ERR_NOMEM;
	intake_enlist(store, in);
	return 0;
}

/* intakes_load - load all notes */
int
intakes_load(struct store *store, struct diag *diag)
{
	return store_load_each(store, DB_INTAKE, intake_load, diag);
}

/* intakes_fini - give back the memory */
void
intakes_fini(struct store *store)
{
	struct intake *in;

	while ((in = RB_ROOT(&store->intakes.files)) != NULL) {
		intake_delist(store, in);
		free(in);
	}
}

/* undo_intake_note - undo a note */
static void
undo_intake_note(struct store *store, void *object, uint64_t number)
{
	(void)number;
	intake_delist(store, object);
	free(object);
}

/* store_intake_note - note that this transaction takes a file as a message */
int
store_intake_note(
    struct store *store, const struct store_file *file, uint64_t message)
{
	struct db_key key = key_id(store->numbers.next[NEXT_NOTE]);
	struct intake *in;
	unsigned *count;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (file->name.len == 0 || file->name.len > STORE_FILE_NAME_MAX ||
	    file->size > INT64_MAX || message > INT64_MAX)
		return store_error(store, ERR_LIMIT, "intake note: its name");
	/* Each postoffice has a share, so that one that loses its files does
	 * not keep the others from delivering. */
	count = count_of(store, file->postoffice);
	if (store->intakes.count >= STORE_INTAKES_MAX ||
	    (count != NULL && *count >= STORE_INTAKES_MAX / STORE_SOURCE_SHARE))
		return store_error(store, ERR_LIMIT, "intake notes: too many");
	/* The very file was taken by an earlier transaction: the same mail
	 * again would be a duplicate. */
	if (find_note(store, file) != NULL)
		return ERR_EXISTS;
	in = intake_new(store->numbers.next[NEXT_NOTE], file, message);
	if (in == NULL || undo_reserve(&store->undo, 1) != 0) {
		free(in);
		return db_fail(&store->db, ERR_NOMEM);
	}
	buffer_reset(&store->record);
	rc = intake_encode(file, message, &store->record);
	if (rc == 0)
		rc = db_append(
		    &store->db, DB_INTAKE, &key, buffer_slice(&store->record));
	if (rc != 0) {
		free(in);
		return db_fail(&store->db, rc);
	}
	/* Taken only when the record is written, so that a failure uses up no
	 * number. */
	numbers_take(store, NEXT_NOTE);
	intake_enlist(store, in);
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_intake_note, .object = in});
	return 0;
}

/* store_intake_find - find the message that this very file became */
int
store_intake_find(
    const struct store *store, const struct store_file *file, uint64_t *message)
{
	const struct intake *in = find_note(store, file);

	if (in == NULL)
		return ERR_NOTFOUND;
	if (message != NULL)
		*message = in->message;
	return 0;
}

/* undo_intake_forget - undo forgetting a note */
static void
undo_intake_forget(struct store *store, void *object, uint64_t number)
{
	(void)number;
	intake_enlist(store, object);
}

/* intake_forgotten - free a note whose forgetting was committed */
static void
intake_forgotten(struct store *store, void *object, uint64_t number)
{
	(void)store;
	(void)number;
	free(object);
}

/* store_intake_forget - forget a file that is gone */
int
store_intake_forget(struct store *store, const struct store_file *file)
{
	struct intake *in = find_note(store, file);
	struct db_key key;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (in == NULL)
		return ERR_NOTFOUND;
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	/* The message may have left long before the file does: the note alone
	 * keeps the file from being taken again. */
	key = key_id(in->number);
	rc = db_delete(&store->db, DB_INTAKE, &key);
	if (rc != 0)
		return db_fail(&store->db, rc);
	/* The object is kept until the commit, since undoing has to put it
	 * back. */
	intake_delist(store, in);
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_intake_forget,
		.done = intake_forgotten,
		.object = in});
	return 0;
}
