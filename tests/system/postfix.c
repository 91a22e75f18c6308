/* SPDX-License-Identifier: ISC */
/*
 * postfix.c - instances of Debian's Postfix on both ends of a gateway; see
 * postfix.h
 */
#include "tests/system/postfix.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/mail_peer.h"
#include "tests/unit/test.h"

#define TEXT_MAX 16384

/* A group that every Debian has, and the suite does not use. */
#define GROUP "sys"

/* The services that a test needs, none of them chrooted: as Debian's master.cf
 * but for that. */
static const char services[] = "pickup unix n - n 60 1 pickup\n"
			       "cleanup unix n - n - 0 cleanup\n"
			       "qmgr unix n - n 300 1 qmgr\n"
			       "tlsmgr unix - - n 1000? 1 tlsmgr\n"
			       "rewrite unix - - n - - trivial-rewrite\n"
			       "bounce unix - - n - 0 bounce\n"
			       "defer unix - - n - 0 bounce\n"
			       "trace unix - - n - 0 bounce\n"
			       "verify unix - - n - 1 verify\n"
			       "proxymap unix - - n - - proxymap\n"
			       "smtp unix - - n - - smtp\n"
			       "relay unix - - n - - smtp\n"
			       "showq unix n - n - - showq\n"
			       "error unix - - n - - error\n"
			       "retry unix - - n - - error\n"
			       "discard unix - - n - - discard\n"
			       "virtual unix - n n - - virtual\n"
			       "lmtp unix - - n - - lmtp\n"
			       "anvil unix - - n - 1 anvil\n"
			       "scache unix - - n - 1 scache\n"
			       "postlog unix-dgram n - n - 1 postlogd\n";

/* The directories of a queue that master makes no more itself. */
static const char make_queue[] =
    "cd '%s' && mkdir -p etc queue data mail && chown " POSTFIX_USER " data && "
    "cd queue && mkdir -p active bounce corrupt defer deferred flush hold "
    "incoming private saved trace maildrop public pid && "
    "chown " POSTFIX_USER ":" GROUP
    " active bounce corrupt defer deferred flush hold "
    "incoming private saved trace maildrop public && "
    "chmod 700 active bounce corrupt defer deferred flush hold incoming "
    "private saved trace && chmod 730 maildrop && chmod 710 public";

/* programs - get where the programs of Postfix begin: "" if it is installed,
 * else the directory where its package lies unpacked */
static const char *
programs(void)
{
	static char root[SUITE_PATH];

	if (access("/usr/lib/postfix/sbin/master", X_OK) == 0)
		return "";
	if (root[0] == '\0' && suite_build()[0] == '/')
		(void)snprintf(root, sizeof(root), "%s/postfix", suite_build());
	else if (root[0] == '\0') {
		char here[SUITE_PATH / 2];

		ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
		(void)snprintf(
		    root, sizeof(root), "%s/%s/postfix", here, suite_build());
	}
	return root;
}

bool
postfix_here(void)
{
	char master[SUITE_PATH + 32];

	(void)snprintf(master, sizeof(master), "%s/usr/lib/postfix/sbin/master",
	    programs());
	if (geteuid() != 0)
		puts("skipped: Postfix is started by root alone");
	else if (access(master, X_OK) != 0)
		puts("skipped: no Postfix: make postfix");
	else
		return true;
	return false;
}

/* add_file - write a file of the configuration */
static void __attribute__((format(printf, 3, 4)))
add_file(const struct postfix *postfix, const char *name, const char *fmt, ...)
{
	char path[SUITE_PATH + 32], text[TEXT_MAX];
	va_list list;
	int len;

	va_start(list, fmt);
	len = vsnprintf(text, sizeof(text), fmt, list);
	va_end(list);
	ck_assert_int_lt(len, sizeof(text));
	(void)snprintf(
	    path, sizeof(path), "%s/etc/%s", postfix->directory, name);
	suite_write(path, text, (size_t)len);
}

/* add_places - write the settings by which an instance has all in its own
 * directory, behind those of another text */
static void
add_places(const struct postfix *postfix, const char *before, const char *more)
{
	const char *d = postfix->directory, *root = programs();

	add_file(postfix, "main.cf",
	    "%scommand_directory = %s/usr/sbin\n"
	    "daemon_directory = %s/usr/lib/postfix/sbin\n"
	    "shlib_directory = %s/usr/lib/postfix\n"
	    "import_environment = MAIL_CONFIG TZ LD_PRELOAD SLOW_DISK_MS "
	    "LD_LIBRARY_PATH=%s/usr/lib/postfix\n"
	    "export_environment = MAIL_CONFIG TZ LD_PRELOAD SLOW_DISK_MS "
	    "LD_LIBRARY_PATH=%s/usr/lib/postfix\n"
	    "meta_directory = %s/etc\n"
	    "queue_directory = %s/queue\n"
	    "data_directory = %s/data\n"
	    "maillog_file = %s/log\n"
	    "maillog_file_prefixes = %s\n"
	    "mail_owner = " POSTFIX_USER "\nsetgid_group = " GROUP "\n"
	    "myhostname = mail.%s\nmydestination =\nalias_maps =\n"
	    "inet_protocols = ipv4\ninet_interfaces = 127.0.0.1\n"
	    "mynetworks = 127.0.0.0/8\n%s",
	    before, root, root, root, root, root, d, d, d, d, d,
	    postfix->domain, more);
}

/* add_main - write main.cf */
static void
add_main(const struct postfix *postfix, const char *more)
{
	const struct passwd *user = getpwnam(SUITE_NETWORK_USER);
	const char *d = postfix->directory;
	char text[TEXT_MAX / 2];

	ck_assert_ptr_nonnull(user);
	(void)snprintf(text, sizeof(text),
	    "local_recipient_maps =\nsmtpd_peername_lookup = no\n"
	    "smtpd_relay_restrictions = permit_mynetworks, reject\n"
	    "virtual_mailbox_domains = %s\n"
	    "virtual_mailbox_base = %s/mail\n"
	    "virtual_mailbox_maps = texthash:%s/etc/boxes\n"
	    "virtual_minimum_uid = 1\nvirtual_uid_maps = static:%u\n"
	    "virtual_gid_maps = static:%u\n"
	    "transport_maps = texthash:%s/etc/transport\n"
	    "queue_run_delay = 1s\nminimal_backoff_time = 1s\n"
	    "maximal_backoff_time = 2s\n%s",
	    postfix->domain, d, d, (unsigned)user->pw_uid,
	    (unsigned)user->pw_gid, d, more);
	add_places(postfix, "compatibility_level = 3.6\nbiff = no\n", text);
}

/* add_directories - make the directories of an instance */
static void
add_directories(struct postfix *postfix, const char *name, const char *domain)
{
	char mail[SUITE_PATH + 16];

	(void)strlcpy(postfix->name, name, sizeof(postfix->name));
	(void)strlcpy(postfix->domain, domain, sizeof(postfix->domain));
	(void)snprintf(postfix->directory, sizeof(postfix->directory), "%s/%s",
	    suite_directory(), name);
	ck_assert_int_eq(mkdir(postfix->directory, 0755), 0);
	ck_assert_int_eq(suite_shell(NULL, make_queue, postfix->directory), 0);
	(void)snprintf(mail, sizeof(mail), "%s/mail", postfix->directory);
	suite_give(mail);
}

void
postfix_configure(struct postfix *postfix, const char *name, const char *domain,
    const char *transport, const char *more)
{
	static const char *const users[] = {"kim", "jo", "ann", "sales"};
	char boxes[512] = "";

	add_directories(postfix, name, domain);
	add_main(postfix, more);
	add_file(postfix, "master.cf", "127.0.0.1:%u inet n - n - - smtpd\n%s",
	    postfix->port, services);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		(void)snprintf(boxes + strlen(boxes),
		    sizeof(boxes) - strlen(boxes), "%s@%s %s/\n", users[i],
		    domain, users[i]);
	add_file(postfix, "boxes", "%s", boxes);
	add_file(postfix, "transport", "later@%s retry:4.2.2 is full\n%s",
	    domain, transport);
}

void
postfix_configure_debian(
    struct postfix *postfix, const char *name, const char *domain)
{
	char *text;

	add_directories(postfix, name, domain);
	ck_assert_int_eq(
	    suite_shell(
		&text, "cat '%s/usr/share/postfix/main.cf.debian'", programs()),
	    0);
	add_places(postfix, text, "default_transport = smtp:[127.0.0.1]:1\n");
	free(text);
	/* Services of users who are not there are left out. */
	ck_assert_int_eq(suite_shell(&text,
			     "sed 's/^smtp *inet/127.0.0.1:%u inet/;"
			     "/pipe$/,$d' "
			     "'%s/usr/share/postfix/master.cf.dist'",
			     postfix->port, programs()),
	    0);
	add_file(postfix, "master.cf", "%s", text);
	free(text);
}

/* run_master - become its master, which ends with us */
static void __attribute__((noreturn)) run_master(const struct postfix *postfix)
{
	char program[SUITE_PATH + 32], directory[SUITE_PATH + 16],
	    libraries[SUITE_PATH + 32];

	(void)snprintf(program, sizeof(program),
	    "%s/usr/lib/postfix/sbin/master", programs());
	(void)snprintf(
	    directory, sizeof(directory), "%s/etc", postfix->directory);
	(void)snprintf(
	    libraries, sizeof(libraries), "%s/usr/lib/postfix", programs());
	/* A process group of its own, all of which master ends. */
	if (setsid() == -1 || setenv("MAIL_CONFIG", directory, 1) != 0 ||
	    setenv("LD_LIBRARY_PATH", libraries, 1) != 0)
		_exit(126);
	(void)execl(program, program, "-c", directory, "-d", (char *)NULL);
	_exit(127);
}

/* listens - tell whether somebody listens on a port */
static bool
listens(void *arg)
{
	char *text = suite_read_proc("/proc/net/tcp"), want[32];
	bool found;

	(void)snprintf(want, sizeof(want), ":%04X 00000000:0000 0A",
	    *(const uint16_t *)arg);
	found = text != NULL && strstr(text, want) != NULL;
	free(text);
	return found;
}

void
postfix_await_port(uint16_t port)
{
	suite_wait("Postfix to listen", 20, listens, &port);
}

/* watch - start a process that ends a master when its test is gone: a master
 * changes its users, and so loses the signal of its parent's death.  What the
 * test writes into the pipe, whose end it gets, ends the watch */
static int
watch(pid_t group)
{
	int ends[2];
	char octet;
	pid_t pid;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)close(ends[1]);
		/* Check ends the group of a test, and this with it. */
		(void)setsid();
		if (read(ends[0], &octet, 1) == 0)
			(void)kill(-group, SIGTERM);
		_exit(0);
	}
	(void)close(ends[0]);
	return ends[1];
}

void
postfix_start(struct postfix *postfix)
{
	postfix->master = fork();
	ck_assert_int_ge(postfix->master, 0);
	if (postfix->master == 0)
		run_master(postfix);
	postfix->watch = watch(postfix->master);
	postfix_await_port(postfix->port);
}

/* group_is_gone - tell whether no process of a group is left */
static bool
group_is_gone(void *arg)
{
	return kill(-*(pid_t *)arg, 0) != 0;
}

void
postfix_stop(struct postfix *postfix)
{
	pid_t group = postfix->master;

	ck_assert_int_eq(kill(-group, SIGTERM), 0);
	(void)waitpid(group, NULL, 0);
	suite_wait("Postfix to end", 20, group_is_gone, &group);
	ck_assert_int_eq(write(postfix->watch, "", 1), 1);
	(void)close(postfix->watch);
	postfix->master = 0;
}

int
postfix_tool(
    const struct postfix *postfix, char **output, const char *command, ...)
{
	char text[TEXT_MAX];
	const char *root = programs();
	va_list list;
	int len;

	va_start(list, command);
	len = vsnprintf(text, sizeof(text), command, list);
	va_end(list);
	ck_assert_int_lt(len, sizeof(text));
	return suite_shell(output,
	    "MAIL_CONFIG='%s/etc' PATH='%s/usr/sbin':$PATH "
	    "LD_LIBRARY_PATH='%s/usr/lib/postfix' %s 2>&1",
	    postfix->directory, root, root, text);
}

pid_t
postfix_spawn(const char *output, const char *command, ...)
{
	char text[TEXT_MAX], line[TEXT_MAX + 3 * SUITE_PATH];
	const char *root = programs();
	va_list list;
	pid_t pid;
	int len;

	va_start(list, command);
	len = vsnprintf(text, sizeof(text), command, list);
	va_end(list);
	ck_assert_int_lt(len, sizeof(text));
	(void)snprintf(line, sizeof(line),
	    "exec env PATH='%s/usr/sbin':$PATH "
	    "LD_LIBRARY_PATH='%s/usr/lib/postfix' %s >'%s' 2>&1",
	    root, root, text, output);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

/* say_message - write a message as SMTP wants it */
static void
say_message(FILE *peer, const char *message)
{
	while (*message != '\0') {
		size_t len = strcspn(message, "\r\n");

		if (message[0] == '.')
			(void)fputc('.', peer);
		(void)fwrite(message, 1, len, peer);
		(void)fputs("\r\n", peer);
		message += len;
		message += *message == '\r';
		message += *message == '\n';
	}
}

void
postfix_send(const struct postfix *postfix, const char *from, const char *to,
    const char *message)
{
	FILE *peer = mail_peer_call(postfix->port);
	char line[1024];

	mail_peer_say(peer, "EHLO test", "250 ");
	(void)snprintf(line, sizeof(line), "MAIL FROM:%s", from);
	mail_peer_say(peer, line, "250 ");
	(void)snprintf(line, sizeof(line), "RCPT TO:%s", to);
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	say_message(peer, message);
	mail_peer_say(peer, ".", "250 ");
	mail_peer_say(peer, "QUIT", "221 ");
	(void)fclose(peer);
}

/* A mailbox that is looked into. */
struct mailbox {
	char directory[SUITE_PATH + 64];
	char file[NAME_MAX + 1];
};

/* has_mail - find the oldest file of a mailbox */
static bool
has_mail(void *arg)
{
	struct mailbox *box = arg;
	DIR *directory = opendir(box->directory);
	const struct dirent *entry;

	box->file[0] = '\0';
	while (directory != NULL && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.' &&
		    (box->file[0] == '\0' ||
			strcmp(entry->d_name, box->file) < 0))
			(void)strlcpy(
			    box->file, entry->d_name, sizeof(box->file));
	if (directory != NULL)
		(void)closedir(directory);
	return box->file[0] != '\0';
}

char *
postfix_receive(const struct postfix *postfix, const char *user)
{
	char path[SUITE_PATH + 64 + NAME_MAX + 2], what[128];
	struct mailbox box;
	char *text;

	(void)snprintf(box.directory, sizeof(box.directory), "%s/mail/%s/new",
	    postfix->directory, user);
	(void)snprintf(
	    what, sizeof(what), "mail for %s at %s", user, postfix->domain);
	suite_wait(what, 30, has_mail, &box);
	(void)snprintf(path, sizeof(path), "%s/%s", box.directory, box.file);
	text = suite_read(path, NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(unlink(path), 0);
	return text;
}
