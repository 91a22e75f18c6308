/* SPDX-License-Identifier: ISC */
/*
 * tls_suites.c - two suites whose link requires TLS; see tls_suites.h
 */
#include "tests/system/tls_suites.h"

#include <sys/stat.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* tls_suites_file - write a file into the test's directory */
void
tls_suites_file(const char *name, const char *extension, const char *text)
{
	char path[SUITE_PATH + 64];

	snprintf(
	    path, sizeof(path), "%s/%s.%s", suite_directory(), name, extension);
	suite_write(path, text, strlen(text));
	ck_assert_int_eq(
	    chmod(path, strcmp(extension, "key") == 0 ? 0600 : 0644), 0);
}

/* tls_suites_put - write certificate and key of an entity, under a name */
void
tls_suites_put(const char *name, const struct pki_entity *entity)
{
	tls_suites_file(name, "pem", entity->certificate);
	tls_suites_file(name, "key", entity->key);
}

/* tls_suites_prepare - make authority, certificates and settings */
void
tls_suites_prepare(struct tls_suites *suites)
{
	const struct pki_wish authority = {
	    .name = "Test authority", .authority = true};
	const struct pki_wish a = {
	    .name = "MTA A", .dns = "a.test", .issuer = &suites->authority};
	const struct pki_wish b = {
	    .name = "MTA B", .dns = "b.test", .issuer = &suites->authority};
	const char *d = suite_directory();

	pki_make(&authority, &suites->authority);
	pki_make(&a, &suites->a);
	pki_make(&b, &suites->b);
	tls_suites_put("ca", &suites->authority);
	tls_suites_put("a", &suites->a);
	tls_suites_put("b", &suites->b);
	suites->pair.a_tls = suite_free_port();
	suites->pair.b_tls = suite_free_port();
	snprintf(suites->a_mta, sizeof(suites->a_mta),
	    "  listen-tls = {\"127.0.0.1:%u\"}\n"
	    "  tls-certificate-file = \"%s/a.pem\"\n"
	    "  tls-key-file = \"%s/a.key\"\n  tls-ca-file = \"%s/ca.pem\"\n",
	    suites->pair.a_tls, d, d, d);
	snprintf(suites->b_mta, sizeof(suites->b_mta),
	    "  listen-tls = {\"127.0.0.1:%u\"}\n"
	    "  tls-certificate-file = \"%s/b.pem\"\n"
	    "  tls-key-file = \"%s/b.key\"\n  tls-ca-file = \"%s/ca.pem\"\n",
	    suites->pair.b_tls, d, d, d);
	snprintf(suites->a_link, sizeof(suites->a_link),
	    "  tls = \"require\" tls-name = \"b.test\"\n");
	snprintf(suites->b_link, sizeof(suites->b_link),
	    "  tls = \"require\" tls-name = \"a.test\"\n");
	suites->pair.a_mta = suites->a_mta;
	suites->pair.b_mta = suites->b_mta;
}

/* tls_suites_start - start both, with further settings of their links */
void
tls_suites_start(struct tls_suites *suites, enum pair_way way, const char *link)
{
	char a[1024], b[1024];

	snprintf(a, sizeof(a), "%s%s", suites->a_link, link);
	snprintf(b, sizeof(b), "%s%s", suites->b_link, link);
	pair_start_as(&suites->pair, way, a, b);
}

/* tls_suites_stop - stop both, check the queues, free all */
void
tls_suites_stop(struct tls_suites *suites)
{
	pair_stop(&suites->pair);
	pair_check(&suites->pair);
	pki_free(&suites->authority);
	pki_free(&suites->a);
	pki_free(&suites->b);
}

/* tls_suites_logged - count the lines of a log that an expression matches */
unsigned long
tls_suites_logged(const struct suite *suite, const char *what)
{
	char *output;
	unsigned long count;

	(void)suite_shell(
	    &output, "grep -c '%s' '%s/state/log'", what, suite->directory);
	count = strtoul(output, NULL, 10);
	free(output);
	return count;
}

struct awaited {
	const struct suite *suite;
	const char *what;
};

/* is_logged - tell whether a line of the log matches */
static bool
is_logged(void *arg)
{
	const struct awaited *awaited = arg;

	return tls_suites_logged(awaited->suite, awaited->what) > 0;
}

/* tls_suites_wait_logged - wait until a line of the log matches */
void
tls_suites_wait_logged(const struct suite *suite, const char *what)
{
	struct awaited awaited = {suite, what};

	suite_wait(what, 60, is_logged, &awaited);
}
