/* SPDX-License-Identifier: ISC */
/*
 * credentials.c - who is at the other end of a local connection
 */
#include "base/credentials.h"

#include <sys/socket.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX	65536 /* NGROUPS_MAX of the kernel */
#define PASSWD_LINE_MAX 4096  /* a longer line ends the search */

/* get_groups - ask for the supplementary groups, with room for one more */
static int
get_groups(int fd, struct credentials *credentials)
{
	socklen_t len = 0;
	gid_t *groups;

	/* The first call tells how much room is needed. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) != 0 &&
	    errno != ERANGE)
		return ERR_IO;
	if (len > GROUPS_MAX * sizeof(gid_t))
		return ERR_IO;
	groups = malloc(len + sizeof(gid_t));
	if (groups == NULL)
		return ERR_NOMEM;
	if (len > 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0) {
		free(groups);
		return ERR_IO;
	}
	credentials->groups = groups;
	credentials->count = len / sizeof(gid_t);
	return 0;
}

/* credentials_get - ask the kernel about a connected local socket */
int
credentials_get(int fd, struct credentials *credentials)
{
	struct credentials found = {0};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int rc;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return ERR_IO;
	rc = get_groups(fd, &found);
	if (rc < 0)
		return rc;
	found.uid = peer.uid;
	found.groups[found.count++] = peer.gid;
	*credentials = found;
	return 0;
}

/* credentials_fini - give back the memory */
void
credentials_fini(struct credentials *credentials)
{
	free(credentials->groups);
	credentials->groups = NULL;
	credentials->count = 0;
}

/* credentials_in_group - tell whether a group is among those of the process */
bool
credentials_in_group(const struct credentials *credentials, gid_t group)
{
	for (size_t i = 0; i < credentials->count; i++)
		if (credentials->groups[i] == group)
			return true;
	return false;
}

/* credentials_name - find the name of the user in /etc/passwd */
const char *
credentials_name(
    const struct credentials *credentials, char name[CREDENTIALS_NAME_MAX])
{
	/* getpwuid() may ask a directory over the network, which a process
	 * that is confined cannot, and the queue cannot wait for. */
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd entry, *found;
	char line[PASSWD_LINE_MAX];

	name[0] = '\0';
	if (file == NULL)
		return name;
	/* fgetpwent() would keep memory that the simulator takes back at the
	 * end of a life. */
	while (fgetpwent_r(file, &entry, line, sizeof(line), &found) == 0)
		if (entry.pw_uid == credentials->uid) {
			(void)strlcpy(
			    name, entry.pw_name, CREDENTIALS_NAME_MAX);
			break;
		}
	(void)fclose(file);
	return name;
}
