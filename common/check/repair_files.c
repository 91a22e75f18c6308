/* SPDX-License-Identifier: ISC */
/*
 * repair_files.c - the files of a new queue take the place of the old one's
 *
 * See repair_state.h.  The journal of the new database has a name of its own
 * and comes first; the database takes the old one's name by a rename, and then
 * the old journal goes: at any moment a database has its own journal beside it.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "check/repair_state.h"

#define JOURNAL "journal."

/* A file in a directory, named. */
typedef int (*with_journal)(
    struct repair *repair, int directory, int other, const char *name);

/* each_journal - call a function for each journal in a directory */
static int
each_journal(struct repair *repair, int directory, int other, with_journal what)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return repair_system_error(repair, JOURNAL);
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, JOURNAL, strlen(JOURNAL)) == 0)
			rc = what(repair, directory, other, entry->d_name);
	(void)closedir(dir);
	return rc;
}

/* find_one - note that there is a journal */
static int
find_one(struct repair *repair, int directory, int other, const char *name)
{
	(void)repair;
	(void)directory;
	(void)other;
	(void)name;
	return 1;
}

/* repair_files_has_journal - tell whether there is a journal */
bool
repair_files_has_journal(struct repair *repair, int directory)
{
	return each_journal(repair, directory, -1, find_one) != 0;
}

/* remove_one - remove a journal */
static int
remove_one(struct repair *repair, int directory, int other, const char *name)
{
	(void)repair;
	(void)other;
	(void)unlinkat(directory, name, 0);
	return 0;
}

/* repair_files_remove - remove what was made, or left by another run */
void
repair_files_remove(int directory)
{
	static const char *const names[] = {REPAIR_DATA, "lock.mdb", "lock"};
	int fd = openat(directory, REPAIR_REBUILD,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(fd, names[i], 0);
	(void)each_journal(NULL, fd, -1, remove_one);
	(void)close(fd);
	(void)unlinkat(directory, REPAIR_REBUILD, AT_REMOVEDIR);
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

/* flush_file - have a file of the new queue on the disk, for its owner */
static int
flush_file(struct repair *repair, int directory, int from, const char *name)
{
	int fd = openat(from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc = 0;

	if (fd < 0)
		return repair_system_error(repair, name);
	own(directory, fd);
	/* The octets before the name: after a power failure the name must not
	 * lead to an empty file. */
	if (fsync(fd) != 0)
		rc = repair_system_error(repair, name);
	(void)close(fd);
	return rc;
}

/* take_journal - move the journal of the new queue to its place */
static int
take_journal(struct repair *repair, int from, int directory, const char *name)
{
	int rc = flush_file(repair, directory, from, name);

	if (rc == 0 && renameat(from, name, directory, name) != 0)
		rc = repair_system_error(repair, name);
	(void)snprintf(repair->journal, sizeof(repair->journal), "%s", name);
	return rc;
}

/* remove_old - remove a journal that is not of the new queue */
static int
remove_old(struct repair *repair, int directory, int other, const char *name)
{
	return strcmp(name, repair->journal) == 0
	    ? 0
	    : remove_one(repair, directory, other, name);
}

/* keep_file - keep a file of the old queue with what was moved out */
static int
keep_file(struct repair *repair, int directory, int other, const char *name)
{
	char damaged[64];

	(void)other;
	if (linkat(directory, name, repair->out, name, 0) == 0)
		return 0;
	(void)snprintf(damaged, sizeof(damaged), "damaged.%s", name);
	/* On another file system it stays beside the new one. */
	if (errno == EXDEV &&
	    linkat(directory, name, directory,
		strcmp(name, REPAIR_DATA) == 0 ? REPAIR_DATA ".damaged"
					       : damaged,
		0) == 0)
		return 0;
	return repair_system_error(repair, name);
}

/* keep_old - keep the old queue with what was moved out */
static int
keep_old(struct repair *repair, int directory)
{
	int rc = repair_open_out(repair);

	if (rc != 0)
		return rc;
	own(directory, repair->out);
	rc = each_journal(repair, directory, -1, keep_file);
	return rc == 0 ? keep_file(repair, directory, -1, REPAIR_DATA) : rc;
}

/* repair_files_replace - put the new queue in the place of the old one */
int
repair_files_replace(struct repair *repair, int directory)
{
	int from = openat(directory, REPAIR_REBUILD,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int rc = 0;

	if (from < 0)
		return repair_system_error(repair, REPAIR_REBUILD);
	rc = flush_file(repair, directory, from, REPAIR_DATA);
	/* Where nothing was lost the old files have nothing that the new ones
	 * have not. */
	if (rc == 0 && repair->result.lost)
		rc = keep_old(repair, directory);
	if (rc == 0)
		rc = each_journal(repair, from, directory, take_journal);
	if (rc == 0 && fsync(directory) != 0)
		rc = repair_system_error(repair, REPAIR_REBUILD);
	if (rc == 0 && renameat(from, REPAIR_DATA, directory, REPAIR_DATA) != 0)
		rc = repair_system_error(repair, REPAIR_DATA);
	(void)close(from);
	if (rc != 0)
		return rc;
	/* LMDB makes its table of readers again. */
	(void)unlinkat(directory, "lock.mdb", 0);
	if (fsync(directory) != 0)
		return repair_system_error(repair, REPAIR_DATA);
	return each_journal(repair, directory, -1, remove_old);
}
