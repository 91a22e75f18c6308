/* SPDX-License-Identifier: ISC */
/*
 * pickup_open.c - open a file of P1 and read its beginning
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "msmi/pickup.h"

#define OPEN_FILE (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* pickup_open - open and look at a file of P1 */
int
pickup_open(struct pickup *pickup, const char *name, int *fd,
    struct pickup_file *file, struct stat *st, char why[PICKUP_WHY_MAX])
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	bool found;

	*fd = openat(p1, name, OPEN_FILE);
	if (*fd < 0 && errno == ENOENT)
		return ERR_NOTFOUND;
	if (*fd < 0 && errno == ELOOP)
		(void)snprintf(why, PICKUP_WHY_MAX, "a symbolic link");
	else if (*fd < 0)
		(void)snprintf(why, PICKUP_WHY_MAX, "cannot be opened: %s",
		    strerror(errno));
	found = *fd >= 0 ? fstat(*fd, st) == 0
			 : fstatat(p1, name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!found) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return ERR_NOTFOUND;
	}
	(void)strlcpy(file->name, name, sizeof(file->name));
	file->inode = st->st_ino;
	file->ctime =
	    (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
	file->size = st->st_size < 0 ? 0 : (uint64_t)st->st_size;
	if (*fd >= 0 && S_ISREG(st->st_mode))
		return 0;
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
		(void)snprintf(why, PICKUP_WHY_MAX, "%s, not a file",
		    S_ISDIR(st->st_mode) ? "a directory"
					 : "a device, pipe or socket");
	}
	return ERR_DENIED;
}

/* pickup_read_at - read exactly len octets at an offset */
int
pickup_read_at(int fd, uint8_t *to, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? ERR_IO : ERR_TRUNCATED;
		to += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* pickup_read_head - read the beginning of a file */
int
pickup_read_head(struct pickup *pickup, int fd, const struct pickup_file *file,
    struct slice *head)
{
	size_t len =
	    file->size < MMFF_HEADER_MAX ? (size_t)file->size : MMFF_HEADER_MAX;
	int error = pickup_read_at(fd, pickup->head, len, 0);

	*head = slice_of(pickup->head, error == 0 ? len : 0);
	return error;
}
