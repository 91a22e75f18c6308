/* SPDX-License-Identifier: ISC */
/*
 * memory.c - hand a process a configuration in memory, with its secrets
 */
#include <sys/mman.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "master/memory.h"

#define DUMP_MAX (64 * 1024 * 1024)

/* memory_write - write octets into a file */
static int
memory_write(int fd, struct slice octets)
{
	ssize_t n;

	while (octets.len != 0) {
		n = write(fd, octets.data, octets.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		octets = slice_of(octets.data + n, octets.len - (size_t)n);
	}
	return 0;
}

/* memory_configuration - write what dump makes of a configuration into a
 * memfd */
int
memory_configuration(const struct conf *conf,
    int (*dump)(const struct conf *conf, struct buffer *out))
{
	struct buffer text;
	int fd, error;

	buffer_init(&text, DUMP_MAX);
	error = dump(conf, &text);
	fd = memfd_create("fourpost.conf", MFD_CLOEXEC);
	/* The descriptor is shared with the reader, and with it the offset: it
	 * must stand at the start. */
	if (fd < 0 || error != 0 ||
	    memory_write(fd, buffer_slice(&text)) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		if (fd >= 0)
			(void)close(fd);
		fd = ERR_IO;
	}
	/* The text holds passwords. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.capacity);
	buffer_fini(&text);
	return fd;
}
