/* SPDX-License-Identifier: ISC */
/*
 * mail_ends.c - two suites with X.400 between them, and a Postfix beyond each;
 * see mail_ends.h
 */
#include "tests/system/mail_ends.h"

#include <string.h>
#include <strings.h>

#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P="

/* One end. */
struct end {
	struct suite *suite;
	struct postfix *postfix;
	const char *name, *other, *domain;
	uint16_t lmtp, other_port;
	const char *mixer, *postfix_more; /* further settings; NULL: none */
};

/* start_end - start a suite and its Postfix */
static void
start_end(const struct end *end)
{
	char sections[2048], transport[64], domain[32];

	(void)snprintf(sections, sizeof(sections),
	    "link \"%s\" {\n  remote-mta = \"MTA-%s\"\n"
	    "  remote-password = \"secret-%s\"\n"
	    "  address = {\"127.0.0.1:%u\"}\n"
	    "  address-space = {\"" DOMAIN "%s\"}\n"
	    "  open-interval = \"0.5\" transfer-interval = \"0.5\"\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.%s\"\n"
	    "  gateway-address = \"" DOMAIN "%s;O=GW\"\n"
	    "  map = {\"left.example = " DOMAIN "a;O=MAIL\", "
	    "\"right.example = " DOMAIN "b;O=MAIL\"}\n"
	    "  address-space = {\"" DOMAIN "%s;O=MAIL\", \"" DOMAIN
	    "%s;O=GW\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n"
	    "  relay = {\"127.0.0.1:%u\"}\n  %s\n}\n",
	    end->other, end->other, end->other, end->other_port, end->other,
	    end->domain, end->name, end->name, end->name, end->lmtp,
	    end->postfix->port, end->mixer != NULL ? end->mixer : "");
	(void)snprintf(domain, sizeof(domain), DOMAIN "%s", end->name);
	suite_configure(end->suite, end->name, domain, "", sections);
	/* Mail of any other domain goes to the gateway. */
	(void)snprintf(transport, sizeof(transport),
	    "* lmtp:inet:127.0.0.1:%u\n%s virtual\n", end->lmtp, end->domain);
	postfix_configure(end->postfix, end->domain, end->domain, transport,
	    end->postfix_more != NULL ? end->postfix_more : "");
	suite_start(end->suite);
	postfix_start(end->postfix);
}

void
mail_ends_start(struct mail_ends *ends)
{
	struct end a = {.suite = &ends->a,
	    .postfix = &ends->left,
	    .name = "a",
	    .other = "b",
	    .domain = "left.example",
	    .postfix_more = ends->left_more};
	struct end b = {.suite = &ends->b,
	    .postfix = &ends->right,
	    .name = "b",
	    .other = "a",
	    .domain = "right.example",
	    .mixer = ends->right_mixer,
	    .postfix_more = ends->right_more};

	a.lmtp = ends->lmtp_a = suite_free_port();
	b.lmtp = ends->lmtp_b = suite_free_port();
	b.other_port = ends->a.port = suite_free_port();
	a.other_port = ends->b.port = suite_free_port();
	ends->left.port = suite_free_port();
	ends->right.port = suite_free_port();
	start_end(&a);
	start_end(&b);
}

bool
mail_ends_begin(struct mail_ends *ends, const char *test)
{
	if (!postfix_here())
		return false;
	suite_begin(test);
	mail_ends_start(ends);
	return true;
}

void
mail_ends_end(struct mail_ends *ends)
{
	suite_wait_empty(&ends->a, 30);
	suite_wait_empty(&ends->b, 30);
	if (ends->left.master != 0)
		postfix_stop(&ends->left);
	if (ends->right.master != 0)
		postfix_stop(&ends->right);
	suite_stop(&ends->a);
	suite_stop(&ends->b);
	suite_end();
}

/* unfold - copy a value up to its end, without its folds */
static char *
unfold(const char *value)
{
	char *text = strdup(value), *to = text;

	ck_assert_ptr_nonnull(text);
	value += strspn(value, " \t\r\n");
	for (const char *c = value; *c != '\0'; c++)
		if (*c == '\n' && c[1] != ' ' && c[1] != '\t')
			break;
		else if (*c != '\n' && *c != '\r')
			*to++ = *c == '\t' ? ' ' : *c;
	*to = '\0';
	return text;
}

char *
mail_ends_field(const char *message, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = message; line != NULL && *line != '\0';) {
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return unfold(line + len + 1);
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return NULL;
}

/* show - print a message, which may be longer than what Check takes */
static void
show(const char *message)
{
	puts(message);
	(void)fflush(stdout);
}

void
mail_ends_has(const char *message, const char *text)
{
	bool is_there = strstr(message, text) != NULL;

	if (!is_there)
		show(message);
	ck_assert_msg(is_there, "no %s", text);
}

void
mail_ends_field_is(const char *message, const char *name, const char *value)
{
	char *is = mail_ends_field(message, name);
	bool same = is != NULL && strcmp(is, value) == 0;

	if (!same)
		show(message);
	ck_assert_msg(
	    same, "%s is %s, not %s", name, is == NULL ? "nothing" : is, value);
	free(is);
}

void
mail_ends_same(const char *message, const char *file)
{
	char path[SUITE_PATH + 16], *output;
	int status;

	(void)snprintf(path, sizeof(path), "%s/received", suite_directory());
	suite_write(path, message, strlen(message));
	status = suite_shell(
	    &output, "tests/system/mail_parts.py '%s' '%s' 2>&1", file, path);
	if (status != 0)
		show(message);
	ck_assert_msg(status == 0, "%s: %s", file, output);
	free(output);
}
