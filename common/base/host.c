/* SPDX-License-Identifier: ISC */
/*
 * host.c - which machine this is, and since which boot
 *
 * See host.h.
 */
#include "base/host.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MACHINE_FILE "/etc/machine-id"
#define BOOT_FILE    "/proc/sys/kernel/random/boot_id"

/* read_id - read the one line of a file, or nothing */
static void
read_id(const char *path, char id[HOST_ID_LEN + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, id, HOST_ID_LEN);

	if (fd >= 0)
		(void)close(fd);
	id[len > 0 ? len : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
}

/* host_identify - find out which host this is */
void
host_identify(struct host *host)
{
	memset(host, 0, sizeof(*host));
	/* A name that is too long is cut, and need not end in a NUL then. */
	(void)!gethostname(host->name, HOST_NAME_LEN);
	read_id(MACHINE_FILE, host->machine);
	read_id(BOOT_FILE, host->boot);
}

/* host_same - tell whether two are one machine */
bool
host_same(const struct host *a, const struct host *b)
{
	return strcmp(a->name, b->name) == 0 &&
	    strcmp(a->machine, b->machine) == 0;
}
