/* SPDX-License-Identifier: ISC */
/*
 * mixer_sockets_test.c - where a gateway listens for LMTP, to whom, and to how
 * many
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lmtp_suite.h"
#include "tests/system/mail_peer.h"
#include "tests/unit/test.h"

/* A connection beyond lmtp-connections waits until another ends. */
START_TEST(many_connections)
{
	FILE *peers[2], *further;
	int fd;

	lmtp_suite_begin("lmtp-connections", "", "lmtp-connections = 2");
	for (int i = 0; i < 2; i++)
		peers[i] = lmtp_suite_greet();
	fd = mail_peer_connect(lmtp_port);
	(void)fclose(peers[0]);
	further = fdopen(fd, "r+");
	ck_assert_ptr_nonnull(further);
	mail_peer_hear(further, "220 ");
	mail_peer_say(further, "LHLO test", "250 ");
	lmtp_suite_send(further, "1");
	lmtp_suite_send(peers[1], "1");
	(void)fclose(further);
	(void)fclose(peers[1]);
	lmtp_suite_end();
}
END_TEST

/* try_local - connect to a local socket; -1: nobody listens there */
static int
try_local(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	(void)strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
	    0)
		return fd;
	(void)close(fd);
	return -1;
}

/* reload - have the suite take a configuration: the exit status */
static int
reload(const char *settings)
{
	lmtp_suite_configure("", settings);
	return suite_tool(&lmtp_suite, NULL, "x4ctl", "reload", NULL);
}

/* A path is one of ours with the mode and group that are configured; reload
 * adds and removes sockets, and touches nothing that is none of ours. */
START_TEST(sockets)
{
	const struct group *group = getgrgid(getgid());
	char path[SUITE_PATH + 16], other[SUITE_PATH + 16], local[1024],
	    both[1024], wrong[1024];
	struct stat st;
	FILE *peer;
	int fd;

	ck_assert_ptr_nonnull(group);
	lmtp_suite_prepare("lmtp-sockets");
	(void)snprintf(path, sizeof(path), "%s/lmtp", suite_directory());
	(void)snprintf(other, sizeof(other), "%s/file", suite_directory());
	suite_write(other, "x", 1);
	(void)snprintf(local, sizeof(local),
	    "listen-lmtp = \"%s\" lmtp-group = \"%s\"", path, group->gr_name);
	(void)snprintf(both, sizeof(both),
	    "listen-lmtp = {\"%s\", \"127.0.0.1:%u\"} lmtp-group = \"%s\"",
	    path, lmtp_port, group->gr_name);
	(void)snprintf(wrong, sizeof(wrong),
	    "listen-lmtp = {\"%s\", \"%s\"} lmtp-group = \"%s\"", path, other,
	    group->gr_name);
	/* A socket that was left is replaced. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	{
		struct sockaddr_un address = {.sun_family = AF_UNIX};

		(void)strlcpy(address.sun_path, path, sizeof(address.sun_path));
		ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address,
				     sizeof(address)),
		    0);
	}
	(void)close(fd);
	lmtp_suite_configure("", local);
	suite_start(&lmtp_suite);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 0777, geteuid() == 0 ? 0660 : 0600);
	ck_assert_uint_eq(st.st_gid, getgid());
	fd = try_local(path);
	ck_assert_int_ge(fd, 0);
	peer = fdopen(fd, "r+");
	mail_peer_hear(peer, "220 ");
	mail_peer_say(peer, "LHLO test", "250 ");
	lmtp_suite_send(peer, "1");
	(void)fclose(peer);
	ck_assert_int_ne(reload(wrong), 0);
	ck_assert_int_eq(lstat(other, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_int_eq(reload(both), 0);
	peer = lmtp_suite_greet();
	lmtp_suite_send(peer, "2");
	(void)fclose(peer);
	fd = try_local(path);
	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	(void)snprintf(
	    both, sizeof(both), "listen-lmtp = \"127.0.0.1:%u\"", lmtp_port);
	ck_assert_int_eq(reload(both), 0);
	ck_assert_int_ne(lstat(path, &st), 0);
	peer = lmtp_suite_greet();
	lmtp_suite_send(peer, "3");
	(void)fclose(peer);
	lmtp_suite_end();
}
END_TEST

/* enter_network - go into a network of our own, where this host has the address
 * 192.0.2.1; false: that cannot be done */
static bool
enter_network(void)
{
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0 &&
	    suite_shell(NULL,
		"ip link set lo up && ip address add 192.0.2.1/32 dev lo") == 0)
		return true;
	puts("skipped: another address needs root and ip");
	return false;
}

/* call_from_elsewhere - connect to that address; what is said at first */
static void
call_from_elsewhere(char line[256])
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons(lmtp_port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *peer;

	ck_assert_int_eq(inet_pton(AF_INET, "192.0.2.1", &address.sin_addr), 1);
	ck_assert_int_eq(
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	peer = fdopen(fd, "r");
	ck_assert_ptr_nonnull(peer);
	if (fgets(line, 256, peer) == NULL)
		line[0] = '\0';
	(void)fclose(peer);
}

/* From outside of this host and of lmtp-from nobody is served. */
START_TEST(strangers)
{
	char settings[256], line[256];

	if (!enter_network())
		return;
	for (int welcome = 0; welcome < 2; welcome++) {
		lmtp_suite_prepare(welcome ? "lmtp-welcome" : "lmtp-stranger");
		(void)snprintf(settings, sizeof(settings),
		    "listen-lmtp = {\"0.0.0.0:%u\"} lmtp-from = {\"%s\"}",
		    lmtp_port, welcome ? "192.0.2.0/24" : "198.51.100.1");
		lmtp_suite_configure("", settings);
		suite_start(&lmtp_suite);
		call_from_elsewhere(line);
		ck_assert_int_eq(strncmp(line, "220 ", 4) == 0, welcome);
		if (!welcome)
			lmtp_suite_await_event(20387);
		(void)fclose(lmtp_suite_greet());
		lmtp_suite_end();
	}
}
END_TEST

TEST_MAIN("system/mixer_sockets", TEST_LONG(strangers, 60);
	  TEST_LONG(many_connections, 60); TEST_LONG(sockets, 60))
