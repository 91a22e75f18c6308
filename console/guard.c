/* SPDX-License-Identifier: ISC */
/*
 * guard.c - who may see what: Host, tokens, cookies
 */
#include "console/guard.h"

#include <sys/random.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define HOST_MAX 256

/* is_equal - compare secrets in a time that tells nothing of them */
static bool
is_equal(struct slice a, struct slice b)
{
	uint8_t difference = 0;

	if (a.len != b.len || a.len == 0)
		return false;
	for (size_t i = 0; i < a.len; i++)
		difference |= a.data[i] ^ b.data[i];
	return difference == 0;
}

/* is_address - tell whether a host is a numeric address */
static bool
is_address(const char *host)
{
	uint8_t octets[16];

	return inet_pton(AF_INET, host, octets) == 1 ||
	    inet_pton(AF_INET6, host, octets) == 1;
}

/* split_host - copy the host of "host:port" or "[v6]:port", without brackets */
static bool
split_host(const char *text, char host[HOST_MAX])
{
	size_t len = strcspn(text, ":");

	if (*text == '[') {
		text++;
		len = strcspn(text, "]");
		if (text[len] != ']')
			return false;
	}
	if (len == 0 || len >= HOST_MAX)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return true;
}

/* is_ours - tell whether Host names us */
static bool
is_ours(const struct guard *guard, const char *text)
{
	char host[HOST_MAX];

	/* HTTP 1.0 has no such header, and no browser speaks that. */
	if (text == NULL)
		return true;
	return split_host(text, host) &&
	    (is_address(host) || strcasecmp(host, "localhost") == 0 ||
		(*guard->conf->host_name != '\0' &&
		    strcasecmp(host, guard->conf->host_name) == 0));
}

/* bearer - get the token of the header Authorization */
static struct slice
bearer(const char *authorization)
{
	if (authorization == NULL ||
	    strncasecmp(authorization, "Bearer ", 7) != 0)
		return slice_of(NULL, 0);
	return slice_of_string(authorization + 7);
}

/* cookie - find our cookie in the header Cookie */
static struct slice
cookie(const char *header)
{
	size_t len = strlen(GUARD_COOKIE);

	while (header != NULL && *header != '\0') {
		header += strspn(header, "; ");
		if (strncmp(header, GUARD_COOKIE "=", len + 1) == 0)
			return slice_of(
			    header + len + 1, strcspn(header + len + 1, "; "));
		header += strcspn(header, ";");
	}
	return slice_of(NULL, 0);
}

/* find_session - find the session of a cookie, or NULL */
static struct guard_session *
find_session(struct guard *guard, const struct guard_headers *headers)
{
	struct slice value = cookie(headers->cookie);
	uint64_t now = clock_monotonic();

	for (size_t i = 0; i < GUARD_SESSIONS; i++) {
		struct guard_session *session = &guard->sessions[i];

		if (session->cookie[0] != '\0' &&
		    now - session->used < GUARD_SESSION_MS &&
		    is_equal(slice_of_string(session->cookie), value))
			return session;
	}
	return NULL;
}

/* guard_check - tell whether a request may have what it wants */
enum guard_answer
guard_check(struct guard *guard, enum guard_door door, enum guard_want want,
    const struct guard_headers *headers)
{
	struct slice token = bearer(headers->authorization);
	struct guard_session *session;

	if (!is_ours(guard, headers->host))
		return GUARD_WRONG_HOST;
	if (door == GUARD_LOCAL || want == GUARD_PUBLIC)
		return GUARD_ALLOWED;
	if (is_equal(guard->conf->token, token) ||
	    (want == GUARD_METRICS &&
		is_equal(guard->conf->metrics_token, token)))
		return GUARD_ALLOWED;
	session = find_session(guard, headers);
	if (session != NULL) {
		session->used = clock_monotonic();
		return GUARD_ALLOWED;
	}
	return token.len > 0 ? GUARD_WRONG_TOKEN : GUARD_NO_TOKEN;
}

/* guard_login - give a cookie for the right token */
const char *
guard_login(struct guard *guard, struct slice token)
{
	struct guard_session *session = &guard->sessions[0];
	uint8_t octets[GUARD_COOKIE_LEN / 2];

	if (!is_equal(guard->conf->token, token) ||
	    getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets))
		return NULL;
	for (size_t i = 1; i < GUARD_SESSIONS; i++)
		if (guard->sessions[i].used < session->used)
			session = &guard->sessions[i];
	for (size_t i = 0; i < sizeof(octets); i++)
		(void)snprintf(session->cookie + 2 * i, 3, "%02x", octets[i]);
	session->used = clock_monotonic();
	return session->cookie;
}

/* guard_logout - make the cookie of a request worthless */
void
guard_logout(struct guard *guard, const struct guard_headers *headers)
{
	struct guard_session *session = find_session(guard, headers);

	if (session != NULL)
		*session = (struct guard_session){0};
}
