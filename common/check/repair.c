/* SPDX-License-Identifier: ISC */
/*
 * repair.c - make a new database of a damaged one, and put it in its place
 *
 * See repair.h.  The new one is made in the directory "rebuild" within the
 * queue's, is checked there, and takes the old one's name by a rename: at any
 * moment there is one or the other.  What a crash leaves in "rebuild" is
 * removed by the next run.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check/repair_state.h"

#define REBUILD	   "rebuild"
#define DATA_FILE  "data.mdb"
#define PATH_MAX_  4096
#define RECORD_MAX (4 * STORE_SLICE)

/* is_derived - test whether all of a database is derived */
static bool
is_derived(const char *database)
{
	static const enum db_name derived[] = {
	    DB_READY, DB_DEFERRED, DB_HELD, DB_EXPIRING, DB_COUNTS};
	unsigned i;

	for (i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
		if (strcmp(database, db_name(derived[i])) == 0)
			return true;
	return strcmp(database, PAGES_FREE) == 0;
}

/* tell_page - tell a damaged page of the old database */
static void
tell_page(void *arg, const char *database, uint64_t page)
{
	struct repair *repair = arg;
	char object[64];

	/* Indexes and counts are made again from the messages. */
	repair->result.lost = repair->result.lost || !is_derived(database);
	snprintf(object, sizeof(object), "page %llu", (unsigned long long)page);
	repair_tell(repair, object, "of %s cannot be read", database);
}

/* tell_trouble - tell what the new store derives as a finding */
static void
tell_trouble(void *arg, enum store_trouble kind, const char *text)
{
	(void)kind;
	repair_tell(arg, "queue", "%s", text);
}

/* build - make the new database in a directory */
static int
build(struct repair *repair, const char *rebuild, uint64_t octets)
{
	struct store_options options = {
	    .queue_size = octets + 2 * STORE_RESERVE,
	    .mode = STORE_READ_WRITE,
	    .trouble = tell_trouble,
	    .trouble_arg = repair};
	struct diag diag = {.code = 0};
	int rc = db_open(&repair->store.db, rebuild, &options, &diag);

	if (rc != 0)
		return store_error(&repair->store, rc, "%s", diag_text(&diag));
	rc = db_begin(&repair->store.db);
	if (rc == 0)
		rc = repair_copy(repair);
	if (rc == 0)
		rc = repair_settle(repair);
	if (rc == 0)
		rc = db_commit(&repair->store.db);
	return rc;
}

/* prove - check that the new database is clean */
static int
prove(struct repair *repair, const char *rebuild)
{
	struct store_check_result result;
	struct diag diag = {.code = 0};
	int rc = store_check(rebuild, repair->row, repair->arg, &result, &diag);

	if (rc != 0)
		return store_error(&repair->store, rc, "%s", diag_text(&diag));
	if (result.verdict != STORE_CLEAN)
		return store_error(&repair->store, ERR_CORRUPT,
		    "what was made of the queue is not clean; nothing was "
		    "changed");
	return 0;
}

/* rebuild_remove - remove what was made, or left by another run */
static void
rebuild_remove(int directory)
{
	static const char *const names[] = {DATA_FILE, "lock.mdb", "lock"};
	unsigned i;
	int fd = openat(directory, REBUILD,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(fd, names[i], 0);
	(void)close(fd);
	(void)unlinkat(directory, REBUILD, AT_REMOVEDIR);
}

/* own - give a file of the queue to the owner of its directory */
static void
own(int directory, int fd)
{
	struct stat st;

	/* Root repairs, and qmgr runs as another user. */
	if (geteuid() == 0 && fstat(directory, &st) == 0)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

/* keep_old - keep the old database with what was moved out */
static int
keep_old(struct repair *repair, int directory)
{
	int rc = repair_open_out(repair);

	if (rc != 0)
		return rc;
	own(directory, repair->out);
	if (linkat(directory, DATA_FILE, repair->out, DATA_FILE, 0) == 0)
		return 0;
	/* On another file system it stays beside the new one. */
	if (errno == EXDEV &&
	    linkat(directory, DATA_FILE, directory, DATA_FILE ".damaged", 0) ==
		0)
		return 0;
	return repair_system_error(repair, DATA_FILE);
}

/* replace - put the new database in the place of the old one */
static int
replace(struct repair *repair, int directory)
{
	int fd = openat(directory, REBUILD "/" DATA_FILE, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return repair_system_error(repair, REBUILD);
	own(directory, fd);
	/* The octets before the name: after a power failure the name must not
	 * lead to an empty file. */
	if (fsync(fd) != 0)
		rc = repair_system_error(repair, REBUILD);
	(void)close(fd);
	/* Where nothing was lost the old file has nothing that the new one has
	 * not. */
	if (rc == 0 && repair->result.lost)
		rc = keep_old(repair, directory);
	if (rc == 0 &&
	    renameat(directory, REBUILD "/" DATA_FILE, directory, DATA_FILE) !=
		0)
		rc = repair_system_error(repair, DATA_FILE);
	if (rc != 0)
		return rc;
	/* LMDB makes its table of readers again. */
	(void)unlinkat(directory, "lock.mdb", 0);
	return fsync(directory) != 0 ? repair_system_error(repair, DATA_FILE)
				     : 0;
}

/* old_open - lock the queue and open the old database's file */
static int
old_open(struct db *lock, const char *directory, int *fd, struct diag *diag)
{
	int rc;

	*lock = (struct db){.lock = -1, .directory = -1, .read_only = true};
	lock->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock->directory < 0)
		return diag_set(diag, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    "queue %s: %s", directory, strerror(errno));
	rc = db_lock(lock, directory, diag);
	if (rc != 0)
		return rc;
	rebuild_remove(lock->directory);
	*fd = openat(
	    lock->directory, DATA_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return diag_set(diag, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    "queue %s: %s: %s", directory, DATA_FILE, strerror(errno));
	return 0;
}

/* repair_new - allocate a run */
static struct repair *
repair_new(store_check_row row, void *arg, const char *out)
{
	struct repair *repair = calloc(1, sizeof(*repair));

	if (repair == NULL)
		return NULL;
	repair->row = row;
	repair->arg = arg;
	repair->out = repair->reasons = -1;
	repair->out_path = out;
	repair->store.db.lock = repair->store.db.directory = -1;
	counts_init(&repair->store);
	sources_init(&repair->store);
	RB_INIT(&repair->store.sessions.ids);
	RB_INIT(&repair->store.sessions.names);
	RB_INIT(&repair->store.sessions.links);
	buffer_init(&repair->store.record, RECORD_MAX);
	return repair;
}

/* repair_free - give back what a run took */
static void
repair_free(struct repair *repair)
{
	tally_fini(&repair->store.counts.table);
	tally_fini(&repair->store.sources);
	sessions_fini(&repair->store);
	links_fini(&repair->store);
	buffer_fini(&repair->store.record);
	pages_close(&repair->pages);
	free(repair->content);
	free(repair->outside.id);
	if (repair->reasons >= 0)
		(void)close(repair->reasons);
	if (repair->out >= 0)
		(void)close(repair->out);
	free(repair);
}

/* run_repair - make, check and install the new database, with the old file
 * open */
static int
run_repair(struct repair *repair, const char *directory, int directory_fd,
    int fd, struct diag *diag)
{
	char rebuild[PATH_MAX_];
	struct stat st;
	int rc = pages_open(&repair->pages, fd, tell_page, repair, diag);

	if (rc != 0 || fstat(fd, &st) != 0)
		return rc != 0 ? rc : ERR_IO;
	snprintf(rebuild, sizeof(rebuild), "%s/" REBUILD, directory);
	rc = build(repair, rebuild, (uint64_t)st.st_size);
	db_close(&repair->store.db);
	if (rc == 0)
		rc = prove(repair, rebuild);
	if (rc == 0)
		rc = replace(repair, directory_fd);
	if (rc != 0)
		diag_set(diag, rc, "queue %s: %s", directory,
		    store_reason(&repair->store));
	return rc;
}

/* store_repair - make the queue in a directory whole */
int
store_repair(const char *directory, const char *out, store_check_row row,
    void *arg, struct store_repair_result *result, struct diag *diag)
{
	struct repair *repair = repair_new(row, arg, out);
	struct db lock;
	int fd = -1, rc;

	if (repair == NULL)
		return diag_set(diag, ERR_NOMEM, "repair: out of memory");
	rc = old_open(&lock, directory, &fd, diag);
	if (rc == 0)
		rc = run_repair(repair, directory, lock.directory, fd, diag);
	if (rc == 0)
		*result = repair->result;
	if (fd >= 0)
		(void)close(fd);
	/* A queue in use may be so by a repair, whose directory this is. */
	if (lock.directory >= 0 && rc != ERR_BUSY)
		rebuild_remove(lock.directory);
	repair_free(repair);
	db_close(&lock);
	return rc;
}

/* copy_compact - copy the old database without the pages that hold nothing */
static int
copy_compact(const char *directory, const char *rebuild, struct diag *diag)
{
	if (mkdir(rebuild, 0700) != 0)
		return diag_set(
		    diag, ERR_IO, "%s: %s", rebuild, strerror(errno));
	return db_copy(directory, rebuild, diag);
}

/* store_compact - give pages that hold nothing back to the file system */
int
store_compact(const char *directory, struct diag *diag)
{
	struct repair *repair = repair_new(NULL, NULL, NULL);
	char rebuild[PATH_MAX_];
	struct db lock;
	int fd = -1, rc;

	if (repair == NULL)
		return diag_set(diag, ERR_NOMEM, "compact: out of memory");
	snprintf(rebuild, sizeof(rebuild), "%s/" REBUILD, directory);
	rc = old_open(&lock, directory, &fd, diag);
	if (rc == 0)
		rc = copy_compact(directory, rebuild, diag);
	if (rc == 0) {
		rc = prove(repair, rebuild);
		if (rc == 0)
			rc = replace(repair, lock.directory);
		if (rc != 0)
			diag_set(diag, rc, "queue %s: %s", directory,
			    store_reason(&repair->store));
	}
	if (fd >= 0)
		(void)close(fd);
	if (lock.directory >= 0 && rc != ERR_BUSY)
		rebuild_remove(lock.directory);
	repair_free(repair);
	db_close(&lock);
	return rc;
}

/* is_empty - check that there is no queue: 0, or why there is one */
static int
is_empty(const char *directory, struct diag *diag)
{
	const struct store_options options = {.mode = STORE_READ_ONLY};
	struct store *store;
	int rc = store_open(directory, &options, &store, diag);

	if (rc == ERR_NOTFOUND) {
		diag_clear(diag);
		return 0;
	}
	if (rc != 0)
		return rc;
	store_close(store);
	return diag_set(diag, ERR_EXISTS, "queue %s: there is one", directory);
}

/* give_all - give the files of a new queue to the owner of the directory
 * above */
static void
give_all(const char *directory, const char *identity)
{
	static const char *const names[] = {".", DATA_FILE, "lock.mdb", "lock"};
	char path[PATH_MAX_];
	struct stat st;
	unsigned i;

	snprintf(path, sizeof(path), "%s/..", directory);
	if (geteuid() != 0 || stat(path, &st) != 0)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)!lchown(path, st.st_uid, st.st_gid);
	}
	if (identity != NULL)
		(void)!lchown(identity, st.st_uid, st.st_gid);
}

/* store_create - make an empty queue where there is no database */
int
store_create(const char *directory, const char *identity, struct diag *diag)
{
	const struct store_options options = {
	    .queue_size = STORE_SIZE_MIN, .mode = STORE_READ_WRITE};
	struct store *store;
	int rc = is_empty(directory, diag);

	if (rc != 0)
		return rc;
	rc = store_open(directory, &options, &store, diag);
	if (rc != 0)
		return rc;
	rc = identity_make(identity, diag);
	store_close(store);
	give_all(directory, identity);
	return rc;
}
