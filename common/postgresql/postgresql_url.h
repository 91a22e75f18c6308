/* SPDX-License-Identifier: ISC */
/*
 * postgresql_url.h - the URL of a database of PostgreSQL, and its password
 *
 *	postgresql://USER@HOST[:PORT][,HOST[:PORT]]/DATABASE?PARAMETER=VALUE&...
 *
 * as libpq has it, of which a part is taken: hosts are names or addresses, for
 * a process in its own root directory reaches no socket of the file system; the
 * parameters are passfile, sslmode and sslrootcert.  A password is refused,
 * because the URL is shown where settings are: it stands in the passfile, in
 * lines
 *
 *	HOST:PORT:DATABASE:USER:PASSWORD
 *
 * of which * stands for any, and \: and \\ for these two.  libpq is not needed
 * here.
 */
#ifndef FOURPOST_POSTGRESQL_POSTGRESQL_URL_H
#define FOURPOST_POSTGRESQL_POSTGRESQL_URL_H

#include "base/error.h"
#include "base/slice.h"

#define POSTGRESQL_HOSTS	4
#define POSTGRESQL_NAME_MAX	64 /* with its NUL: of users and databases */
#define POSTGRESQL_HOST_MAX	256
#define POSTGRESQL_PATH_MAX	256
#define POSTGRESQL_PASSWORD_MAX 1024

struct postgresql_host {
	char name[POSTGRESQL_HOST_MAX];
	char port[8];
};

struct postgresql_url {
	struct postgresql_host hosts[POSTGRESQL_HOSTS];
	size_t host_count; /* at least 1 */
	char user[POSTGRESQL_NAME_MAX];
	char database[POSTGRESQL_NAME_MAX];
	char mode[16];				    /* sslmode, or empty */
	char root_certificate[POSTGRESQL_PATH_MAX]; /* sslrootcert, or empty */
	char passfile[POSTGRESQL_PATH_MAX];	    /* or empty */
};

/* postgresql_url_parse - parse a URL.  ERR_SYNTAX, ERR_LIMIT, ERR_VALUE,
 * ERR_UNSUPPORTED (a parameter of libpq's that is not taken), ERR_DENIED (a
 * password) */
int postgresql_url_parse(struct slice text, struct postgresql_url *url,
    struct diag *diag) WARN_UNUSED;

/*
 * postgresql_password - find the password of the first host in the text of a
 * passfile
 *
 * ERR_NOTFOUND: no line is for it; ERR_LIMIT: it is too long.
 */
int postgresql_password(struct slice text, const struct postgresql_url *url,
    char password[POSTGRESQL_PASSWORD_MAX]) WARN_UNUSED;

#endif
