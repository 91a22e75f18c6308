/* SPDX-License-Identifier: ISC */
/*
 * listening.c - the TCP sockets on which peers call, by the configuration
 */
#include "master/listening.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "master/binding.h"
#include "master/master.h"

/* A setting that lists sockets. */
struct listening {
	const char *setting;
	size_t offset; /* in struct conf_mta */
	bool tls;
	bool proxy;
};

static const struct listening settings[] = {
    {"listen", offsetof(struct conf_mta, listen), false, false},
    {"listen-tls", offsetof(struct conf_mta, listen_tls), true, false},
    {"listen-proxy", offsetof(struct conf_mta, listen_proxy), false, true},
    {"listen-proxy-tls", offsetof(struct conf_mta, listen_proxy_tls), true,
	true},
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* sockets_of - find the list of a setting */
static const struct conf_endpoints *
sockets_of(const struct conf *conf, const struct listening *setting)
{
	const char *mta = (const char *)&conf->mta;

	return (const void *)(mta + setting->offset);
}

/* setting_of - find the setting that names a socket; NULL: none does any
 * more */
static const struct listening *
setting_of(const struct conf *conf, const char *socket)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (binding_is_among(sockets_of(conf, &settings[i]), socket))
			return &settings[i];
	return NULL;
}

/* listening_is - tell whether a setting says on which sockets, or to whom,
 * x400in listens */
bool
listening_is(const char *setting)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].setting, setting) == 0)
			return true;
	return strcmp(setting, "proxy-from") == 0;
}

/* listening_check - refuse more sockets than a service may have */
int
listening_check(
    const struct master *master, const struct conf *conf, struct diag *diag)
{
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS; i++)
		count += sockets_of(conf, &settings[i])->count;
	return count <= SERVICE_LISTEN_MAX
	    ? 0
	    : diag_set(diag, ERR_LIMIT, "%s: mta: listen: more than %d",
		  master->conf_path, SERVICE_LISTEN_MAX);
}

/* listening_bind - bind the sockets that service does not have yet */
int
listening_bind(const struct service *service, struct service *spare,
    const struct conf *conf, uint64_t patience, struct diag *diag)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < SETTINGS; i++)
		error = binding_tcp(service, spare,
		    sockets_of(conf, &settings[i]), patience, diag);
	return error;
}

/* listening_mark - note of each socket of a service which setting names it */
void
listening_mark(struct service *service, const struct conf *conf)
{
	for (unsigned i = 0; i < service->listener_count; i++) {
		struct service_listener *listener = &service->listeners[i];
		const struct listening *setting =
		    setting_of(conf, listener->name);

		listener->tls = setting != NULL && setting->tls;
		listener->proxy = setting != NULL && setting->proxy;
	}
}

/* listening_swap - take over the new sockets, close those that went */
void
listening_swap(
    struct service *service, struct service *spare, const struct conf *conf)
{
	struct service_listener *listener;
	unsigned i;
	int fd;

	/* The loop runs backwards, since service_drop() closes the gap with the
	 * sockets behind. */
	for (i = service->listener_count; i-- > 0;)
		if (setting_of(conf, service->listeners[i].name) == NULL)
			service_drop(service, i);
	for (i = 0; i < spare->listener_count; i++) {
		listener = &spare->listeners[i];
		/* The copy lets the spare service be freed whole, with its own
		 * descriptors. */
		fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0 ||
		    service_listen(
			service, fd, listener->name, SERVICE_TCP, NULL) != 0)
			LOG_EVENT(EVENT_UNEXPECTED,
			    LOG_STRING("listen", listener->name));
	}
	listening_mark(service, conf);
}
