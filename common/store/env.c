/* SPDX-License-Identifier: ISC */
/*
 * env.c - the queue's directory: its lock, LMDB's environment
 *
 * We have an exclusive lock of the open file description (flock) on the
 * directory itself, so that no file whose removal would let a second qmgr in
 * stands for it.  The directory holds "lock", which names our pid and is locked
 * too for programs that know no other lock, LMDB's data.mdb and lock.mdb, and
 * the journal (redo.h).
 * LMDB's own locks would let several processes in.
 *
 * No flag of LMDB's that trades durability is set: what is committed has been
 * synced.  MDB_NOTLS lets the one read transaction be renewed whatever the
 * thread.  Read-only, our lock alone is enough (MDB_NOLOCK), so that a copy of
 * a queue on a medium that cannot be written can be read.
 *
 * Why no value exceeds a page: LMDB keeps free pages as lists, one a
 * transaction that freed them, and a value of several pages makes it join and
 * search all of them for a run; after one large backlog that costs
 * milliseconds a value.  With a value of STORE_SLICE octets, one page of
 * 4,096, any free page does.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/holder.h"
#include "base/log.h"
#include "store/db.h"

#define LOCK_FILE "lock"
#define DATA_FILE "data.mdb"
#define READERS	  4

/* system_error - note which system call failed, and translate errno */
static int
system_error(struct diag *diag, const char *directory, const char *what)
{
	int saved = errno, code = ERR_IO;

	if (saved == ENOENT)
		code = ERR_NOTFOUND;
	else if (saved == EACCES || saved == EPERM)
		code = ERR_DENIED;
	else if (saved == ENOSPC || saved == EDQUOT)
		code = ERR_FULL;
	diag_set(
	    diag, code, "queue %s: %s: %s", directory, what, strerror(saved));
	errno = saved;
	return code;
}

/* say_busy - say who has the lock, as the lock file knows */
static int
say_busy(const struct db *db, const char *directory, struct diag *diag)
{
	char text[24] = "";
	int fd =
	    openat(db->directory, LOCK_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = fd < 0 ? 0 : pread(fd, text, sizeof(text) - 1, 0);
	long pid;

	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	pid = strtol(text, NULL, 10);
	/* Anything can stand in the file: text of a person, or of an attacker
	 * with that right. */
	/* The file may have been removed: the kernel knows, too. */
	if (holder_of(db->directory) > 0)
		pid = holder_of(db->directory);
	if (pid <= 0)
		return diag_set(diag, ERR_BUSY, "queue %s: in use", directory);
	return diag_set(
	    diag, ERR_BUSY, "queue %s: in use by process %ld", directory, pid);
}

/* take_lock - lock a descriptor, or say who has it */
static int
take_lock(struct db *db, int fd, const char *directory, struct diag *diag)
{
	int rc;

	/* A non-blocking lock: waiting would make a second qmgr hang without a
	 * word. */
	while ((rc = flock(fd, LOCK_EX | LOCK_NB)) != 0 && errno == EINTR)
		;
	if (rc == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return say_busy(db, directory, diag);
	return system_error(diag, directory, "lock");
}

/* open_lock_file - open the file that names the pid, or return -1 */
static int
open_lock_file(const struct db *db)
{
	int fd;

	/* A reader as another user leaves no file that qmgr could not open. */
	fd = openat(db->directory, LOCK_FILE,
	    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
		(db->read_only ? 0 : O_CREAT),
	    0600);
	if (fd < 0 && db->read_only)
		fd = openat(db->directory, LOCK_FILE,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd;
}

/* db_lock - take the lock on the queue */
int
db_lock(struct db *db, const char *directory, struct diag *diag)
{
	int fd, rc = take_lock(db, db->directory, directory, diag);

	if (rc != 0)
		return rc;
	fd = open_lock_file(db);
	/* A copy without a lock file is shared with nobody. */
	if (fd < 0 && db->read_only && errno == ENOENT)
		return 0;
	if (fd < 0)
		return system_error(diag, directory, LOCK_FILE);
	/* Programs older than the lock on the directory look at this one. */
	rc = take_lock(db, fd, directory, diag);
	if (rc != 0) {
		close(fd);
		return rc;
	}
	/* for a person's eyes alone, so that a failure is no reason to stop */
	if (ftruncate(fd, 0) == 0 && dprintf(fd, "%ld\n", (long)getpid()) < 0)
		errno = 0;
	db->lock = fd;
	return 0;
}

/* open_directory - make it if need be, and open it */
static int
open_directory(struct db *db, const char *directory, struct diag *diag)
{
	/* Made for its user alone, because queued mail is private. */
	if (!db->read_only && mkdir(directory, 0700) != 0 && errno != EEXIST)
		return system_error(diag, directory, "mkdir");
	db->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (db->directory < 0)
		return system_error(diag, directory, "open");
	return 0;
}

/*
 * was_never_made - tell whether a file is what a crash left of the first start
 *
 * Until it is made, which the identity file says, it may hold any part of
 * LMDB's first two pages.  They are flushed before there are others.
 */
static bool
was_never_made(const struct db *db, off_t size, const char *identity)
{
	struct stat st;

	return !db->read_only && identity != NULL &&
	    size <= 2 * (off_t)sysconf(_SC_PAGESIZE) &&
	    lstat(identity, &st) != 0 && errno == ENOENT;
}

/* look - look whether there is a queue; sets fresh */
static int
look(struct db *db, const char *directory, const char *identity,
    struct diag *diag)
{
	struct stat st;
	int rc = fstatat(db->directory, DATA_FILE, &st, AT_SYMLINK_NOFOLLOW);

	if (rc != 0 && errno != ENOENT)
		return system_error(diag, directory, DATA_FILE);
	if (rc == 0 && !S_ISREG(st.st_mode))
		return diag_set(diag, ERR_CORRUPT, "queue %s: %s is not a file",
		    directory, DATA_FILE);
	/* Before the first commit nothing in the file was ever confirmed to
	 * anybody. */
	if (rc == 0 && st.st_size > 0 &&
	    was_never_made(db, st.st_size, identity)) {
		if (unlinkat(db->directory, DATA_FILE, 0) != 0)
			return system_error(diag, directory, DATA_FILE);
		rc = -1;
	}
	db->fresh = rc != 0 || st.st_size == 0;
	if (db->fresh && db->read_only)
		return diag_set(
		    diag, ERR_NOTFOUND, "queue %s: there is none", directory);
	return db->fresh ? identity_lost(directory, identity, diag) : 0;
}

/*
 * assertion - end with a trouble where LMDB finds its pages inconsistent
 *
 * LMDB would abort, and an abort speaks against the message that is at work:
 * the page is damaged, and no message is to blame.
 */
static void
assertion(MDB_env *env, const char *text)
{
	struct db *db = mdb_env_get_userctx(env);

	db_trouble(db, STORE_PAGE_DAMAGED, "%s", text);
	fatal(EX_IOERR, "queue is damaged, run x4check: %s", text);
}

/* check_file_size - check that the file has all pages that are in use: a look
 * at a missing one would kill us */
static int
check_file_size(struct db *db, const char *directory, struct diag *diag)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;

	/* A file that was cut short, by a full disk or a bad copy, would kill
	 * us by SIGBUS at the first look. */
	if (mdb_env_info(db->env, &info) != 0 ||
	    mdb_env_stat(db->env, &stat) != 0 ||
	    fstatat(db->directory, DATA_FILE, &st, 0) != 0)
		return system_error(diag, directory, DATA_FILE);
	db->page = stat.ms_psize;
	if (stat.ms_psize == 0 ||
	    ((uint64_t)st.st_size / stat.ms_psize <= info.me_last_pgno &&
		!tail_is_free(db->directory, DATA_FILE)))
		return diag_set(diag, ERR_CORRUPT,
		    "queue %s: %s is cut short: %lld octets, %zu pages of %u "
		    "expected",
		    directory, DATA_FILE, (long long)st.st_size,
		    info.me_last_pgno + 1, stat.ms_psize);
	return 0;
}

/* open_error - note that LMDB refused to open */
static int
open_error(struct db *db, const char *directory, int code, struct diag *diag)
{
	return diag_set(diag, db_error(db, code, "open"), "queue %s: %s",
	    directory, mdb_strerror(code));
}

/* The ways to open the environment. */
enum access {
	ACCESS_WRITE,
	ACCESS_READ,
	/* A journal is applied in a transaction that is given up. */
	ACCESS_APPLY
};

/* open_environment - open the environment of LMDB, with a map of so many
 * octets */
static int
open_environment(struct db *db, const char *directory, enum access access,
    uint64_t map_size, struct diag *diag)
{
	unsigned flags = MDB_NOTLS;
	int rc;

	if (access != ACCESS_WRITE)
		flags |= MDB_NOLOCK;
	if (access == ACCESS_READ)
		flags |= MDB_RDONLY;
	rc = FAULT_POINT("store.open") ? EIO : mdb_env_create(&db->env);
	if (rc == 0)
		rc = mdb_env_set_userctx(db->env, db);
	if (rc == 0)
		rc = mdb_env_set_assert(db->env, assertion);
	if (rc == 0)
		/* Set before the environment is opened, since LMDB takes all of
		 * these only then. */
		rc = mdb_env_set_maxdbs(db->env, DB_COUNT);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(db->env, READERS);
	/* when reading LMDB takes the size of the map from the file */
	if (rc == 0 && access != ACCESS_READ)
		rc = mdb_env_set_mapsize(db->env, (size_t)map_size);
	if (rc == 0)
		rc = mdb_env_open(db->env, directory, flags, 0600);
	/* What is read must be on disk before anything relies on it: the last
	 * checkpoint of a process that was killed within it, which the journal
	 * would go on from; and the two first pages, see was_never_made.  So
	 * must the name, or the identity file would outlive the database. */
	if (rc == 0 && access == ACCESS_WRITE) {
		db_wait(db, STORE_WAIT_BEGINS);
		rc = mdb_env_sync(db->env, 1);
		if (rc == 0 && db->fresh && fsync(db->directory) != 0)
			rc = errno;
		db_wait(db, STORE_WAIT_ENDS);
	}
	if (rc != 0)
		return open_error(db, directory, rc, diag);
	map_note(db->env);
	return check_file_size(db, directory, diag);
}

/*
 * open_to_apply - open the environment again, so that a journal can be applied
 *
 * LMDB has the file open for writing then, and writes nothing: what a
 * transaction changed is written when it is committed.
 */
static int
open_to_apply(struct db *db, const char *directory,
    const struct store_options *options, struct diag *diag)
{
	struct stat st;
	int rc;

	if (db->read != NULL)
		mdb_txn_abort(db->read);
	db->read = NULL;
	mdb_env_close(db->env);
	db->env = NULL;
	if (fstatat(db->directory, DATA_FILE, &st, 0) != 0)
		return system_error(diag, directory, DATA_FILE);
	rc = open_environment(db, directory, ACCESS_APPLY,
	    (uint64_t)st.st_size + STORE_RESERVE, diag);
	if (rc == 0)
		rc = tables_open(db, directory, options->identity, diag);
	if (rc != ERR_DENIED && rc != ERR_IO)
		return rc;
	diag_clear(diag);
	return diag_set(diag, rc,
	    "queue %s: " DATA_FILE
	    " must be open for writing so that %s can be applied to what is "
	    "read of it, and cannot be: copy both files first",
	    directory, db->redo.name);
}

/* open_journal - open the journal that belongs to the database, and apply it to
 * what is read */
static int
open_journal(struct db *db, const char *directory,
    const struct store_options *options, struct diag *diag)
{
	struct redo *redo = &db->redo;
	bool pending = false;
	int rc = stamp_load(db);

	if (rc != 0)
		return diag_set(diag, rc, "queue %s: %s", directory,
		    diag_text(&db->reason));
	if (options->alone && redo->stamp.known)
		rc = redo_identify(redo);
	if (rc == 0 && redo->stamp.known && redo->stamp.epoch > 0)
		rc = redo_open(redo, db->directory,
		    db->read_only ? REDO_READ : REDO_READ_WRITE, &pending,
		    diag);
	if (rc == 0 && db->read_only && pending)
		return open_to_apply(db, directory, options, diag);
	/* What LMDB committed is all there is, and nothing is written. */
	if (rc == 0 && db->read_only)
		redo_close(redo);
	if (rc != 0)
		diag_prefix(diag, "queue %s", directory);
	return rc;
}

/* apply_journal - begin the transaction in which all is read */
static int
apply_journal(struct db *db, const char *directory, struct diag *diag)
{
	int rc = db_restore(db, UINT64_MAX, diag);

	if (rc != 0)
		diag_prefix(diag, "queue %s", directory);
	return rc;
}

/* db_open - lock the directory and open the environment in it */
int
db_open(struct db *db, const char *directory,
    const struct store_options *options, struct diag *diag)
{
	int rc;

	memset(db, 0, sizeof(*db));
	db->lock = db->directory = -1;
	db->opening = true;
	db->read_only = options->mode == STORE_READ_ONLY;
	if (redo_init(&db->redo) != 0)
		return diag_set(diag, ERR_NOMEM, "queue: out of memory");
	db->wait = options->wait;
	db->wait_arg = options->wait_arg;
	/* Bounded, as LMDB would take any size and fail later. */
	if (!db->read_only &&
	    (options->queue_size < STORE_SIZE_MIN ||
		options->queue_size > STORE_SIZE_LIMIT))
		return diag_set(diag, ERR_VALUE,
		    "queue %s: queue-size %llu is out of range", directory,
		    (unsigned long long)options->queue_size);
	rc = open_directory(db, directory, diag);
	if (rc == 0)
		rc = db_lock(db, directory, diag);
	if (rc == 0)
		rc = look(db, directory, options->identity, diag);
	/* The map may be larger than the queue: outcomes are written from the
	 * reserve when intake has filled the rest. */
	if (rc == 0)
		rc = open_environment(db, directory,
		    db->read_only ? ACCESS_READ : ACCESS_WRITE,
		    options->queue_size + STORE_RESERVE, diag);
	if (rc == 0)
		rc = tables_open(db, directory, options->identity, diag);
	if (rc == 0)
		rc = open_journal(db, directory, options, diag);
	if (rc == 0 && (!db->read_only || db->redo.fd >= 0))
		rc = apply_journal(db, directory, diag);
	/* Set last: what is found wrong while opening is returned, not reported
	 * as well. */
	if (rc == 0) {
		db->trouble = options->trouble;
		db->trouble_arg = options->trouble_arg;
	}
	return rc;
}

/* db_close - abort what is open, give back all, the lock last */
void
db_close(struct db *db)
{
	if (db->write != NULL)
		mdb_txn_abort(db->write);
	if (db->read != NULL)
		mdb_txn_abort(db->read);
	if (db->snapshot != NULL)
		mdb_txn_abort(db->snapshot);
	if (db->env != NULL)
		mdb_env_close(db->env);
	redo_fini(&db->redo);
	if (db->directory >= 0)
		close(db->directory);
	if (db->lock >= 0)
		close(db->lock);
	memset(db, 0, sizeof(*db));
	db->lock = db->directory = db->redo.fd = -1;
}

/* db_copy - copy a database without the pages that hold nothing */
int
db_copy(const char *directory, const char *to, struct diag *diag)
{
	MDB_env *env = NULL;
	int rc = mdb_env_create(&env);

	if (rc == 0)
		rc =
		    mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK, 0600);
	if (rc == 0)
		/* Compacting leaves out free pages, so a copy of a queue that
		 * was once full is small again. */
		rc = mdb_env_copy2(env, to, MDB_CP_COMPACT);
	if (env != NULL)
		mdb_env_close(env);
	return rc == 0 ? 0
		       : diag_set(diag, rc == ENOSPC ? ERR_FULL : ERR_IO,
			     "queue %s: %s", directory, mdb_strerror(rc));
}
