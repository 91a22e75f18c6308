/* SPDX-License-Identifier: ISC */
/*
 * tracking_source.c - where the database of many machines is, looked up before
 * a process is confined
 *
 * libpq reads sslrootcert at each connection, and then it cannot be seen any
 * more; so root leaves a copy in the run directory, in which root alone makes
 * files.
 */
#include "worker/tracking_source.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"
#include "conf/conf_secret.h"
#include "conf/conf_tracking.h"
#include "osi/connect.h"

#define COPY "tracking-database.pem"

/* put_address - add an address of a host, if there is room */
static void
put_address(struct postgresql_source *to, const struct postgresql_host *host,
    const struct connect_address *address)
{
	size_t at = to->address_count;

	if (at == POSTGRESQL_ADDRESSES ||
	    getnameinfo((const struct sockaddr *)&address->address,
		address->length, to->addresses[at].address,
		sizeof(to->addresses[at].address), NULL, 0,
		NI_NUMERICHOST) != 0)
		return;
	to->addresses[at].host = host;
	to->address_count++;
}

/* resolve - look up the addresses of all hosts; one that has none is passed
 * over as long as others have */
static void
resolve(struct tracking_source *source)
{
	struct connect_address list[CONNECT_ADDRESSES_MAX];
	struct postgresql_source *to = &source->database;
	struct diag diag = {0};

	for (size_t i = 0; i < to->url.host_count; i++) {
		const struct postgresql_host *host = &to->url.hosts[i];
		size_t count = 0;

		(void)!connect_resolve(
		    host->name, host->port, list, &count, &diag);
		for (size_t j = 0; j < count; j++)
			put_address(to, host, &list[j]);
	}
	if (to->address_count == 0)
		(void)diag_set(
		    &source->why, ERR_NOTFOUND, "%s", diag_text(&diag));
}

/* write_all - write a file that nobody sees before it is whole */
static int
write_all(int directory, struct slice octets)
{
	char name[48];
	int fd, rc = 0;

	/* Several processes may do so at once. */
	(void)snprintf(name, sizeof(name), "." COPY ".%ld", (long)getpid());
	(void)unlinkat(directory, name, 0);
	fd = openat(directory, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return ERR_IO;
	if (write(fd, octets.data, octets.len) != (ssize_t)octets.len ||
	    fchmod(fd, 0644) != 0)
		rc = ERR_IO;
	(void)close(fd);
	if (rc == 0 && renameat(directory, name, directory, COPY) != 0)
		rc = ERR_IO;
	return rc;
}

/* copy_certificates - leave a copy where it will be seen */
static int
copy_certificates(struct tracking_source *source, const char *run_directory)
{
	const char *path = source->database.url.root_certificate;
	struct arena arena;
	struct slice octets;
	int directory, rc;

	arena_init(&arena, 2 * CONF_PEM_MAX);
	rc = conf_secret_load(path, CONF_PUBLIC, &arena, &octets, &source->why);
	if (rc == 0) {
		directory =
		    open(run_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = directory < 0 ? ERR_IO : write_all(directory, octets);
		if (rc != 0)
			(void)diag_set(&source->why, rc,
			    "%s: not copied into %s", path, run_directory);
		if (directory >= 0)
			(void)close(directory);
	}
	arena_fini(&arena);
	return rc;
}

/* tracking_source_prepare - look everything up */
void
tracking_source_prepare(struct tracking_source *source,
    const struct worker *worker, const struct conf *conf)
{
	struct postgresql_source *to = &source->database;

	*source = (struct tracking_source){.why = {0}};
	if (conf_tracking_url(&conf->mta, &to->url, &source->why) != 0 ||
	    conf_tracking_password(&to->url, to->password, &source->why) != 0)
		return;
	if (to->url.root_certificate[0] != '\0' && privilege_is_root() &&
	    copy_certificates(source, worker->run_directory) != 0)
		return;
	resolve(source);
}

/* tracking_source_confined - see files by the names that they have now */
void
tracking_source_confined(
    struct tracking_source *source, const struct worker *worker)
{
	struct postgresql_source *to = &source->database;

	if (to->url.root_certificate[0] == '\0')
		return;
	/* The run directory is the root then. */
	(void)strlcpy(to->root_certificate,
	    worker->rooted ? "/" COPY : to->url.root_certificate,
	    sizeof(to->root_certificate));
}

/* tracking_source_wait - wait for the socket of the database */
int
tracking_source_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct worker *worker = arg;
	struct pollfd pfd = {.fd = fd, .events = events};
	int rc;

	/* A wait tells of a stop once, and the database is waited for by many
	 * calls. */
	if (worker->stopping)
		return ERR_CANCELLED;
	rc = worker_wait(worker, &pfd, 1, deadline);
	return rc < 0 ? rc : 0;
}
