/* SPDX-License-Identifier: ISC */
/*
 * caller.c - a program at the socket of an application, for tests
 */
#include "tests/system/caller.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define LINE_MAX_ 65536

/* caller_path - compose the path of a socket in a suite's run directory */
const char *
caller_path(const struct suite *suite, const char *socket)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "run/%s", socket);
	return suite_path(suite, name);
}

/* caller_try - connect and read the greeting */
bool
caller_try(struct caller *caller, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	json_t *greeting;
	int version;

	ck_assert_uint_lt(
	    strlcpy(address.sun_path, path, sizeof(address.sun_path)),
	    sizeof(address.sun_path));
	caller->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(caller->fd, 0);
	if (connect(caller->fd, (struct sockaddr *)&address, sizeof(address)) <
	    0) {
		int error = errno;

		(void)close(caller->fd);
		errno = error;
		return false;
	}
	caller->file = fdopen(caller->fd, "r");
	ck_assert_ptr_nonnull(caller->file);
	greeting = caller_hear(caller);
	if (greeting == NULL) {
		caller_close(caller);
		errno = ECONNRESET;
		return false;
	}
	version =
	    (int)json_integer_value(json_object_get(greeting, "fourpost"));
	json_decref(greeting);
	ck_assert_int_eq(version, 1);
	return true;
}

/* caller_open - connect and read the greeting */
void
caller_open(
    struct caller *caller, const struct suite *suite, const char *socket)
{
	ck_assert_msg(caller_try(caller, caller_path(suite, socket)),
	    "no connection to %s: %s", socket, strerror(errno));
}

/* caller_close - close the connection */
void
caller_close(struct caller *caller)
{
	(void)fclose(caller->file);
	*caller = (struct caller){.fd = -1};
}

/* caller_send - send octets */
bool
caller_send(const struct caller *caller, const void *octets, size_t len)
{
	const char *at = octets;

	while (len > 0) {
		ssize_t n = send(caller->fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* say - send a line */
static void
say(const struct caller *caller, const char *fmt, va_list ap)
{
	static char line[LINE_MAX_];
	int len = vsnprintf(line, sizeof(line) - 1, fmt, ap);

	ck_assert_int_lt(len, (int)sizeof(line) - 1);
	line[len] = '\n';
	ck_assert(caller_send(caller, line, (size_t)len + 1));
}

/* caller_say - send a line */
void
caller_say(const struct caller *caller, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(caller, fmt, ap);
	va_end(ap);
}

/* caller_hear - read the answer that comes next */
json_t *
caller_hear(struct caller *caller)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, caller->file);
	json_t *answer = NULL;

	if (len > 0) {
		answer = json_loadb(line, (size_t)len, 0, NULL);
		ck_assert_msg(answer != NULL, "no JSON: %s", line);
	}
	free(line);
	return answer;
}

/* caller_octets - read octets that follow an answer */
void
caller_octets(struct caller *caller, void *octets, size_t len)
{
	ck_assert_uint_eq(fread(octets, 1, len, caller->file), len);
}

/* hear_whether - read an answer that says that all is well, or not */
static json_t *
hear_whether(struct caller *caller, bool well)
{
	json_t *answer = caller_hear(caller);

	ck_assert_msg(answer != NULL, "the connection has ended");
	ck_assert_msg(json_is_true(json_object_get(answer, "ok")) == well, "%s",
	    json_dumps(answer, 0));
	return answer;
}

/* caller_ask - send a line and read an answer that says that all is well */
json_t *
caller_ask(struct caller *caller, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(caller, fmt, ap);
	va_end(ap);
	return hear_whether(caller, true);
}

/* caller_refused - send a line whose answer is this error */
void
caller_refused(struct caller *caller, const char *error, const char *field,
    const char *fmt, ...)
{
	json_t *answer;
	va_list ap;

	va_start(ap, fmt);
	say(caller, fmt, ap);
	va_end(ap);
	answer = hear_whether(caller, false);
	ck_assert_str_eq(
	    json_string_value(json_object_get(answer, "error")), error);
	if (field != NULL)
		ck_assert_str_eq(
		    json_string_value(json_object_get(answer, "field")), field);
	json_decref(answer);
}

/* caller_next - claim the next object */
int64_t
caller_next(struct caller *caller, json_t **object)
{
	json_t *answer =
	    caller_ask(caller, "{\"op\":\"next\",\"wait\":%d}", 60);
	json_t *given = json_object_get(answer, "object");
	int64_t octets = json_integer_value(
	    json_object_get(json_object_get(given, "content"), "octets"));
	int64_t id = json_integer_value(json_object_get(given, "id"));
	char *content = malloc((size_t)octets + 1);

	ck_assert_msg(json_is_object(given), "no object");
	ck_assert_ptr_nonnull(content);
	caller_octets(caller, content, (size_t)octets);
	free(content);
	if (object != NULL)
		*object = json_incref(given);
	json_decref(answer);
	return id;
}

/* caller_begin - start a suite with an application that has a socket */
void
caller_begin(struct suite *suite, const char *test, const char *more)
{
	char sections[1024];

	suite_begin(test);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  socket = \"edi\"\n"
	    "  address-space = {\"" CALLER_EDI "\"} %s\n}\n",
	    more);
	suite_configure(suite, "a", CALLER_DOMAIN, "", sections);
	suite_start(suite);
}

/* caller_end - stop the suite, of which nothing is left in the queue */
void
caller_end(const struct suite *suite)
{
	suite_wait_empty(suite, 20);
	suite_stop(suite);
	suite_end();
}

/* caller_integer - get a member that is an integer */
int64_t
caller_integer(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	ck_assert_msg(json_is_integer(value), "no %s", member);
	return json_integer_value(value);
}

/* caller_submit - submit an object under a key: its id */
int64_t
caller_submit(struct caller *caller, const char *key)
{
	json_t *answer = caller_ask(caller,
	    "{\"op\":\"submit\",\"tag\":\"t\",\"object\":{\"kind\":"
	    "\"message\",\"originator\":\"" CALLER_EDI ";S=M\",\"key\":\"%s\","
	    "\"recipients\":[{\"address\":\"" CALLER_EDI ";S=B\"}],"
	    "\"ipm\":{\"subject\":\"Test\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}}",
	    key);
	int64_t id = caller_integer(answer, "id");

	ck_assert_str_eq(
	    json_string_value(json_object_get(answer, "tag")), "t");
	json_decref(answer);
	return id;
}

/* caller_done - answer for an object, which must be taken */
void
caller_done(struct caller *caller, int64_t id)
{
	json_decref(caller_ask(caller, CALLER_DONE, (long long)id));
}

/* caller_nothing - ask for an object, and there must be none */
void
caller_nothing(struct caller *caller)
{
	json_t *answer = caller_ask(caller, "{\"op\":\"next\"%s}", "");

	ck_assert(json_is_null(json_object_get(answer, "object")));
	json_decref(answer);
}

/* caller_over - check that the connection has ended */
void
caller_over(struct caller *caller)
{
	ck_assert_ptr_null(caller_hear(caller));
	caller_close(caller);
}
