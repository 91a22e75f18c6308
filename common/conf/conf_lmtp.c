/* SPDX-License-Identifier: ISC */
/*
 * conf_lmtp.c - check where a gateway takes messages by LMTP, and from whom
 *
 * Whoever may connect is believed who a message is from: so that is this host,
 * a group of its users, or networks that are named.
 */
#include "conf/conf_lmtp.h"

#include <string.h>

#include <sys/un.h>

#include "conf/conf_endpoint.h"

#define PATH_LENGTH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

/* check_path - check the path of a local socket */
static const char *
check_path(const char *path)
{
	size_t len = strlen(path);

	if (len > PATH_LENGTH_MAX)
		return "a path longer than the name of a socket may be";
	if (len < 2 || path[len - 1] == '/' || strstr(path, "//") != NULL ||
	    strstr(path, "/../") != NULL || strstr(path, "/./") != NULL)
		return "a path that is no whole one";
	return NULL;
}

/* check_endpoint - check one place to listen on */
static const char *
check_endpoint(const struct conf_mixer *mixer, const struct conf_endpoint *one)
{
	if (conf_endpoint_is_path(one))
		return check_path(one->host);
	/* Without a port it is that of X.400. */
	if (one->port == CONF_ENDPOINT_PORT)
		return "a port is needed, and 102 is that of X.400";
	if (!conf_endpoint_is_loopback(one) && mixer->lmtp_from.count == 0)
		return "an address that is not of loopback, and there is no "
		       "lmtp-from";
	return NULL;
}

/* conf_lmtp_check - check where a gateway listens, and to whom */
const char *
conf_lmtp_check(const struct conf_mixer *mixer, const char **setting)
{
	const struct conf_endpoints *listen = &mixer->listen_lmtp;
	bool local = false, remote = false;

	*setting = "listen-lmtp";
	for (size_t i = 0; i < listen->count; i++) {
		const struct conf_endpoint *one = &listen->items[i];
		const char *why = check_endpoint(mixer, one);

		if (why != NULL)
			return why;
		local = local || conf_endpoint_is_path(one);
		remote = remote ||
		    (!conf_endpoint_is_path(one) &&
			!conf_endpoint_is_loopback(one));
	}
	*setting = "lmtp-from";
	if (mixer->lmtp_from.count > 0 && !remote)
		return "listen-lmtp has no address to which others can connect";
	*setting = "lmtp-group";
	if (local && *mixer->lmtp_group.name == '\0')
		return "missing, and listen-lmtp has a path: nobody could "
		       "connect";
	if (!local && *mixer->lmtp_group.name != '\0')
		return "listen-lmtp has no path";
	return NULL;
}

/* conf_lmtp_shared - find a socket that another gateway has too */
const struct conf_endpoint *
conf_lmtp_shared(const struct conf_mixer *mixer, const struct conf_mixer *other)
{
	for (size_t i = 0; i < mixer->listen_lmtp.count; i++)
		for (size_t j = 0; j < other->listen_lmtp.count; j++) {
			const struct conf_endpoint *a =
			    &mixer->listen_lmtp.items[i];
			const struct conf_endpoint *b =
			    &other->listen_lmtp.items[j];

			if (a->port == b->port && strcmp(a->host, b->host) == 0)
				return a;
		}
	return NULL;
}
