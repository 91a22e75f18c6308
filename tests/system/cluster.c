/* SPDX-License-Identifier: ISC */
/*
 * cluster.c - a server of PostgreSQL of the test's own
 */
#include "tests/system/cluster.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* A user that every Debian has, and the suite does not use. */
#define OWNER "bin"

/* programs - find the directory of the server's programs; NULL: there are
 * none */
static const char *
programs(void)
{
	static char found[SUITE_PATH];
	char pattern[SUITE_PATH + 64];
	glob_t list = {0};

	(void)snprintf(pattern, sizeof(pattern),
	    "%s/postgresql/usr/lib/postgresql/*/bin", suite_build());
	(void)glob("/usr/lib/postgresql/*/bin", 0, NULL, &list);
	(void)glob(pattern, GLOB_APPEND, NULL, &list);
	for (size_t i = 0; i < list.gl_pathc && found[0] == '\0'; i++) {
		char path[SUITE_PATH];

		(void)snprintf(
		    path, sizeof(path), "%s/initdb", list.gl_pathv[i]);
		if (access(path, X_OK) == 0)
			strlcpy(found, list.gl_pathv[i], sizeof(found));
	}
	globfree(&list);
	return found[0] == '\0' ? NULL : found;
}

bool
cluster_here(void)
{
	if (programs() != NULL)
		return true;
	puts("skipped: no PostgreSQL: make postgresql");
	return false;
}

/* become_owner - become the user of the server, as the child of root */
static void
become_owner(void)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return;
	pw = getpwnam(OWNER);
	if (pw == NULL || setgroups(0, NULL) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		_exit(126);
}

/* mount_small - give the server a small disk that nobody else sees */
static void
mount_small(const struct cluster *cluster)
{
	const struct passwd *pw = getpwnam(OWNER);
	char path[SUITE_PATH + 16], options[128];

	(void)snprintf(path, sizeof(path), "%s/small", cluster->directory);
	(void)snprintf(options, sizeof(options), "size=%um,mode=700,uid=%u",
	    cluster->small, pw == NULL ? 0 : pw->pw_uid);
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", path, "tmpfs", 0, options) != 0)
		_exit(125);
}

/* spawn_program - start a program of the server, in a group of its own */
static pid_t
spawn_program(
    const struct cluster *cluster, const char *name, const char *arguments)
{
	char command[4 * SUITE_PATH];
	pid_t pid, parent = getpid();

	/* Libraries of a package that is unpacked lie beside it. */
	(void)snprintf(command, sizeof(command),
	    "cd '%s' && export LD_LIBRARY_PATH='%s/../../../fourpost' && "
	    "exec '%s/%s' -D data %s >>log 2>&1",
	    cluster->directory, programs(), programs(), name, arguments);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	(void)setsid();
	if (cluster->small > 0 && strcmp(name, "postgres") == 0)
		mount_small(cluster);
	become_owner();
	/* A change of user forgets it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (getppid() != parent)
		_exit(127);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* connect_as_admin - connect to a database as the administrator; NULL: that
 * cannot be done now */
static PGconn *
connect_as_admin(const struct cluster *cluster, const char *database)
{
	char where[128];
	PGconn *connection;

	(void)snprintf(where, sizeof(where),
	    "host=127.0.0.1 port=%u user=admin password=admin dbname=%s "
	    "connect_timeout=10",
	    cluster->port, database);
	connection = PQconnectdb(where);
	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	PQfinish(connection);
	return NULL;
}

/* run_in - run statements in a database as the administrator */
static void
run_in(const struct cluster *cluster, const char *database, const char *sql)
{
	PGconn *connection = connect_as_admin(cluster, database);
	PGresult *result;

	ck_assert_ptr_nonnull(connection);
	result = PQexec(connection, sql);
	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK ||
		PQresultStatus(result) == PGRES_TUPLES_OK,
	    "%s: %s", sql, PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
}

/* use_small - have what the role writes lie on the small disk */
static void
use_small(const struct cluster *cluster)
{
	char sql[SUITE_PATH + 64];

	(void)snprintf(sql, sizeof(sql),
	    "CREATE TABLESPACE small LOCATION '%s/small'", cluster->directory);
	run_in(cluster, "postgres", sql);
	run_in(cluster, "postgres",
	    "GRANT CREATE ON TABLESPACE small TO fourpost;"
	    "ALTER ROLE fourpost SET default_tablespace='small'");
}

/* is_up - tell whether the server takes connections */
static bool
is_up(void *arg)
{
	PGconn *connection = connect_as_admin(arg, "postgres");

	PQfinish(connection);
	return connection != NULL;
}

void
cluster_start(struct cluster *cluster)
{
	char arguments[256];

	/* Nothing of a test outlives a power cut. */
	(void)snprintf(arguments, sizeof(arguments),
	    "-p %u -c listen_addresses=127.0.0.1 -c fsync=off "
	    "-c unix_socket_directories= -c max_connections=20 -c jit=off "
	    "-c shared_buffers=16MB -c log_timezone=UTC",
	    cluster->port);
	cluster->pid = spawn_program(cluster, "postgres", arguments);
	suite_wait("the server of PostgreSQL", 30, is_up, cluster);
}

/* make_directory - make the directory of the server, and a file with the
 * password of its administrator */
static void
make_directory(const struct cluster *cluster)
{
	ck_assert_int_eq(mkdir(cluster->directory, 0700), 0);
	ck_assert_int_eq(
	    suite_shell(NULL,
		"cd '%s' && mkdir small && echo admin >password && "
		"{ [ \"$(id -u)\" != 0 ] || chown -R " OWNER
		" . && chmod 711 .. ; }",
		cluster->directory),
	    0);
}

void
cluster_make(struct cluster *cluster)
{
	int status;
	pid_t pid;

	(void)snprintf(cluster->directory, sizeof(cluster->directory),
	    "%s/cluster", suite_directory());
	cluster->port = suite_free_port();
	make_directory(cluster);
	pid = spawn_program(cluster, "initdb",
	    "-U admin -A scram-sha-256 --pwfile=password -E UTF8 --locale=C "
	    "--no-sync");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "initdb: see %s/log", cluster->directory);
	cluster_start(cluster);
	run_in(cluster, "postgres",
	    "CREATE ROLE fourpost LOGIN PASSWORD '" CLUSTER_PASSWORD "'");
	run_in(cluster, "postgres", "CREATE DATABASE fourpost OWNER fourpost");
	if (cluster->small > 0)
		use_small(cluster);
}

void
cluster_grow(const struct cluster *cluster, unsigned megabytes)
{
	ck_assert_int_eq(
	    suite_shell(NULL,
		"nsenter -t %d -m mount -o remount,size=%um '%s/small'",
		(int)cluster->pid, megabytes, cluster->directory),
	    0);
}

/* signal_all - send a signal to the server and its children, which have
 * sessions of their own */
static void
signal_all(const struct cluster *cluster, int number)
{
	char path[64], *list, *word, *rest;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)cluster->pid, (int)cluster->pid);
	list = suite_read_proc(path);
	(void)kill(cluster->pid, number);
	for (word = list == NULL ? NULL : strtok_r(list, " \n", &rest);
	     word != NULL; word = strtok_r(NULL, " \n", &rest))
		(void)kill((pid_t)strtol(word, NULL, 10), number);
	free(list);
}

void
cluster_stop(struct cluster *cluster, enum cluster_end how)
{
	int status;

	if (cluster->pid == 0)
		return;
	if (how == CLUSTER_KILLED) {
		/* A server that is stopped makes no further children. */
		signal_all(cluster, SIGSTOP);
		signal_all(cluster, SIGKILL);
	} else
		kill(cluster->pid, SIGINT);
	ck_assert_int_eq(waitpid(cluster->pid, &status, 0), cluster->pid);
	cluster->pid = 0;
}

void
cluster_freeze(const struct cluster *cluster)
{
	signal_all(cluster, SIGSTOP);
}

void
cluster_thaw(const struct cluster *cluster)
{
	signal_all(cluster, SIGCONT);
}

/* escape_password - write a password as a line of a passfile has it */
static void
escape_password(const char *password, char text[128])
{
	size_t len = 0;

	for (; *password != '\0' && len < 120; password++) {
		if (*password == ':' || *password == '\\')
			text[len++] = '\\';
		text[len++] = *password;
	}
	text[len] = '\0';
}

void
cluster_secure(
    const struct cluster *cluster, const char *certificate, const char *key)
{
	char path[SUITE_PATH + 32];

	(void)snprintf(
	    path, sizeof(path), "%s/data/server.crt", cluster->directory);
	suite_write(path, certificate, strlen(certificate));
	(void)snprintf(
	    path, sizeof(path), "%s/data/server.key", cluster->directory);
	suite_write(path, key, strlen(key));
	ck_assert_int_eq(
	    suite_shell(NULL,
		"cd '%s/data' && chmod 600 server.key && echo 'ssl = on' "
		">>postgresql.conf && { [ \"$(id -u)\" != 0 ] || "
		"chown " OWNER " server.*; }",
		cluster->directory),
	    0);
}

void
cluster_setting(const struct cluster *cluster, const char *password,
    const char *parameters, char *text, size_t size)
{
	char line[256], path[SUITE_PATH + 32], escaped[128];
	int len;

	escape_password(password, escaped);
	(void)snprintf(path, sizeof(path), "%s/passfile", suite_directory());
	len = snprintf(line, sizeof(line),
	    "# of the test\nelsewhere:*:*:*:x\n*:%u:*:fourpost:%s\n",
	    cluster->port, escaped);
	suite_write(path, line, (size_t)len);
	ck_assert_int_eq(chmod(path, 0600), 0);
	(void)snprintf(text, size,
	    "tracking-database = \"postgresql://fourpost@localhost:%u/fourpost"
	    "?passfile=%s&%s\"\n",
	    cluster->port, path, parameters);
}

void
cluster_run(const struct cluster *cluster, const char *sql)
{
	run_in(cluster, "fourpost", sql);
}

int64_t
cluster_number(const struct cluster *cluster, const char *sql)
{
	PGconn *connection = connect_as_admin(cluster, "fourpost");
	PGresult *result;
	int64_t number = -1;

	if (connection == NULL)
		return -1;
	result = PQexec(connection, sql);
	if (PQresultStatus(result) == PGRES_TUPLES_OK &&
	    PQntuples(result) > 0 && PQgetisnull(result, 0, 0) == 0)
		number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	PQfinish(connection);
	return number;
}

void
cluster_copy(const struct cluster *cluster, const char *sql, const char *lines)
{
	PGconn *connection = connect_as_admin(cluster, "fourpost");

	ck_assert_ptr_nonnull(connection);
	PQclear(PQexec(connection, sql));
	ck_assert_int_eq(
	    PQputCopyData(connection, lines, (int)strlen(lines)), 1);
	ck_assert_int_eq(PQputCopyEnd(connection, NULL), 1);
	PQclear(PQgetResult(connection));
	PQfinish(connection);
}

void
cluster_end(struct cluster *cluster)
{
	if (cluster->pid != 0)
		signal_all(cluster, SIGCONT);
	cluster_stop(cluster, CLUSTER_KILLED);
	(void)suite_shell(NULL, "rm -rf '%s'", cluster->directory);
}
