/* SPDX-License-Identifier: ISC */
/*
 * postgresql_url_test.c - the URL of a database, and its password
 */
#include "postgresql/postgresql_url.h"

#include "tests/unit/test.h"

static struct postgresql_url url;

/* parse - parse a URL, which must be right */
static void
parse(const char *text)
{
	struct diag diag = {0};

	ck_assert_msg(
	    postgresql_url_parse(slice_of_string(text), &url, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
}

/* refuses - check that a URL is refused with an error, and what is said has a
 * word in it */
static void
refuses(const char *text, int error, const char *word)
{
	struct diag diag = {0};

	ck_assert_int_eq(
	    postgresql_url_parse(slice_of_string(text), &url, &diag), error);
	ck_assert_msg(strstr(diag_text(&diag), word) != NULL, "%s: %s", text,
	    diag_text(&diag));
}

START_TEST(parts)
{
	parse("postgresql://jo%40x@db.example:5433/acme%20mail");
	ck_assert_str_eq(url.user, "jo@x");
	ck_assert_str_eq(url.database, "acme mail");
	ck_assert_uint_eq(url.host_count, 1);
	ck_assert_str_eq(url.hosts[0].name, "db.example");
	ck_assert_str_eq(url.hosts[0].port, "5433");
	ck_assert_str_eq(url.passfile, "");
	parse("postgres://u@[::1]:1,10.0.0.2,db3:9/d?passfile=/etc/p%2Fq"
	      "&sslmode=verify-full&sslrootcert=/etc/ca.pem");
	ck_assert_uint_eq(url.host_count, 3);
	ck_assert_str_eq(url.hosts[0].name, "::1");
	ck_assert_str_eq(url.hosts[0].port, "1");
	ck_assert_str_eq(url.hosts[1].name, "10.0.0.2");
	ck_assert_str_eq(url.hosts[1].port, "5432");
	ck_assert_str_eq(url.hosts[2].port, "9");
	ck_assert_str_eq(url.passfile, "/etc/p/q");
	ck_assert_str_eq(url.mode, "verify-full");
	ck_assert_str_eq(url.root_certificate, "/etc/ca.pem");
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *text;
		int error;
		const char *word;
	} cases[] = {
	    {"mysql://u@h/d", ERR_SYNTAX, "postgresql://"},
	    {"postgresql://h/d", ERR_SYNTAX, "no user"},
	    {"postgresql://@h/d", ERR_SYNTAX, "no user"},
	    {"postgresql://u@h", ERR_SYNTAX, "no database"},
	    {"postgresql://u@h/", ERR_SYNTAX, "no database"},
	    {"postgresql://u@/d", ERR_SYNTAX, "no host"},
	    {"postgresql://u@h,/d", ERR_SYNTAX, "no host"},
	    {"postgresql://u@[::1/d", ERR_SYNTAX, "]"},
	    {"postgresql://u@[::1]x/d", ERR_SYNTAX, "]"},
	    {"postgresql://u:secret@h/d", ERR_DENIED, "passfile"},
	    {"postgresql://u:@h/d", ERR_DENIED, "passfile"},
	    {"postgresql://u@h/d?password=x", ERR_DENIED, "passfile"},
	    {"postgresql://u@%2Frun%2Fpg/d", ERR_UNSUPPORTED, "local socket"},
	    {"postgresql://u@h/d?service=x", ERR_UNSUPPORTED, "passfile"},
	    {"postgresql://u@h/d?sslmode", ERR_SYNTAX, "NAME=VALUE"},
	    {"postgresql://u@h/d?sslmode=maybe", ERR_VALUE, "verify-full"},
	    {"postgresql://u@h/d?sslmode=verify-ca", ERR_VALUE, "sslrootcert"},
	    {"postgresql://u@h/d?sslrootcert=/ca", ERR_VALUE, "verify-full"},
	    {"postgresql://u@h/d?sslrootcert=/ca&sslmode=prefer", ERR_VALUE,
		"verify-full"},
	    {"postgresql://u@h/d?passfile=p", ERR_VALUE, "passfile"},
	    {"postgresql://u@h:0/d", ERR_VALUE, "port"},
	    {"postgresql://u@h:65536/d", ERR_VALUE, "port"},
	    {"postgresql://u@h:1x/d", ERR_VALUE, "port"},
	    {"postgresql://u%4@h/d", ERR_SYNTAX, "digits"},
	    {"postgresql://u%00@h/d", ERR_SYNTAX, "digits"},
	    {"postgresql://u%0a@h/d", ERR_SYNTAX, "character"},
	    {"postgresql://u@a,b,c,d,e/d", ERR_LIMIT, "hosts"},
	};
	char text[POSTGRESQL_NAME_MAX + 64] = "postgresql://";

	url.host_count = 7;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i].text, cases[i].error, cases[i].word);
	memset(text + strlen(text), 'u', POSTGRESQL_NAME_MAX);
	strlcat(text, "@h/d", sizeof(text));
	refuses(text, ERR_LIMIT, "longer");
	/* What was there stays. */
	ck_assert_uint_eq(url.host_count, 7);
}
END_TEST

/* finds - check which password is found for a URL in a passfile; NULL: none */
static void
finds(const char *address, const char *file, const char *password)
{
	char found[POSTGRESQL_PASSWORD_MAX] = "?";
	int rc;

	parse(address);
	rc = postgresql_password(slice_of_string(file), &url, found);
	ck_assert_int_eq(rc, password == NULL ? ERR_NOTFOUND : 0);
	ck_assert_str_eq(found, password == NULL ? "?" : password);
}

START_TEST(passwords)
{
	const char *any = "postgresql://u@h/d";
	char line[POSTGRESQL_PASSWORD_MAX + 64] = "*:*:*:*:", found[1024];

	finds(any, "", NULL);
	finds(any, "#h:5432:d:u:no\n\nh:5432:d:u:yes\nh:5432:d:u:late", "yes");
	finds(any, "h:5433:d:u:no\nx:*:*:*:no\n*:*:d:u:yes\r\n", "yes");
	finds(any, "*:*:*:*:a\\:b\\\\c d\n", "a:b\\c d");
	finds(any, "h:5432:d:u\nhh:5432:d:u:no\nh:5432:d:*x:no", NULL);
	finds("postgresql://u@[::1]/d", "\\:\\:1:5432:d:u:six", "six");
	finds(any, "h:5432:d:u:", "");
	memset(line + strlen(line), 'p', POSTGRESQL_PASSWORD_MAX);
	ck_assert_int_eq(
	    postgresql_password(slice_of_string(line), &url, found), ERR_LIMIT);
}
END_TEST

TEST_MAIN("postgresql/postgresql_url", TEST(parts); TEST(refused);
	  TEST(passwords))
