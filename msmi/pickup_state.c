/* SPDX-License-Identifier: ISC */
/*
 * pickup_state.c - tell qmgr how the postoffice is, for x4ctl status
 *
 * Whether its files are taken, whether its map is read, and what lies in BAD.
 * Told when any of it changes, and once to each qmgr.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "msmi/pickup.h"

#define LOOK_PAUSE 1000	 /* ms between two looks at BAD */
#define COUNT_MAX  10000 /* files of BAD that are counted */
#define WHY_OCTETS 4096

/* pickup_state_trouble - note what is wrong, or "" that nothing is */
void
pickup_state_trouble(
    struct pickup *pickup, enum pickup_trouble trouble, const char *text)
{
	char *noted = pickup->state.troubles[trouble];

	if (strcmp(noted, text) == 0)
		return;
	(void)strlcpy(noted, text, sizeof(pickup->state.troubles[trouble]));
	pickup->state.told = false;
}

/* is_reason - tell whether a name in BAD is that of a reason */
static bool
is_reason(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".why") == 0;
}

/* read_reason - append why a file was set aside to its name */
static void
read_reason(struct pickup *pickup)
{
	struct pickup_state *state = &pickup->state;
	char path[PICKUP_NAME_MAX + 8], why[WHY_OCTETS];
	const char *reason;
	ssize_t len = 0;
	size_t used = strlen(state->last);
	int fd;

	(void)snprintf(
	    path, sizeof(path), "%.*s.why", PICKUP_NAME_MAX, state->last);
	/* Users of the postoffice may have put a link or a FIFO there. */
	fd = openat(pickup->msmi.postoffice.fd[PO_BAD], path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, why, sizeof(why) - 1);
		(void)close(fd);
	}
	why[len > 0 ? len : 0] = '\0';
	reason = strstr(why, "\nreason: ");
	if (reason == NULL)
		return;
	reason += strlen("\nreason: ");
	(void)snprintf(state->last + used, sizeof(state->last) - used, ": %.*s",
	    (int)strcspn(reason, "\n"), reason);
}

/* ms_of - write a time of a file in ms */
static int64_t
ms_of(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* count_file - count a file of BAD; *newest is when the last one came */
static void
count_file(struct pickup *pickup, const char *name, int64_t *newest)
{
	struct pickup_state *state = &pickup->state;
	struct stat st;
	int64_t came;

	if (name[0] == '.' || is_reason(name) ||
	    fstatat(pickup->msmi.postoffice.fd[PO_BAD], name, &st,
		AT_SYMLINK_NOFOLLOW) < 0)
		return;
	/* The move into BAD changed the file's own record. */
	came = ms_of(st.st_ctim);
	if (state->aside++ == 0 || came < state->aside_since)
		state->aside_since = came;
	if (came < *newest)
		return;
	*newest = came;
	(void)strlcpy(state->last, name, sizeof(state->last));
}

/* count_files - count what lies in BAD */
static void
count_files(struct pickup *pickup)
{
	struct pickup_state *state = &pickup->state;
	int fd = openat(pickup->msmi.postoffice.fd[PO_BAD], ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int64_t newest = 0;

	state->aside = 0;
	state->aside_since = 0;
	state->last[0] = '\0';
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while (state->aside < COUNT_MAX && (entry = readdir(dir)) != NULL)
		count_file(pickup, entry->d_name, &newest);
	(void)closedir(dir);
	if (state->aside > 0)
		read_reason(pickup);
}

/* look_at_bad - count what lies in BAD if that has changed */
static void
look_at_bad(struct pickup *pickup)
{
	struct pickup_state *state = &pickup->state;
	struct stat st;

	if (clock_remaining(state->next_look) > 0 ||
	    pickup->msmi.postoffice.fd[PO_BAD] == -1 ||
	    fstat(pickup->msmi.postoffice.fd[PO_BAD], &st) < 0)
		return;
	state->next_look = clock_after(LOOK_PAUSE);
	state->set_aside = false;
	if (state->bad_inode == st.st_ino &&
	    state->bad_changed.tv_sec == st.st_mtim.tv_sec &&
	    state->bad_changed.tv_nsec == st.st_mtim.tv_nsec)
		return;
	state->bad_inode = st.st_ino;
	state->bad_changed = st.st_mtim;
	count_files(pickup);
	state->told = false;
}

/* pickup_state_tell - look at BAD, and tell qmgr what has changed */
void
pickup_state_tell(struct pickup *pickup)
{
	struct pickup_state *state = &pickup->state;
	struct ipc_record record = {.type = IPC_POSTOFFICE_STATE};

	look_at_bad(pickup);
	if (state->told || pickup->gone)
		return;
	record.postoffice_state = (struct ipc_postoffice_state){
	    .unread = slice_of_string(state->troubles[PICKUP_TROUBLE_UNREAD]),
	    .map = slice_of_string(state->troubles[PICKUP_TROUBLE_MAP]),
	    .aside = state->aside,
	    .aside_since = state->aside_since,
	    .last = slice_of_string(state->last)};
	/* A channel that is full takes it another time; the next wait writes
	 * it. */
	state->told = ipc_channel_send(&pickup->msmi.qmgr, &record) == 0;
}

/* pickup_state_next - find when to scan, or to count what was set aside */
uint64_t
pickup_state_next(const struct pickup *pickup)
{
	return pickup->state.set_aside &&
		pickup->state.next_look < pickup->next_scan
	    ? pickup->state.next_look
	    : pickup->next_scan;
}
