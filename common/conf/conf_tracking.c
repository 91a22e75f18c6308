/* SPDX-License-Identifier: ISC */
/*
 * conf_tracking.c - the database that tracking of many machines is in
 */
#include "conf/conf_tracking.h"

#include "conf/conf_secret.h"

#define PASSFILE_MAX ((size_t)256 * 1024)

/* conf_tracking_url - parse tracking-database */
int
conf_tracking_url(
    const struct conf_mta *mta, struct postgresql_url *url, struct diag *diag)
{
	url->host_count = 0;
	if (mta->tracking_database == NULL || *mta->tracking_database == '\0')
		return 0;
	return postgresql_url_parse(
	    slice_of_string(mta->tracking_database), url, diag);
}

/* conf_tracking_password - find the password in the passfile of the URL */
int
conf_tracking_password(const struct postgresql_url *url,
    char password[POSTGRESQL_PASSWORD_MAX], struct diag *diag)
{
	struct arena arena;
	struct slice text;
	int r;

	password[0] = '\0';
	if (url->passfile[0] == '\0')
		return 0;
	arena_init(&arena, PASSFILE_MAX);
	r = conf_secret_load(url->passfile, CONF_PRIVATE, &arena, &text, diag);
	if (r == 0)
		r = postgresql_password(text, url, password);
	if (r == ERR_NOTFOUND)
		(void)diag_set(diag, r, "%s: no line for %s:%s:%s:%s",
		    url->passfile, url->hosts[0].name, url->hosts[0].port,
		    url->database, url->user);
	else if (r != 0)
		(void)diag_set(
		    diag, r, "%s: %s", url->passfile, error_strerror(r));
	arena_fini(&arena);
	return r;
}
