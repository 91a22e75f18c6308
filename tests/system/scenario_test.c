/* SPDX-License-Identifier: ISC */
/*
 * scenario_test.c - the first line of one command names cause and cure
 *
 * What goes wrong on an administrator's days, each thing staged with a suite of
 * its own until one command's first line says what is wrong and what helps.
 * problems_test.c has those that x4ctl status tells besides.
 */
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

#define FROM	"C=DE;A=VIAT;P=HERE;S=Ann"
#define TO	"C=YY;A=far;S=Dupont"
#define NOWHERE "C=ZZ;A=none;S=Nobody"

static struct suite here, far;
static struct load_sink sink;

/* A scenario: what is staged, what is asked, what the first line has. */
struct scenario {
	const char *name;
	bool (*stage)(const struct scenario *); /* false: skipped */
	const char *with;			/* for the stage */
	const char *command; /* %s: the number of the message that waits */
	const char *cause, *cure;
};

/* start_link - start a suite with the link "far" to an address */
static void
start_link(const char *address, const char *mta, const char *settings)
{
	char sections[2048] = "", more[512], all[128];

	(void)snprintf(more, sizeof(more),
	    "open-timeout = 2 recovery-timeout = 0 %s", settings);
	load_link_at(sections, sizeof(sections), "far", address, more);
	(void)snprintf(all, sizeof(all), "tracking-days = 1 %s", mta);
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", all, sections);
	suite_start(&here);
}

/* address_of - write a port of loopback as an address; one buffer */
static const char *
address_of(uint16_t port)
{
	static char address[32];

	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	return address;
}

/* send_to - submit a message */
static void
send_to(const char *to)
{
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4send", "-f", FROM, "-t", to, NULL), 0);
}

/* peer_down - let nobody listen where the link calls */
static bool
peer_down(const struct scenario *scenario)
{
	(void)scenario;
	start_link(address_of(suite_free_port()), "", "");
	send_to(TO);
	return true;
}

/* peer_with - let the peer do what it does, or with a password that is not
 * what we think */
static bool
peer_with(const struct scenario *scenario)
{
	load_sink(&sink, "far", 0, "-M", scenario->with, NULL);
	start_link(address_of(sink.port), "", "");
	send_to(TO);
	return true;
}

/* peer_password - let the peer show another password than we expect */
static bool
peer_password(const struct scenario *scenario)
{
	load_sink(&sink, "far", 0, "-w", scenario->with, NULL);
	start_link(address_of(sink.port), "", "");
	send_to(TO);
	return true;
}

/* no_such_host - let the link call a name that does not exist */
static bool
no_such_host(const struct scenario *scenario)
{
	start_link(scenario->with, "", "");
	send_to(TO);
	return true;
}

/* listen_on - listen on a port of loopback; 0: a free one */
static int
listen_on(uint16_t *port, int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(*port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* firewall - let the link call where nothing answers: a listener that has no
 * room left drops what comes, as a firewall does */
static bool
firewall(const struct scenario *scenario)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint16_t port = 0;

	(void)scenario;
	(void)listen_on(&port, 0);
	address.sin_port = htons(port);
	for (int i = 0; i < 8; i++) {
		int fd = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		ck_assert_int_ge(fd, 0);
		(void)!connect(
		    fd, (struct sockaddr *)&address, sizeof(address));
	}
	start_link(address_of(port), "", "");
	send_to(TO);
	return true;
}

/* no_route - send where nobody serves */
static bool
no_route(const struct scenario *scenario)
{
	start_link(address_of(suite_free_port()), "", "");
	send_to(scenario->with);
	return true;
}

/* two_that_loop - let two suites think that the other serves an address */
static bool
two_that_loop(const struct scenario *scenario)
{
	char sections[1024];
	uint16_t port = suite_free_port();

	here.port = suite_free_port();
	(void)snprintf(sections, sizeof(sections),
	    "link \"here\" { remote-mta = \"MTA-h\" remote-password = "
	    "\"secret-h\" address = {\"127.0.0.1:%u\"} "
	    "address-space = {\"C=DE\", \"C=ZZ\"} }\n",
	    here.port);
	far.port = port;
	suite_configure(&far, "far", "C=YY;A=far", "", sections);
	suite_start(&far);
	(void)snprintf(sections, sizeof(sections),
	    "link \"far\" { remote-mta = \"MTA-far\" remote-password = "
	    "\"secret-far\" address = {\"127.0.0.1:%u\"} "
	    "address-space = {\"C=YY\", \"C=ZZ\"} }\n",
	    port);
	suite_configure(
	    &here, "h", "C=DE;A=VIAT;P=HERE", "tracking-days = 1", sections);
	suite_start(&here);
	/* The other sends; the route from here leads back to it. */
	ck_assert_int_eq(suite_tool(&far, NULL, "x4send", "-f",
			     "C=YY;A=far;S=Bob", "-t", scenario->with, NULL),
	    0);
	return true;
}

/* small_disk - have the state directory on a disk with less room than the
 * suite wants to have left */
static bool
small_disk(const struct scenario *scenario)
{
	const struct passwd *user = getpwnam(SUITE_USER);
	char sections[1024] = "", path[SUITE_PATH + 16];

	load_link_at(sections, sizeof(sections), "far", "127.0.0.1:1", "");
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", sections);
	(void)snprintf(path, sizeof(path), "%s/state", here.directory);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (geteuid() != 0 || user == NULL || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("disk", path, "tmpfs", 0, scenario->with) != 0) {
		puts("skipped: no file system of our own");
		return false;
	}
	ck_assert_int_eq(chown(path, user->pw_uid, user->pw_gid), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	suite_start(&here);
	return true;
}

/* backlog - fill the share of a link that is down */
static bool
backlog(const struct scenario *scenario)
{
	int status = 0;

	start_link(address_of(suite_free_port()), scenario->with, "");
	for (int i = 0; i < 20 && status == 0; i++)
		status = suite_shell(NULL,
		    "head -c 700000 /dev/zero | tr '\\0' x | fold -w 70 | "
		    "%s/bin/x4send -c %s -f '" FROM "' -t '" TO
		    "' >/dev/null 2>&1",
		    suite_build(), here.conf);
	ck_assert_int_ne(status, 0);
	return true;
}

/* start_postoffice - start a suite with a postoffice in the directory "po",
 * whose map says this */
static void
start_postoffice(const char *map)
{
	char sections[2048], path[SUITE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/map", suite_directory());
	suite_write(path, map, strlen(map));
	ck_assert_int_eq(chmod(path, 0644), 0);
	(void)snprintf(sections, sizeof(sections),
	    "msmail \"po1\" { postoffice = \"%s/po\" network = \"ACME\" "
	    "name = \"PO1\" directory = \"%s\" "
	    "address-space = {\"C=DE;A=VIAT;P=HERE;O=PO1\"} }\n",
	    suite_directory(), path);
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", sections);
	suite_start(&here);
}

#define MAP "C=DE;A=VIAT;P=HERE;O=PO1;S=Ann = ACME/PO1/ANN\n"

/* not_mounted - let the directory of a postoffice be empty */
static bool
not_mounted(const struct scenario *scenario)
{
	char path[SUITE_PATH + 32];

	(void)scenario;
	(void)snprintf(path, sizeof(path), "%s/po", suite_directory());
	ck_assert_int_eq(mkdir(path, 0755), 0);
	suite_give(path);
	start_postoffice(MAP);
	return true;
}

/* bad_letter - put a file that means nothing into P1 */
static bool
bad_letter(const struct scenario *scenario)
{
	char path[SUITE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/po", suite_directory());
	postoffice_make(path);
	start_postoffice(MAP);
	(void)snprintf(path, sizeof(path), "%s/po/P1/A", suite_directory());
	suite_write(path, scenario->with, strlen(scenario->with));
	ck_assert_int_eq(chmod(path, 0644), 0);
	return true;
}

/* bad_map - put a map in place that is wrong, as many editors do */
static bool
bad_map(const struct scenario *scenario)
{
	char path[SUITE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/po", suite_directory());
	postoffice_make(path);
	start_postoffice(MAP);
	(void)snprintf(path, sizeof(path), "%s/map", suite_directory());
	suite_write(path, scenario->with, strlen(scenario->with));
	ck_assert_int_eq(chmod(path, 0644), 0);
	return true;
}

/* qmgr_killed - kill the queue manager */
static bool
qmgr_killed(const struct scenario *scenario)
{
	(void)scenario;
	start_link(address_of(suite_free_port()), "", "");
	ck_assert_int_eq(kill(suite_pid(&here, "qmgr"), SIGKILL), 0);
	return true;
}

/* has_worker - tell whether a worker of the link is at work */
static bool
has_worker(void *arg)
{
	pid_t *pid = arg;

	*pid = suite_pid(&here, "x400out/far#1");
	return *pid != 0;
}

/* worker_stopped - stop a worker within a transfer; the watchdog's second is
 * short */
static bool
worker_stopped(const struct scenario *scenario)
{
	pid_t pid = 0;

	load_sink(&sink, "far", 0, "-M", scenario->with, NULL);
	setenv("FOURPOST_TICK_MS", "50", 1);
	start_link(address_of(sink.port), "", "");
	unsetenv("FOURPOST_TICK_MS");
	send_to(TO);
	suite_wait("a worker", 10, has_worker, &pid);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	return true;
}

/* port_taken - let another process have the port */
static bool
port_taken(const struct scenario *scenario)
{
	char sections[1024] = "";
	uint16_t port = 0;

	(void)scenario;
	(void)listen_on(&port, 1);
	here.port = port;
	load_link_at(sections, sizeof(sections), "far", "127.0.0.1:1", "");
	suite_configure(&here, "h", "C=DE;A=VIAT;P=HERE", "", sections);
	return true;
}

/* bad_edit - put a setting into the configuration that does not exist */
static bool
bad_edit(const struct scenario *scenario)
{
	size_t length;
	char *text, *whole;

	start_link(address_of(suite_free_port()), "", "");
	text = suite_read(here.conf, &length);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_gt(asprintf(&whole, "%s%s", scenario->with, text), 0);
	suite_write(here.conf, whole, strlen(whole));
	if (geteuid() == 0)
		ck_assert_int_eq(chmod(here.conf, 0600), 0);
	free(whole);
	free(text);
	return true;
}

/* arrives - let a message arrive */
static bool
arrives(const struct scenario *scenario)
{
	(void)scenario;
	load_sink(&sink, "far", 0, NULL);
	start_link(address_of(sink.port), "", "");
	send_to(TO);
	return true;
}

/* returned - have a message that waits returned */
static bool
returned(const struct scenario *scenario)
{
	(void)peer_down(scenario);
	ck_assert_int_eq(
	    suite_tool(&here, NULL, "x4queue", "return", "--all", NULL), 0);
	return true;
}

#define STATUS "x4ctl status"
#define WHERE  "x4track --to dupont --since today"
#define NOBODY "x4track --to nobody"

static const struct scenario rows[] = {
    {"peer is down", peer_down, NULL, STATUS,
	"far fails: network: ", "-> x4ping far"},
    {"peer refuses our password", peer_with, "refuse-bind", STATUS,
	"far fails: bind: refused: authentication error", "-> x4ping far"},
    {"peer shows another password", peer_password, "another", STATUS,
	"its password is not remote-password", "-> x4ping far"},
    {"selector is wrong", peer_with, "refuse-transport", STATUS,
	"far fails: transport: ", "-> x4ping far"},
    {"host name is wrong", no_such_host, "no.such.host.invalid:102", STATUS,
	"far fails: name: no.such.host.invalid", "-> x4ping far"},
    {"firewall drops", firewall, NULL, STATUS,
	"far fails: network: ", "-> x4ping far"},
    {"peer accepts TCP alone", peer_with, "black-hole", STATUS,
	"far fails: transport: ", "-> x4ping far"},
    {"peer stops in a transfer", peer_with, "stall:data", "x4queue why %s",
	" octets after ", "-> x4ping far"},
    {"peer refuses one", peer_with, "except=0", "x4queue why %s",
	"the peer raised an exception: ", "it is tried again in"},
    {"nobody serves the address", no_route, NOWHERE, NOBODY, "failed",
	"-> x4conf route"},
    {"two MTAs loop", two_that_loop, NOWHERE, NOBODY,
	"failed, the only route leads back", "-> x4conf route"},
    {"disk is low", small_disk, "size=60m", STATUS, "the disk of ",
	"-> df -h "},
    {"disk of the peer is low", peer_with, "except=1", STATUS,
	"far takes nothing, ", "-> x4queue -l far"},
    {"share of a link is full", backlog, "queue-size = \"16M\"", STATUS,
	"far is not up, and what waits for it has its share", "-> x4ping far"},
    {"postoffice is not mounted", not_mounted, NULL, STATUS,
	"no file of postoffice po1 is taken: ", "-> ls "},
    {"file is bad", bad_letter, "SUBJEKT:x\r\n", STATUS,
	"1 file of postoffice po1 was set aside, the last one A: ",
	"-> x4queue aside po1"},
    {"map is wrong", bad_map, "nonsense\n", STATUS,
	"the map of postoffice po1 is wrong: ", "-> x4conf check"},
    {"queue manager was killed", qmgr_killed, NULL, STATUS,
	"qmgr: signal 9 (Killed)", "-> tail "},
    {"worker hangs", worker_stopped, "stall:data", STATUS, "no progress",
	"-> tail "},
    {"port is taken", port_taken, NULL, "x4ctl start",
	"bind: Address already in use", "ss -ltnp"},
    {"reload of what is wrong", bad_edit, "nonsense { }\n", "x4ctl reload",
	"fourpost.conf:1: nonsense: ", ""},
    {"where is my message", arrives, NULL, WHERE, "] transferred", ""},
    {"where is what waits", peer_down, NULL, WHERE, "] queued",
	"-> x4queue why 1"},
    {"who returned it", returned, NULL, WHERE,
	"] failed, returned by an administrator", ", by uid "},
    {"who sends most", arrives, NULL, "x4track stats sender", "S=Ann", ""},
};

/* The first line of a command, until it is what is wanted. */
struct asked {
	const struct scenario *scenario;
	char line[2048];
};

/* waiting_id - get the number of the one message in the queue, or 0 */
static long long
waiting_id(void)
{
	json_t *list = suite_rows(&here, "x4queue", "-j", NULL);
	long long id = json_array_size(list) == 0
	    ? 0
	    : (long long)json_integer_value(
		  json_object_get(json_array_get(list, 0), "id"));

	json_decref(list);
	return id;
}

/* is_said - tell whether the first line has cause and cure */
static bool
is_said(void *arg)
{
	struct asked *asked = arg;
	const struct scenario *scenario = asked->scenario;
	char command[256], *output, id[24], *at;
	const char *line;

	(void)snprintf(command, sizeof(command), "%s", scenario->command);
	at = strstr(command, "%s");
	if (at != NULL) {
		(void)snprintf(id, sizeof(id), "%lld", waiting_id());
		*at = '\0';
		(void)strlcat(command, id, sizeof(command));
	}
	(void)suite_shell(&output, "%s/bin/%.*s -c %s%s 2>&1", suite_build(),
	    (int)strcspn(command, " "), command, here.conf,
	    command + strcspn(command, " "));
	/* A table begins with its titles. */
	line = output;
	if (strstr(scenario->command, " stats ") != NULL)
		line += strcspn(line, "\n");
	line += *line == '\n';
	(void)snprintf(asked->line, sizeof(asked->line), "%.*s",
	    (int)strcspn(line, "\n"), line);
	free(output);
	return strstr(asked->line, scenario->cause) != NULL &&
	    strstr(asked->line, scenario->cure) != NULL;
}

START_TEST(first_line)
{
	struct asked asked = {.scenario = &rows[_i]};

	suite_begin("scenario");
	if (rows[_i].stage(&rows[_i])) {
		suite_wait(rows[_i].name, 10, is_said, &asked);
		if (access(suite_path(&here, "run/master.pid"), F_OK) == 0)
			suite_stop(&here);
	}
	if (far.conf[0] != '\0')
		suite_stop(&far);
	if (rows[_i].stage == small_disk)
		(void)umount2(suite_path(&here, "state"), MNT_DETACH);
	if (sink.pid != 0)
		load_sink_stop(&sink);
	suite_end();
}
END_TEST

TEST_MAIN("system/scenario",
    TEST_LOOP_LONG(first_line, sizeof(rows) / sizeof(rows[0]), 60))
