/* SPDX-License-Identifier: ISC */
/*
 * postgresql_url.c - the URL of a database of PostgreSQL, and its password
 */
#include "postgresql/postgresql_url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DEFAULT "5432"

/* split - take what stands before a character off the front of a text, and the
 * character with it: whether it was there */
static bool
split(struct slice *text, char at, struct slice *before)
{
	const uint8_t *end =
	    text->len == 0 ? NULL : memchr(text->data, at, text->len);
	size_t len = end == NULL ? text->len : (size_t)(end - text->data);

	*before = slice_of(text->data, len);
	if (end == NULL) {
		*text = slice_of(NULL, 0);
		return false;
	}
	*text = slice_of(end + 1, text->len - len - 1);
	return true;
}

/* digit_of - get the value of a hexadecimal digit, or -1 */
static int
digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* decode - decode a part of a URL into room of a size, as a string */
static int
decode(struct slice part, char *room, size_t size, const char *what,
    struct diag *diag)
{
	size_t len = 0;
	int high, low;
	uint8_t c;

	for (size_t i = 0; i < part.len; i++) {
		c = part.data[i];
		if (c == '%') {
			bool whole = part.len - i > 2;

			high = whole ? digit_of(part.data[i + 1]) : -1;
			low = whole ? digit_of(part.data[i + 2]) : -1;
			if (high < 0 || low < 0 || high + low == 0)
				return diag_set(diag, ERR_SYNTAX,
				    "%s: %% without two digits", what);
			c = (uint8_t)(high * 16 + low);
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return diag_set(diag, ERR_SYNTAX,
			    "%s: a character that cannot be there", what);
		if (len + 1 >= size)
			return diag_set(diag, ERR_LIMIT,
			    "%s: longer than %zu octets", what, size - 1);
		room[len++] = (char)c;
	}
	room[len] = '\0';
	return 0;
}

/* parse_user - parse what stands before the @ */
static int
parse_user(struct slice text, struct postgresql_url *url, struct diag *diag)
{
	struct slice user;

	if (split(&text, ':', &user))
		return diag_set(diag, ERR_DENIED,
		    "a password must not stand in the URL: write it into a "
		    "file, and ?passfile=FILE at the end");
	if (user.len == 0)
		return diag_set(diag, ERR_SYNTAX, "no user before the @");
	return decode(user, url->user, sizeof(url->user), "the user", diag);
}

/* parse_port - take over a port */
static int
parse_port(struct slice text, struct postgresql_host *host, struct diag *diag)
{
	char *end;
	long port;

	if (text.len == 0)
		text = slice_of_string(PORT_DEFAULT);
	if (text.len >= sizeof(host->port))
		return diag_set(diag, ERR_VALUE, "a port that is none");
	memcpy(host->port, text.data, text.len);
	host->port[text.len] = '\0';
	port = strtol(host->port, &end, 10);
	return *end == '\0' && port > 0 && port < 65536
	    ? 0
	    : diag_set(diag, ERR_VALUE, "a port that is none");
}

/* parse_host - parse one host with its port */
static int
parse_host(struct slice text, struct postgresql_host *host, struct diag *diag)
{
	struct slice name;
	int rc;

	if (text.len > 0 && text.data[0] == '[') {
		text = slice_of(text.data + 1, text.len - 1);
		if (!split(&text, ']', &name) ||
		    (text.len > 0 && text.data[0] != ':'))
			return diag_set(diag, ERR_SYNTAX, "a [ without its ]");
		if (text.len > 0)
			text = slice_of(text.data + 1, text.len - 1);
	} else
		(void)split(&text, ':', &name);
	rc = decode(name, host->name, sizeof(host->name), "the host", diag);
	if (rc == 0 && host->name[0] == '\0')
		rc = diag_set(diag, ERR_SYNTAX, "no host");
	if (rc == 0 && strpbrk(host->name, "/,@") != NULL)
		rc = diag_set(diag, ERR_UNSUPPORTED,
		    "the host is no name or address: a local socket is not "
		    "reached, 127.0.0.1 is");
	return rc != 0 ? rc : parse_port(text, host, diag);
}

/* parse_hosts - parse the list of hosts */
static int
parse_hosts(struct slice text, struct postgresql_url *url, struct diag *diag)
{
	struct slice one;
	bool more = true;
	int rc = 0;

	while (rc == 0 && more) {
		more = split(&text, ',', &one);
		if (url->host_count == POSTGRESQL_HOSTS)
			return diag_set(diag, ERR_LIMIT, "more than %d hosts",
			    POSTGRESQL_HOSTS);
		rc = parse_host(one, &url->hosts[url->host_count++], diag);
	}
	return rc;
}

/* check_mode - check that a word is one of libpq's for sslmode */
static int
check_mode(const char *mode, struct diag *diag)
{
	static const char *const modes[] = {"disable", "allow", "prefer",
	    "require", "verify-ca", "verify-full"};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i]) == 0)
			return 0;
	return diag_set(diag, ERR_VALUE,
	    "sslmode is one of disable, allow, prefer, require, verify-ca and "
	    "verify-full");
}

/* check_path - check that a file is named by its whole path */
static int
check_path(const char *path, const char *what, struct diag *diag)
{
	return path[0] == '/'
	    ? 0
	    : diag_set(diag, ERR_VALUE, "%s: begins with a /", what);
}

/* parse_parameter - parse NAME=VALUE */
static int
parse_parameter(
    struct slice text, struct postgresql_url *url, struct diag *diag)
{
	struct slice name;
	int rc;

	if (!split(&text, '=', &name) || name.len == 0)
		return diag_set(diag, ERR_SYNTAX, "a parameter is NAME=VALUE");
	if (slice_equal_string(name, "password"))
		return diag_set(diag, ERR_DENIED,
		    "a password must not stand in the URL: write it into a "
		    "file, and passfile=FILE here");
	if (slice_equal_string(name, "sslmode")) {
		rc =
		    decode(text, url->mode, sizeof(url->mode), "sslmode", diag);
		return rc != 0 ? rc : check_mode(url->mode, diag);
	}
	if (slice_equal_string(name, "passfile")) {
		rc = decode(text, url->passfile, sizeof(url->passfile),
		    "passfile", diag);
		return rc != 0 ? rc
			       : check_path(url->passfile, "passfile", diag);
	}
	if (slice_equal_string(name, "sslrootcert")) {
		rc = decode(text, url->root_certificate,
		    sizeof(url->root_certificate), "sslrootcert", diag);
		return rc != 0
		    ? rc
		    : check_path(url->root_certificate, "sslrootcert", diag);
	}
	return diag_set(diag, ERR_UNSUPPORTED,
	    "of parameters passfile, sslmode and sslrootcert are taken alone");
}

/* parse_parameters - parse the list of parameters */
static int
parse_parameters(
    struct slice text, struct postgresql_url *url, struct diag *diag)
{
	struct slice one;
	bool more = text.len > 0;
	int rc = 0;

	while (rc == 0 && more) {
		more = split(&text, '&', &one);
		rc = parse_parameter(one, url, diag);
	}
	return rc;
}

/* check_whole - check what concerns several parts */
static int
check_whole(const struct postgresql_url *url, struct diag *diag)
{
	bool verifies = strncmp(url->mode, "verify-", 7) == 0;
	bool has_root = url->root_certificate[0] != '\0';

	if (verifies && !has_root)
		return diag_set(diag, ERR_VALUE,
		    "sslmode=%s needs sslrootcert=FILE", url->mode);
	/* libpq goes on without TLS where a certificate does not fit, unless
	 * TLS is required. */
	if (has_root && !verifies && strcmp(url->mode, "require") != 0)
		return diag_set(diag, ERR_VALUE,
		    "sslrootcert is of use with sslmode=verify-full, verify-ca "
		    "or require alone");
	return 0;
}

/* take_scheme - take the scheme off the front */
static bool
take_scheme(struct slice *text)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(schemes[i]);

		if (text->len < len || memcmp(text->data, schemes[i], len) != 0)
			continue;
		*text = slice_of(text->data + len, text->len - len);
		return true;
	}
	return false;
}

/* postgresql_url_parse - parse a URL */
int
postgresql_url_parse(
    struct slice text, struct postgresql_url *url, struct diag *diag)
{
	struct postgresql_url parsed = {.host_count = 0};
	struct slice user, hosts, database;
	int rc;

	if (!take_scheme(&text))
		return diag_set(diag, ERR_SYNTAX,
		    "is postgresql://USER@HOST/DATABASE?passfile=FILE");
	if (!split(&text, '@', &user))
		return diag_set(diag, ERR_SYNTAX, "no user: USER@HOST");
	if (!split(&text, '/', &hosts))
		return diag_set(diag, ERR_SYNTAX, "no database: HOST/DATABASE");
	(void)split(&text, '?', &database);
	rc = parse_user(user, &parsed, diag);
	if (rc == 0)
		rc = parse_hosts(hosts, &parsed, diag);
	if (rc == 0 && database.len == 0)
		rc = diag_set(diag, ERR_SYNTAX, "no database: HOST/DATABASE");
	if (rc == 0)
		rc = decode(database, parsed.database, sizeof(parsed.database),
		    "the database", diag);
	if (rc == 0)
		rc = parse_parameters(text, &parsed, diag);
	if (rc == 0)
		rc = check_whole(&parsed, diag);
	if (rc == 0)
		*url = parsed;
	return rc;
}

/* take_field - take a field of a line of a passfile off its front, without its
 * backslashes: whether it is the text wanted, or stands for any */
static bool
take_field(struct slice *line, const char *wanted)
{
	size_t at = 0, len = strlen(wanted), matched = 0;
	bool any = line->len >= 1 && line->data[0] == '*' &&
	    (line->len == 1 || line->data[1] == ':');
	bool same = true;

	while (at < line->len && line->data[at] != ':') {
		if (line->data[at] == '\\' && at + 1 < line->len)
			at++;
		if (matched < len && line->data[at] == (uint8_t)wanted[matched])
			matched++;
		else
			same = false;
		at++;
	}
	if (at == line->len) {
		*line = slice_of(NULL, 0);
		return false;
	}
	*line = slice_of(line->data + at + 1, line->len - at - 1);
	return any || (same && matched == len);
}

/* take_password - copy a password without its backslashes */
static int
take_password(struct slice line, char password[POSTGRESQL_PASSWORD_MAX])
{
	size_t len = 0;

	for (size_t at = 0; at < line.len; at++) {
		if (line.data[at] == '\\' && at + 1 < line.len)
			at++;
		if (len + 1 == POSTGRESQL_PASSWORD_MAX)
			return ERR_LIMIT;
		password[len++] = (char)line.data[at];
	}
	password[len] = '\0';
	return 0;
}

/* postgresql_password - find the password of the first host in a passfile */
int
postgresql_password(struct slice text, const struct postgresql_url *url,
    char password[POSTGRESQL_PASSWORD_MAX])
{
	const char *const wanted[] = {
	    url->hosts[0].name, url->hosts[0].port, url->database, url->user};
	struct slice line;

	while (text.len > 0) {
		size_t matched = 0;

		(void)split(&text, '\n', &line);
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		while (matched < 4 && take_field(&line, wanted[matched]))
			matched++;
		if (matched == 4)
			return take_password(line, password);
	}
	return ERR_NOTFOUND;
}
