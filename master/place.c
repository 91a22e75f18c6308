/* SPDX-License-Identifier: ISC */
/*
 * place.c - the run and the state directory, and who we are in them
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"
#include "master/place.h"

/* complain - note which call failed on which path */
static int
complain(const char *path, const char *call, struct diag *diag)
{
	return diag_set(
	    diag, ERR_IO, "%s: %s: %s", path, call, strerror(errno));
}

/* find_user - the ids of a user, who must not be root */
static int
find_user(const char *name, uid_t *uid, gid_t *gid, struct diag *diag)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return diag_set(diag, ERR_NOTFOUND, "no user \"%s\"", name);
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return diag_set(diag, ERR_DENIED, "user \"%s\" is root", name);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

/* find_users - who runs what, if we were started by root */
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
	if (error != 0)
		return error;
	(void)strlcpy(place->user, mta->user, sizeof(place->user));
	(void)strlcpy(place->network_user, mta->network_user,
	    sizeof(place->network_user));
	(void)strlcpy(place->root, place->run_directory, sizeof(place->root));
	return 0;
}

/* make_parents - the directories above path that do not exist */
static int
make_parents(const char *path, struct diag *diag)
{
	char part[256], *slash;

	if (strlcpy(part, path, sizeof(part)) >= sizeof(part))
		return diag_set(diag, ERR_LIMIT, "%s: too long", path);
	for (slash = strchr(part + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return complain(part, "mkdir", diag);
		*slash = '/';
	}
	return 0;
}

/* make_directory - path as a directory of ours, with this mode */
static int
make_directory(
    const struct place *place, const char *path, mode_t mode, struct diag *diag)
{
	struct stat st;
	int error;

	error = make_parents(path, diag);
	if (error != 0)
		return error;
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return complain(path, "mkdir", diag);
	if (stat(path, &st) != 0)
		return complain(path, "stat", diag);
	if (!S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_EXISTS, "%s: no directory", path);
	if (place->user_id != (uid_t)-1 && st.st_uid != place->user_id &&
	    chown(path, place->user_id, place->group_id) != 0)
		return complain(path, "chown", diag);
	if ((st.st_mode & 07777) != mode && chmod(path, mode) != 0)
		return complain(path, "chmod", diag);
	return 0;
}

/* take_pidfile - the lock that says that we are the master here */
static int
take_pidfile(struct place *place, struct diag *diag)
{
	char path[sizeof(place->run_directory) + 16];
	pid_t other = 0;

	(void)snprintf(
	    path, sizeof(path), "%s/master.pid", place->run_directory);
	place->pidfile = pidfile_open(path, 0644, &other);
	if (place->pidfile == NULL && errno == EEXIST)
		return diag_set(diag, ERR_EXISTS,
		    "already running in %s, pid %ld", place->run_directory,
		    (long)other);
	if (place->pidfile == NULL)
		return complain(path, "lock", diag);
	if (pidfile_write(place->pidfile) != 0)
		return complain(path, "write", diag);
	return 0;
}

/* make_slots - a new slots file: that of a master before us may be in use */
static int
make_slots(struct place *place, struct diag *diag)
{
	char path[sizeof(place->run_directory) + 16];

	(void)snprintf(path, sizeof(path), "%s/slots", place->run_directory);
	if (unlink(path) != 0 && errno != ENOENT)
		return complain(path, "unlink", diag);
	place->slots_fd =
	    open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (place->slots_fd < 0)
		return complain(path, "open", diag);
	if (ftruncate(place->slots_fd, (off_t)PLACE_SLOTS * WORKER_SLOT_SIZE) !=
	    0)
		return complain(path, "ftruncate", diag);
	return 0;
}

/* is_our_socket - whether a name is one that only a master makes */
static bool
is_our_socket(const char *name)
{
	return strncmp(name, "x400out.", 8) == 0 ||
	    strncmp(name, "msmi-out.", 9) == 0;
}

/* remove_leftovers - sockets of links that a master before us served */
static void
remove_leftovers(const struct place *place)
{
	DIR *dir = opendir(place->run_directory);
	const struct dirent *entry;

	if (dir == NULL)
		return;
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

	*place = (struct place){.slots_fd = -1};
	if (strlcpy(place->run_directory, conf->mta.run_directory,
		sizeof(place->run_directory)) >= sizeof(place->run_directory))
		return diag_set(diag, ERR_LIMIT, "run-directory: too long");
	error = find_users(place, &conf->mta, diag);
	if (error == 0)
		error = make_directory(
		    place, conf->mta.state_directory, 0700, diag);
	/* Workers of network_user pass through it to their sockets. */
	if (error == 0)
		error = make_directory(place, place->run_directory,
		    place->user_id == (uid_t)-1 ? 0700 : 0711, diag);
	if (error == 0)
		error = take_pidfile(place, diag);
	if (error == 0)
		error = make_slots(place, diag);
	if (error == 0)
		remove_leftovers(place);
	else
		place_fini(place);
	return error;
}

/* place_fini - remove the pid file and let go */
void
place_fini(struct place *place)
{
	if (place->pidfile != NULL)
		(void)pidfile_remove(place->pidfile);
	place->pidfile = NULL;
	if (place->slots_fd >= 0)
		(void)close(place->slots_fd);
	place->slots_fd = -1;
}

/* place_slot_take - a free slot, cleared and mapped */
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
	worker_slot_clear(*slot);
	place->slots_used[i / 8] |= (uint8_t)(1U << i % 8);
	*number = i;
	return 0;
}

/* place_slot_return - it is free again */
void
place_slot_return(
    struct place *place, unsigned number, struct worker_slot *slot)
{
	worker_slot_unmap(slot);
	place->slots_used[number / 8] &= (uint8_t) ~(1U << number % 8);
}

/* place_log_open - STATE/log, made if need be: a descriptor */
int
place_log_open(const struct conf *conf, struct diag *diag)
{
	char path[512];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/log",
		conf->mta.state_directory) >= sizeof(path))
		return diag_set(diag, ERR_LIMIT, "state-directory: too long");
	fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain(path, "open", diag);
	return fd;
}
