/* SPDX-License-Identifier: ISC */
/*
 * place.c - take the run and the state directory, as the right users
 */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libutil.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/holder.h"
#include "base/privilege.h"
#include "master/directory.h"
#include "master/place.h"

#define PID_FILE "master.pid"
#define TRACKING "tracking"
#define MEMORY	 "mixer-memory"

/* place_complain - note which call failed on which path */
static int
place_complain(const char *path, const char *call, struct diag *diag)
{
	return diag_set(
	    diag, ERR_IO, "%s: %s: %s", path, call, strerror(errno));
}

/* find_user - find the ids of a user, who must not be root */
static int
find_user(const char *name, uid_t *uid, gid_t *gid, struct diag *diag)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return diag_set(diag, ERR_NOTFOUND, "no user \"%s\"", name);
	/* A worker as root would make its chroot and its groups worthless; a
	 * slip in the configuration must not lead to that. */
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return diag_set(diag, ERR_DENIED, "user \"%s\" is root", name);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

/* place_check_user - see that there is a user, who is not root */
int
place_check_user(const struct place *place, const char *name, struct diag *diag)
{
	uid_t uid;
	gid_t gid;

	return place->user[0] == '\0' ? 0 : find_user(name, &uid, &gid, diag);
}

/* find_group - see that a group is there, which must not be root's */
static int
find_group(const char *name, struct diag *diag)
{
	const struct group *gr;

	if (name[0] == '\0')
		return 0;
	gr = getgrnam(name);
	if (gr == NULL)
		return diag_set(diag, ERR_NOTFOUND, "no group \"%s\"", name);
	if (gr->gr_gid == 0)
		return diag_set(diag, ERR_DENIED, "group \"%s\" is root", name);
	return 0;
}

/* find_users - find who runs what, if root started us */
static int
find_users(struct place *place, const struct conf_mta *mta, struct diag *diag)
{
	uid_t network_user;
	int error;

	place->user_id = (uid_t)-1;
	place->group_id = place->network_group_id = (gid_t)-1;
	if (!privilege_is_root())
		return 0;
	error = find_user(mta->user, &place->user_id, &place->group_id, diag);
	if (error == 0)
		error = find_user(mta->network_user, &network_user,
		    &place->network_group_id, diag);
	if (error == 0)
		error = find_group(mta->postoffice_group, diag);
	if (error != 0)
		return error;
	(void)strlcpy(place->postoffice_group, mta->postoffice_group,
	    sizeof(place->postoffice_group));
	(void)strlcpy(place->user, mta->user, sizeof(place->user));
	(void)strlcpy(place->network_user, mta->network_user,
	    sizeof(place->network_user));
	(void)strlcpy(place->root, place->run_directory, sizeof(place->root));
	return 0;
}

/* become_user - become the user of the queue for work in its directory; the
 * real id stays root's, so that this user cannot signal us meanwhile */
static int
become_user(const struct place *place)
{
	gid_t group = place->group_id;

	if (place->user_id == (uid_t)-1)
		return 0;
	/* The user goes last, for only root may set groups. */
	if (setgroups(1, &group) != 0 || setegid(group) != 0 ||
	    seteuid(place->user_id) != 0)
		return ERR_IO;
	return 0;
}

/* become_root_again - undo become_user, which must not fail */
static void
become_root_again(const struct place *place)
{
	const gid_t group = 0;

	/* The order is the other way round: the groups can be set only when the
	 * user is root again. */
	if (place->user_id != (uid_t)-1 &&
	    (seteuid(0) != 0 || setegid(group) != 0 ||
		setgroups(1, &group) != 0))
		fatal(1, "root again: %s", strerror(errno));
}

/* open_state - open the state directory, as its own user: a descriptor */
static int
open_state(const struct place *place, const char *path, struct diag *diag)
{
	struct stat st;
	int fd = -1;

	/* The user of the queue owns what is in there and could turn a link
	 * against root: as that user, nothing can be reached which that user
	 * could not reach anyway. */
	if (become_user(place) == 0) {
		fd =
		    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 &&
		    (fstat(fd, &st) != 0 || st.st_uid != geteuid() ||
			fchmod(fd, 0700) != 0)) {
			(void)close(fd);
			fd = -1;
		}
	}
	become_root_again(place);
	return fd >= 0 ? fd : diag_set(diag, ERR_IO, "%s: is not ours", path);
}

/* make_state - see that there is a state directory, of the user of the queue;
 * root makes it, but looks into none that is there */
static int
make_state(struct place *place, const char *path, struct diag *diag)
{
	const struct directory_owner owner = {.user = place->user_id,
	    .group = place->group_id,
	    .former = (uid_t)-1,
	    .mode = 0700};
	int fd = open_state(place, path, NULL);

	if (fd < 0)
		fd = directory_make(path, &owner, diag);
	if (fd < 0)
		return fd;
	place->state_fd = fd;
	return 0;
}

/* lock_state - take the lock that says that this is the only master of the
 * queue, whatever its run directory */
static int
lock_state(struct place *place, const char *path, struct diag *diag)
{
	/* The lock is on the directory, not on a file in it, for a file could
	 * be removed and made again under a running master. */
	if (flock(place->state_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return place_complain(path, "lock", diag);
	return diag_set(diag, ERR_EXISTS, "already running with %s, pid %ld",
	    path, (long)holder_of(place->state_fd));
}

/* make_run - make the run directory, in which root alone makes files if root
 * started us: workers pass through it to their sockets */
static int
make_run(struct place *place, struct diag *diag)
{
	bool root = place->user_id != (uid_t)-1;
	const struct directory_owner owner = {.user = root ? 0 : (uid_t)-1,
	    .group = root ? 0 : (gid_t)-1,
	    /* The directory of a release in which user made files there. */
	    .former = place->user_id,
	    .mode = root ? 0711 : 0700};

	place->run_fd = directory_make(place->run_directory, &owner, diag);
	return place->run_fd < 0 ? place->run_fd : 0;
}

/* check_pidfile - refuse what no master made: it would be emptied */
static int
check_pidfile(const struct place *place, const char *path, struct diag *diag)
{
	struct stat st;

	if (fstatat(place->run_fd, PID_FILE, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : place_complain(path, "stat", diag);
	/* A second name would mean that the file belongs to something else as
	 * well. */
	if (S_ISREG(st.st_mode) && st.st_nlink == 1)
		return 0;
	return diag_set(
	    diag, ERR_EXISTS, "%s: is no pid file of ours: remove it", path);
}

/* take_pidfile - take the lock that makes us the master of the directory */
static int
take_pidfile(struct place *place, struct diag *diag)
{
	char path[sizeof(place->run_directory) + 16];
	pid_t other = 0;
	int error;

	(void)snprintf(
	    path, sizeof(path), "%s/%s", place->run_directory, PID_FILE);
	error = check_pidfile(place, path, diag);
	if (error != 0)
		return error;
	place->pidfile = pidfile_open(path, 0644, &other);
	if (place->pidfile == NULL && errno == EEXIST)
		return diag_set(diag, ERR_EXISTS,
		    "already running in %s, pid %ld", place->run_directory,
		    (long)other);
	if (place->pidfile == NULL)
		return place_complain(path, "lock", diag);
	if (pidfile_write(place->pidfile) != 0)
		return place_complain(path, "write", diag);
	return 0;
}

/* make_slots - make a slots file; workers of a master before us may still use
 * the one that is there, so it is not used again */
static int
make_slots(struct place *place, struct diag *diag)
{
	if (unlinkat(place->run_fd, "slots", 0) != 0 && errno != ENOENT)
		return place_complain("slots", "unlink", diag);
	place->slots_fd = openat(place->run_fd, "slots",
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (place->slots_fd < 0)
		return place_complain("slots", "open", diag);
	if (ftruncate(place->slots_fd, (off_t)PLACE_SLOTS * WORKER_SLOT_SIZE) !=
	    0)
		return place_complain("slots", "ftruncate", diag);
	return 0;
}

/* is_our_socket - tell whether a name is one that only a master makes */
static bool
is_our_socket(const char *name)
{
	return strncmp(name, "x400out.", 8) == 0 ||
	    strncmp(name, "msmi-out.", 9) == 0 ||
	    strncmp(name, "app-out.", 8) == 0 ||
	    strncmp(name, "mixer-out.", 10) == 0;
}

/* remove_leftovers - remove sockets of links that a master before us served */
static void
remove_leftovers(const struct place *place)
{
	int fd = openat(place->run_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (is_our_socket(entry->d_name))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
}

/* place_init - make and take the directories */
int
place_init(struct place *place, const struct conf *conf, struct diag *diag)
{
	int error;

	*place = (struct place){.slots_fd = -1, .run_fd = -1, .state_fd = -1};
	if (strlcpy(place->run_directory, conf->mta.run_directory,
		sizeof(place->run_directory)) >= sizeof(place->run_directory))
		return diag_set(diag, ERR_LIMIT, "run-directory: too long");
	(void)snprintf(place->tracking, sizeof(place->tracking), "%s/" TRACKING,
	    conf->mta.state_directory);
	(void)snprintf(place->memory, sizeof(place->memory), "%s/" MEMORY,
	    conf->mta.state_directory);
	error = find_users(place, &conf->mta, diag);
	if (error == 0)
		error = make_state(place, conf->mta.state_directory, diag);
	if (error == 0)
		error = make_run(place, diag);
	if (error == 0)
		/* The pid file of the run directory comes first, for its error
		 * names the pid; the lock of the queue catches a second master
		 * with another run directory. */
		error = take_pidfile(place, diag);
	if (error == 0)
		error = lock_state(place, conf->mta.state_directory, diag);
	if (error == 0)
		/* The slots file is replaced only when both locks are held:
		 * before, it may be that of a running master. */
		error = make_slots(place, diag);
	if (error == 0)
		remove_leftovers(place);
	else
		place_fini(place);
	return error;
}

/* make_below - see that a directory of the user's is in the state directory */
static int
make_below(const struct place *place, const char *name)
{
	int rc, error = 0;

	rc = become_user(place);
	if (rc == 0 && mkdirat(place->state_fd, name, 0700) != 0 &&
	    errno != EEXIST)
		error = errno;
	become_root_again(place);
	/* Why it could not be made is what the caller tells. */
	errno = error;
	return rc == 0 && error == 0 ? 0 : ERR_IO;
}

/* place_tracking - see that the directory of the tracker is there */
int
place_tracking(const struct place *place)
{
	return make_below(place, TRACKING);
}

/* place_memory - see that the directory of mixer-memory is there */
int
place_memory(const struct place *place)
{
	return make_below(place, MEMORY);
}

/* place_fini - remove the pid file and let go */
void
place_fini(struct place *place)
{
	/* The state directory goes first, for x4ctl stop waits for the pid
	 * file alone: a start that follows must find both free. */
	if (place->state_fd >= 0)
		(void)close(place->state_fd);
	place->state_fd = -1;
	if (place->pidfile != NULL)
		(void)pidfile_remove(place->pidfile);
	place->pidfile = NULL;
	if (place->slots_fd >= 0)
		(void)close(place->slots_fd);
	place->slots_fd = -1;
	if (place->run_fd >= 0)
		(void)close(place->run_fd);
	place->run_fd = -1;
}

/* place_slot_take - take a free slot, and clear and map it */
int
place_slot_take(
    struct place *place, unsigned *number, struct worker_slot **slot)
{
	unsigned i;
	int error;

	for (i = 0; i < PLACE_SLOTS; i++)
		if ((place->slots_used[i / 8] & 1U << i % 8) == 0)
			break;
	if (i == PLACE_SLOTS)
		return ERR_FULL;
	error = worker_slot_map(place->slots_fd, i, slot);
	if (error != 0)
		return error;
	/* The slot may still bear the item of a worker that crashed; the next
	 * worker must not be blamed for it. */
	worker_slot_clear(*slot);
	place->slots_used[i / 8] |= (uint8_t)(1U << i % 8);
	*number = i;
	return 0;
}

/* place_slot_return - give a slot back */
void
place_slot_return(
    struct place *place, unsigned number, struct worker_slot *slot)
{
	worker_slot_unmap(slot);
	place->slots_used[number / 8] &= (uint8_t) ~(1U << number % 8);
}

/* open_log - open a regular file of ours alone, at its end: a descriptor */
static int
open_log(const char *state, struct diag *diag)
{
	int dir = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int fd;

	if (dir < 0)
		return place_complain(state, "open", diag);
	/* With O_NONBLOCK the open of a FIFO that nobody reads fails instead of
	 * waiting. */
	fd = openat(dir, "log",
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	(void)close(dir);
	if (fd < 0)
		return place_complain(state, "log", diag);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	(void)close(fd);
	return diag_set(diag, ERR_EXISTS, "%s/log: is no log of ours", state);
}

/* place_log_open - open STATE/log, made if need be, as the user of the queue */
int
place_log_open(
    const struct place *place, const struct conf *conf, struct diag *diag)
{
	int fd;

	if (become_user(place) != 0)
		fd = place_complain(conf->mta.state_directory, "setuid", diag);
	else
		fd = open_log(conf->mta.state_directory, diag);
	become_root_again(place);
	return fd;
}
