/* SPDX-License-Identifier: ISC */
/*
 * guard.h - who may see what: Host, tokens, cookies
 *
 * The local socket is for whom its group lets in.  A port can be reached by
 * every local user and every page in a browser: there a token is shown, as
 * "Authorization: Bearer", or a cookie that was given for one.  By either door
 * the header Host must name an address, localhost or host-name, so that a name
 * of somebody else which leads to us (DNS rebinding) is refused.
 */
#ifndef FOURPOST_CONSOLE_GUARD_H
#define FOURPOST_CONSOLE_GUARD_H

#include <stdbool.h>

#include "conf/conf.h"

#define GUARD_COOKIE	 "fourpost"
#define GUARD_COOKIE_LEN 64 /* hexadecimal digits of its value */
#define GUARD_SESSIONS	 64 /* beyond, the one used longest ago ends */
#define GUARD_SESSION_MS ((uint64_t)12 * 60 * 60 * 1000) /* unused */

enum guard_door {
	GUARD_LOCAL,
	GUARD_TCP
};

/* How much is asked for. */
enum guard_want {
	GUARD_PUBLIC,  /* nothing of the suite: style, login */
	GUARD_METRICS, /* the token for metrics will do */
	GUARD_ALL
};

enum guard_answer {
	GUARD_ALLOWED,
	GUARD_WRONG_HOST,
	GUARD_NO_TOKEN,
	GUARD_WRONG_TOKEN
};

/* The headers that matter; NULL: not there. */
struct guard_headers {
	const char *host, *authorization, *cookie;
};

struct guard_session {
	char cookie[GUARD_COOKIE_LEN + 1]; /* empty: free */
	uint64_t used;			   /* monotonic ms */
};

struct guard {
	const struct conf_console *conf; /* borrowed */
	struct guard_session sessions[GUARD_SESSIONS];
};

/* guard_check - tell whether a request may have what it wants */
enum guard_answer guard_check(struct guard *guard, enum guard_door door,
    enum guard_want want, const struct guard_headers *headers);

/* guard_login - give a cookie for the right token: its value, or NULL */
const char *guard_login(struct guard *guard, struct slice token);

/* guard_logout - make the cookie of a request worthless */
void guard_logout(struct guard *guard, const struct guard_headers *headers);

#endif
