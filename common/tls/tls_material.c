/* SPDX-License-Identifier: ISC */
/*
 * tls_material.c - keys and certificates, handed from master to a worker
 *
 * The file: a header of one word for the minimum and one for the length of each
 * part, then the parts.  Both ends are of one build, so it has no version.
 */
#include "tls/tls_material.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PARTS 4

struct header {
	uint32_t minimum;
	uint32_t len[PARTS];
};

/* write_all - write all octets */
static int
write_all(int fd, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* tls_material_seal - write it into a file in memory that nobody can change */
int
tls_material_seal(const struct tls_material *material)
{
	const struct slice part[PARTS] = {material->certificate, material->key,
	    material->authorities, material->revocations};
	struct header header = {.minimum = (uint32_t)material->minimum};
	size_t total = 0;
	int fd, error;

	for (size_t i = 0; i < PARTS; i++) {
		if (part[i].len > TLS_MATERIAL_MAX - total)
			return ERR_LIMIT;
		total += part[i].len;
		header.len[i] = (uint32_t)part[i].len;
	}
	fd = memfd_create("tls", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return ERR_IO;
	error = write_all(fd, &header, sizeof(header));
	for (size_t i = 0; error == 0 && i < PARTS; i++)
		error = write_all(fd, part[i].data, part[i].len);
	/* Several workers are given the same file: none may change what the
	 * next one reads. */
	if (error == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
		error = ERR_IO;
	if (error == 0)
		return fd;
	(void)close(fd);
	return error;
}

/* read_at - read all octets that are at an offset: the worker before us may
 * have read the same file */
static int
read_at(int fd, void *octets, size_t len, off_t offset)
{
	uint8_t *at = octets;

	while (len > 0) {
		ssize_t n = pread(fd, at, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? ERR_CORRUPT : ERR_IO;
		at += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

/* read_parts - read what the header says is there */
static int
read_parts(int fd, struct buffer *buffer, struct tls_material *material)
{
	struct slice *part[PARTS] = {&material->certificate, &material->key,
	    &material->authorities, &material->revocations};
	struct header header;
	size_t total = 0;
	uint8_t *room;
	int error = read_at(fd, &header, sizeof(header), 0);

	if (error != 0)
		return error;
	for (size_t i = 0; i < PARTS; i++) {
		if (header.len[i] > TLS_MATERIAL_MAX - total)
			return ERR_CORRUPT;
		total += header.len[i];
	}
	if (header.minimum > TLS_MINIMUM_1_3)
		return ERR_CORRUPT;
	if ((error = buffer_reserve(buffer, total, &room)) != 0 ||
	    (error = read_at(fd, room, total, sizeof(header))) != 0)
		return error;
	buffer_commit(buffer, total);
	material->minimum = (enum tls_minimum)header.minimum;
	for (size_t i = 0; i < PARTS; i++) {
		*part[i] = slice_of(room, header.len[i]);
		room += header.len[i];
	}
	return 0;
}

/* tls_material_read - read it back, and close fd */
int
tls_material_read(int fd, struct buffer *buffer, struct tls_material *material)
{
	struct tls_material read = {TLS_MINIMUM_1_2, {0}, {0}, {0}, {0}};
	int error;

	buffer_init(buffer, TLS_MATERIAL_MAX);
	error = read_parts(fd, buffer, &read);
	(void)close(fd);
	if (error == 0)
		*material = read;
	else
		tls_material_wipe(buffer);
	return error;
}

/* tls_material_wipe - overwrite and free what tls_material_read filled */
void
tls_material_wipe(struct buffer *buffer)
{
	if (buffer->data != NULL)
		explicit_bzero(buffer->data, buffer->capacity);
	buffer_fini(buffer);
}
