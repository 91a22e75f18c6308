/* SPDX-License-Identifier: ISC */
/*
 * intake.c - files of postoffices that are taken and not yet removed
 *
 * See intake.h.  On disk under increasing numbers, in memory by file.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

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

/* intake_find - find the note of a file, or NULL */
struct intake *
intake_find(const struct store *store, const struct store_file *file)
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

/* intake_find_next - find the first note that is not before a file, or NULL */
const struct intake *
intake_find_next(struct store *store, const struct store_file *file)
{
	struct intake find;

	find.file = *file;
	return RB_NFIND(intake_files, &store->intakes.files, &find);
}

/* intake_behind - find the note behind another, or NULL */
const struct intake *
intake_behind(const struct intake *in)
{
	return intake_files_RB_NEXT((struct intake *)(uintptr_t)in);
}

/* intake_hash - hash an MTS identifier; 0: there is none */
uint64_t
intake_hash(struct slice mts_id)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

	/* Identifiers are made by us, so that nobody chooses what collides. */
	for (size_t i = 0; i < mts_id.len; i++)
		hash = (hash ^ mts_id.data[i]) * 1099511628211ULL;
	return mts_id.len == 0 ? 0 : hash;
}

/* intake_new - allocate a note in no tree, or return NULL; keyed NULL: of a
 * file */
static struct intake *
intake_new(uint64_t number, const struct store_file *file, uint64_t message,
    const struct store_keyed *keyed)
{
	struct intake *in = calloc(1, sizeof(*in) + file->name.len);

	if (in == NULL)
		return NULL;
	in->number = number;
	in->message = message;
	in->file = *file;
	memcpy(in->name, file->name.data, file->name.len);
	in->file.name = slice_of(in->name, file->name.len);
	if (keyed != NULL) {
		in->time = keyed->time;
		in->by_mts_id.hash = intake_hash(keyed->mts_id);
	}
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
	if (in->time != 0) {
		keyed_list_enter(store, in);
		return;
	}
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
	if (in->time != 0) {
		keyed_list_leave(store, in);
		return;
	}
	store->intakes.count--;
	if ((count = count_of(store, in->file.postoffice)) != NULL)
		--*count;
}

/* intake_encode - encode the record of a note */
static int
intake_encode(const struct store_file *file, uint64_t message,
    const struct store_keyed *keyed, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, 0, file->postoffice);
	ber_put(&w, BER_CTX(1), file->name);
	ber_put_integer(&w, BER_CTX(2), (int64_t)file->inode);
	ber_put_integer(&w, BER_CTX(3), file->ctime);
	record_put_number(&w, 4, file->size);
	record_put_number(&w, 5, message);
	if (keyed != NULL) {
		record_put_number(&w, 6, (uint64_t)keyed->time);
		ber_put(&w, BER_CTX(7), keyed->digest);
		ber_put(&w, BER_CTX(8), keyed->mts_id);
		ber_put(&w, BER_CTX(9), keyed->answer);
		if (keyed->recipients.len > 0)
			ber_put(&w, BER_CTX(10), keyed->recipients);
	}
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

/* decode_file - decode the elements that every note has */
static int
decode_file(struct slice value, struct store_file *file, uint64_t *message,
    struct ber_reader *in, struct diag *diag)
{
	struct store_file f;
	uint64_t postoffice, id;
	int64_t inode;
	int rc = record_open(value, "intake note", in, diag);

	if (rc == 0)
		rc =
		    record_number(in, 0, "postoffice", UINT32_MAX, &postoffice);
	if (rc == 0)
		rc = record_octets(
		    in, 1, "name", 1, STORE_FILE_NAME_MAX, &f.name);
	if (rc == 0)
		rc = get_signed(in, 2, "inode", &inode);
	if (rc == 0)
		rc = get_signed(in, 3, "ctime", &f.ctime);
	if (rc == 0)
		rc = record_number(in, 4, "size", RECORD_NUMBER_MAX, &f.size);
	if (rc == 0)
		rc = record_number(in, 5, "message", RECORD_NUMBER_MAX, &id);
	if (rc != 0)
		return record_error(rc);
	f.postoffice = (uint32_t)postoffice;
	f.inode = (uint64_t)inode;
	*file = f;
	*message = id;
	return 0;
}

/* intake_decode - decode the record of a note; its name borrows from value */
int
intake_decode(struct slice value, struct store_file *file, uint64_t *message,
    struct diag *diag)
{
	struct ber_reader in;

	return decode_file(value, file, message, &in, diag);
}

/* intake_decode_keyed - decode what only a note of an application has; slices
 * borrow from value */
int
intake_decode_keyed(
    struct slice value, struct store_keyed *keyed, struct diag *diag)
{
	struct store_file file;
	struct ber_reader in;
	uint64_t message, time;
	int rc = decode_file(value, &file, &message, &in, diag);

	if (rc == 0)
		rc = record_optional_number(
		    &in, 6, "time", RECORD_NUMBER_MAX, &time);
	if (rc == 0)
		rc = record_optional_octets(
		    &in, 7, "digest", STORE_KEYED_DIGEST, &keyed->digest);
	if (rc == 0)
		rc = record_optional_octets(
		    &in, 8, "mts-id", STORE_MTS_ID_MAX, &keyed->mts_id);
	if (rc == 0)
		rc = record_optional_octets(
		    &in, 9, "answer", STORE_KEYED_ANSWER, &keyed->answer);
	if (rc == 0)
		rc = record_optional_octets(&in, 10, "recipients",
		    STORE_KEYED_LIST, &keyed->recipients);
	if (rc != 0)
		return record_error(rc);
	keyed->time = (int64_t)time;
	return 0;
}

/* intake_load - load the record of a note */
static int
intake_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_keyed keyed = {0};
	struct store_file file;
	struct intake *in;
	uint64_t message;
	int rc;

	if (key.len != 8)
		return diag_set(diag, ERR_CORRUPT, "intake note: bad key");
	rc = intake_decode(value, &file, &message, diag);
	if (rc == 0)
		rc = intake_decode_keyed(value, &keyed, diag);
	/* The tree has a file once; a second note would be freed twice. */
	if (rc == 0 && intake_find(store, &file) != NULL)
		rc = diag_set(diag, ERR_CORRUPT, "intake note: is there twice");
	if (rc != 0)
		return rc;
	in = intake_new(key_number(key, 0, 8), &file, message, &keyed);
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
	table_fini(&store->intakes.mts_ids);
}

/* undo_intake_note - undo a note */
static void
undo_intake_note(struct store *store, void *object, uint64_t number)
{
	(void)number;
	intake_delist(store, object);
	free(object);
}

/* intake_add - write a note, and keep it in memory */
int
intake_add(struct store *store, const struct store_file *file, uint64_t message,
    const struct store_keyed *keyed)
{
	struct db_key key = key_id(store->numbers.next[NEXT_NOTE]);
	struct intake *in;
	int rc;

	if (file->name.len == 0 || file->name.len > STORE_FILE_NAME_MAX ||
	    file->size > INT64_MAX || message > INT64_MAX)
		return store_error(store, ERR_LIMIT, "intake note: its name");
	/* The very file was taken by an earlier transaction: the same mail
	 * again would be a duplicate. */
	if (intake_find(store, file) != NULL)
		return ERR_EXISTS;
	in = intake_new(store->numbers.next[NEXT_NOTE], file, message, keyed);
	if (in == NULL || undo_reserve(&store->undo, 1) != 0) {
		free(in);
		return db_fail(&store->db, ERR_NOMEM);
	}
	buffer_reset(&store->record);
	rc = intake_encode(file, message, keyed, &store->record);
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

/* store_intake_note - note that this transaction takes a file as a message */
int
store_intake_note(
    struct store *store, const struct store_file *file, uint64_t message)
{
	unsigned *count;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* Each postoffice has a share, so that one that loses its files does
	 * not keep the others from delivering. */
	count = count_of(store, file->postoffice);
	if (store->intakes.count >= STORE_INTAKES_MAX ||
	    (count != NULL && *count >= STORE_INTAKES_MAX / STORE_SOURCE_SHARE))
		return store_error(store, ERR_LIMIT, "intake notes: too many");
	return intake_add(store, file, message, NULL);
}

/* store_intake_find - find the message that this very file became */
int
store_intake_find(
    const struct store *store, const struct store_file *file, uint64_t *message)
{
	const struct intake *in = intake_find(store, file);

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

/* intake_remove - delete a note */
int
intake_remove(struct store *store, struct intake *in)
{
	struct db_key key = key_id(in->number);
	int rc;

	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
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

/* store_intake_forget - forget a file that is gone */
int
store_intake_forget(struct store *store, const struct store_file *file)
{
	struct intake *in = intake_find(store, file);
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* The message may have left long before the file does: the note alone
	 * keeps the file from being taken again. */
	return in == NULL ? ERR_NOTFOUND : intake_remove(store, in);
}
