/* SPDX-License-Identifier: ISC */
/*
 * env.c - the queue's directory: its lock, LMDB's environment
 *
 * We have an exclusive lock of the open file description (flock) on the
 * directory itself, so that no file whose removal would let a second qmgr in
 * stands for it.  The directory holds "lock", which names our pid and is locked
 * too for programs that know no other lock, and LMDB's data.mdb and lock.mdb.
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

/* open_environment - open the environment of LMDB */
static int
open_environment(struct db *db, const char *directory, uint64_t queue_size,
    struct diag *diag)
{
	unsigned flags = MDB_NOTLS;
	int rc;

	if (db->read_only)
		flags |= MDB_RDONLY | MDB_NOLOCK;
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
	if (rc == 0 && !db->read_only)
		/* The map may be larger than the queue: outcomes are written
		 * from the reserve when intake has filled the rest. */
		rc = mdb_env_set_mapsize(
		    db->env, (size_t)(queue_size + STORE_RESERVE));
	if (rc == 0)
		rc = mdb_env_open(db->env, directory, flags, 0600);
	/* The two first pages must be on disk before anything relies on them,
	 * see was_never_made. */
	if (rc == 0 && db->fresh) {
		db_wait(db, STORE_WAIT_BEGINS);
		rc = mdb_env_sync(db->env, 1);
		db_wait(db, STORE_WAIT_ENDS);
	}
	if (rc != 0)
		return open_error(db, directory, rc, diag);
	map_note(db->env);
	return check_file_size(db, directory, diag);
}

/* db_open - lock the directory and open the environment in it */
int
db_open(struct db *db, const char *directory,
    const struct store_options *options, struct diag *diag)
{
	int rc;

	memset(db, 0, sizeof(*db));
	db->lock = db->directory = -1;
	db->read_only = options->mode == STORE_READ_ONLY;
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
	if (rc == 0)
		rc = open_environment(db, directory, options->queue_size, diag);
	if (rc == 0)
		rc = tables_open(db, directory, options->identity, diag);
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
	db_abort(db);
	if (db->read != NULL)
		mdb_txn_abort(db->read);
	if (db->snapshot != NULL)
		mdb_txn_abort(db->snapshot);
	if (db->env != NULL)
		mdb_env_close(db->env);
	if (db->directory >= 0)
		close(db->directory);
	if (db->lock >= 0)
		close(db->lock);
	memset(db, 0, sizeof(*db));
	db->lock = db->directory = -1;
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
