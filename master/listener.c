/* SPDX-License-Identifier: ISC */
/*
 * listener.c - the listening sockets, TCP and local, which master holds
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/slice.h"
#include "master/listener.h"

#define BACKLOG_TCP   128
#define BACKLOG_LOCAL 512 /* connections wait here while qmgr starts */
#define RETRY_MS      50

/* listener_refuse - note what failed on which socket, and close it */
static int
listener_refuse(int fd, const char *what, const char *name, struct diag *diag)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	diag_set(diag, ERR_IO, "%s: %s: %s", name, what, strerror(saved));
	errno = saved;
	return ERR_IO;
}

/* listen_tcp - bind and listen on an address, once */
static int
listen_tcp(const struct addrinfo *info, const char *name, struct diag *diag)
{
	int fd, one = 1, zero = 0;

	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    IPPROTO_TCP);
	if (fd < 0)
		return listener_refuse(fd, "socket", name, diag);
	/* Without SO_REUSEADDR connections of the last run in TIME_WAIT would
	 * keep the port for minutes. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    (info->ai_family == AF_INET6 &&
		setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) != 0))
		return listener_refuse(fd, "setsockopt", name, diag);
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0)
		return listener_refuse(fd, "bind", name, diag);
	if (listen(fd, BACKLOG_TCP) != 0)
		return listener_refuse(fd, "listen", name, diag);
	return fd;
}

/* pause_briefly - give a leftover time to let go */
static void
pause_briefly(void)
{
	struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};

	(void)nanosleep(&pause, NULL);
}

/* listener_tcp - listen on a numeric address: a descriptor */
int
listener_tcp(
    const char *host, uint16_t port, uint64_t patience_ms, struct diag *diag)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM};
	struct addrinfo *info;
	uint64_t deadline = clock_after(patience_ms);
	struct diag last;
	char service[8], name[80];
	int fd, error;

	(void)snprintf(service, sizeof(service), "%u", port);
	(void)snprintf(name, sizeof(name), "listen %s port %u", host, port);
	error = getaddrinfo(host, service, &hints, &info);
	if (error != 0)
		return diag_set(
		    diag, ERR_VALUE, "%s: %s", name, gai_strerror(error));
	/* Only a port in use is worth patience: the worker that still holds it
	 * is on its way out, and every other error will stay. */
	for (;;) {
		last = (struct diag){0};
		fd = listen_tcp(info, name, &last);
		if (fd >= 0 || errno != EADDRINUSE ||
		    clock_monotonic() >= deadline)
			break;
		pause_briefly();
	}
	freeaddrinfo(info);
	/* The address "::" means all addresses; a kernel without IPv6 has only
	 * those of IPv4. */
	if (fd < 0 && errno == EAFNOSUPPORT && strcmp(host, "::") == 0)
		return listener_tcp("0.0.0.0", port, patience_ms, diag);
	if (fd < 0)
		diag_set(diag, last.code,
		    errno == EADDRINUSE
			? "%s; ss -ltnp shows which process listens there"
			: "%s",
		    last.text);
	return fd;
}

/* clear_place - remove a socket that a master before us left there */
static int
clear_place(const char *path, struct diag *diag)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT
		    ? 0
		    : listener_refuse(-1, "stat", path, diag);
	/* Only a socket is removed: a path in the configuration that names a
	 * file by mistake must not cost that file. */
	if (!S_ISSOCK(st.st_mode))
		return diag_set(
		    diag, ERR_EXISTS, "%s is there and is no socket", path);
	if (unlink(path) != 0)
		return listener_refuse(-1, "unlink", path, diag);
	return 0;
}

/* bind_with_mode - make a socket's name with its mode at once: a name could be
 * another file when its mode is changed later */
static int
bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
	mode_t before = umask(0777 & ~mode);
	int result =
	    bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int saved = errno;

	(void)umask(before);
	errno = saved;
	return result;
}

/* is_ours - tell whether a file is a socket that has no other name, and that we
 * have made */
static bool
is_ours(const struct stat *st)
{
	return S_ISSOCK(st->st_mode) && st->st_uid == geteuid() &&
	    st->st_nlink == 1;
}

/* set_mode - set the mode of an open path, unless it was made with it */
static int
set_mode(int fd, const struct stat *st, mode_t mode)
{
	char link[32];

	if ((st->st_mode & 0777) == mode)
		return 0;
	/* fchmod takes no descriptor of a path. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return chmod(link, mode);
}

/* listener_give - set owner, group and mode of a local socket of ours */
int
listener_give(
    const char *path, const struct listener_access *access, struct diag *diag)
{
	/* In a directory of somebody else the name could be changed to that of
	 * another file between two looks at it. */
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return listener_refuse(fd, "open", path, diag);
	if (!is_ours(&st)) {
		(void)close(fd);
		return diag_set(
		    diag, ERR_EXISTS, "%s: is no socket of ours", path);
	}
	if (set_mode(fd, &st, access->mode) != 0 ||
	    fchownat(fd, "", access->user, access->group, AT_EMPTY_PATH) != 0)
		return listener_refuse(fd, "chown", path, diag);
	(void)close(fd);
	return 0;
}

/* listener_local - listen on a local socket at path: a descriptor */
int
listener_local(
    const char *path, const struct listener_access *access, struct diag *diag)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, error;

	if (len >= sizeof(address.sun_path))
		return diag_set(diag, ERR_LIMIT,
		    "%s: longer than the %zu octets of a socket's name", path,
		    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, len + 1);
	error = clear_place(path, diag);
	if (error != 0)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return listener_refuse(fd, "socket", path, diag);
	if (bind_with_mode(fd, &address, access->mode) != 0)
		return listener_refuse(fd, "bind", path, diag);
	/* The owner is changed before listen(): until then connecting fails,
	 * so there is no moment at which others could. */
	error = listener_give(path, access, diag);
	if (error != 0) {
		(void)close(fd);
		return error;
	}
	if (listen(fd, BACKLOG_LOCAL) != 0)
		return listener_refuse(fd, "listen", path, diag);
	return fd;
}

/* is_live - tell whether a process listens on a local socket */
static bool
is_live(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool live;

	if (fd < 0)
		return false;
	(void)strlcpy(address.sun_path, path, sizeof(address.sun_path));
	live = connect(fd, (const struct sockaddr *)&address,
		   sizeof(address)) == 0 ||
	    errno == EAGAIN || errno == EACCES;
	(void)close(fd);
	return live;
}

/* listener_path - listen on a local socket in a directory of somebody else */
int
listener_path(const char *path, const struct listener_access *access,
    uint64_t patience_ms, struct diag *diag)
{
	uint64_t deadline = clock_after(patience_ms);

	while (is_live(path)) {
		if (clock_monotonic() >= deadline)
			return diag_set(diag, ERR_EXISTS,
			    "%s: another process listens there", path);
		pause_briefly();
	}
	return listener_local(path, access, diag);
}
