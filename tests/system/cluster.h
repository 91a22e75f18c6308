/* SPDX-License-Identifier: ISC */
/*
 * cluster.h - a server of PostgreSQL of the test's own
 *
 * Debian's programs, installed or unpacked into the build directory, in the
 * test's temporary directory and on a free port of loopback.  Root starts it as
 * another user, because PostgreSQL refuses to run as root.  It ends with the
 * test, whatever becomes of that.
 */
#ifndef FOURPOST_TESTS_CLUSTER_H
#define FOURPOST_TESTS_CLUSTER_H

#include "tests/system/suite.h"

#define CLUSTER_PASSWORD "a:b\\c d" /* of the role fourpost */

struct cluster {
	char directory[SUITE_PATH];
	uint16_t port;
	pid_t pid; /* 0: it does not run */
	/* megabytes of a disk of its own for what the role writes, which only
	 * root can make; set before cluster_make.  0: there is none */
	unsigned small;
};

/* How a server ends. */
enum cluster_end {
	CLUSTER_FAST,	/* undoes what is under way, and closes in order */
	CLUSTER_KILLED, /* all its processes at once */
};

/* cluster_here - tell whether there is PostgreSQL on this machine; else print
 * that the test is skipped */
bool cluster_here(void);

/* cluster_make - make a server with a role and a database "fourpost", which
 * that role owns, and start it */
void cluster_make(struct cluster *cluster);

/* cluster_start, cluster_stop - start and end it; cluster_freeze and
 * cluster_thaw - stop all its processes, and have them go on */
void cluster_start(struct cluster *cluster);
void cluster_stop(struct cluster *cluster, enum cluster_end how);
void cluster_freeze(const struct cluster *cluster);
void cluster_thaw(const struct cluster *cluster);

/* cluster_grow - make its small disk larger: so many megabytes */
void cluster_grow(const struct cluster *cluster, unsigned megabytes);

/* cluster_secure - have it offer TLS from its next start, with a certificate
 * and a key in PEM */
void cluster_secure(
    const struct cluster *cluster, const char *certificate, const char *key);

/* cluster_setting - write a setting "tracking-database" for the mta section,
 * with further parameters of the URL, and the passfile that it names */
void cluster_setting(const struct cluster *cluster, const char *password,
    const char *parameters, char *text, size_t size);

/* cluster_run - run statements in the database "fourpost" as the administrator,
 * which must succeed */
void cluster_run(const struct cluster *cluster, const char *sql);

/* cluster_number - get the number that a query gives there; -1: it cannot be
 * had now */
int64_t cluster_number(const struct cluster *cluster, const char *sql);

/* cluster_copy - put lines into a table there, as COPY takes them */
void
cluster_copy(const struct cluster *cluster, const char *sql, const char *lines);

/* cluster_end - end it for good */
void cluster_end(struct cluster *cluster);

#endif
