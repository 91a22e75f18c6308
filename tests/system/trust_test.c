/* SPDX-License-Identifier: ISC */
/*
 * trust_test.c - who is no worker of the suite is none, whatever it says
 *
 * A process of the suite's own user, which may connect to every socket and
 * even put one of its own in the place of a worker's, speaks the records of
 * each role: a bind with the right password, a transfer, a submission.  All
 * are refused and logged, nothing is taken, no password is looked at, and mail
 * passes as before.  As root: which user and group may do what at all.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/channel.h"
#include "mhs/p1.h"
#include "tests/system/postoffice.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define TO_PO  "C=DE;A=VIAT;P=TRUST;O=PO;S=Bob"
#define TO_FAR "C=FR;A=ATLAS;S=Dupont"
#define BOX    "ACME/PO/BOB"

/* A user of nobody's, in no group but the one that is given. */
#define STRANGER 54321

static struct suite tested;

/* start - start a suite with a link to nowhere and a postoffice */
static void
start(const char *test, const char *mta)
{
	char sections[2048];

	suite_begin(test);
	snprintf(tested.directory, sizeof(tested.directory), "%s/t",
	    suite_directory());
	ck_assert_int_eq(mkdir(tested.directory, 0755), 0);
	postoffice_make(suite_path(&tested, "po"));
	suite_write(suite_path(&tested, "map"), TO_PO " = " BOX "\n",
	    strlen(TO_PO " = " BOX "\n"));
	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\"\n"
	    "  address = {\"127.0.0.1:%u\"} open-interval = \"0.1\"\n"
	    "  open-retries = 1000000 address-space = {\"C=FR;A=ATLAS\"}\n}\n"
	    "msmail \"po\" {\n  postoffice = \"%s\" network = \"ACME\"\n"
	    "  name = \"PO\" directory = \"%s\"\n"
	    "  address-space = {\"C=DE;A=VIAT;P=TRUST;O=PO\"}\n}\n",
	    suite_free_port(), suite_path(&tested, "po"),
	    suite_path(&tested, "map"));
	suite_configure(&tested, "t", "C=DE;A=VIAT;P=TRUST", mta, sections);
	suite_start(&tested);
}

/* log_has - tell whether the suite's log holds a text */
static bool
log_has(const char *text)
{
	char *log = suite_read(suite_path(&tested, "state/log"), NULL);
	bool found = log != NULL && strstr(log, text) != NULL;

	free(log);
	return found;
}

/* Whom the log has to call a stranger, and why. */
struct refusal {
	const char *as, *why;
};

/* is_logged - tell whether a line says that a stranger was refused so */
static bool
is_logged(void *arg)
{
	const struct refusal *refusal = arg;
	char *log = suite_read(suite_path(&tested, "state/log"), NULL), *line,
	     *rest;
	bool found = false;

	ck_assert_ptr_nonnull(log);
	for (line = strtok_r(log, "\n", &rest); line != NULL && !found;
	     line = strtok_r(NULL, "\n", &rest))
		found = strstr(line, " 20110 ") != NULL &&
		    strstr(line, refusal->as) != NULL &&
		    strstr(line, refusal->why) != NULL;
	free(log);
	return found;
}

/* wait_refused - wait until the log says that a stranger was refused */
static void
wait_refused(const char *as, const char *why)
{
	struct refusal refusal = {as, why};

	suite_wait(as, 30, is_logged, &refusal);
}

/* has_delivered - tell whether OUT has as many files */
static bool
has_delivered(void *count)
{
	return suite_count_files(suite_path(&tested, "po/OUT")) ==
	    *(const size_t *)count;
}

/* check_mail_passes - fail unless a message still gets to the postoffice */
static void
check_mail_passes(size_t count)
{
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f", TO_PO, "-t",
			     TO_PO, "--body", suite_path(&tested, "map"), NULL),
	    0);
	suite_wait("a message delivered", 60, has_delivered, &count);
}

/* make_envelope - write a message to the postoffice, as a transfer has it */
static void
make_envelope(struct buffer *out)
{
	static struct p1_recipient recipient;
	struct p1_envelope e;
	struct arena arena;
	struct diag diag = {0};

	arena_init(&arena, 1 << 20);
	p1_init(&e, MTS_MESSAGE);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=FR;A=ATLAS"),
			     &arena, &e.identifier.domain, &diag),
	    0);
	e.identifier.local = slice_of_string("forged");
	ck_assert_int_eq(or_address_parse(slice_of_string(TO_PO), &arena,
			     &e.originator.address, &diag),
	    0);
	e.content_type.built_in = P1_CONTENT_P22;
	recipient.name = e.originator;
	recipient.number = 1;
	recipient.explicit_conversion = -1;
	recipient.indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT;
	e.recipients = &recipient;
	e.recipient_count = 1;
	ck_assert_int_eq(p1_trace_append(&e, &arena, &e.identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	buffer_init(out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, out), 0);
	arena_fini(&arena);
}

/* say - append a record to what a stranger sends */
static void
say(struct ipc_channel *channel, struct ipc_record record)
{
	ck_assert_int_eq(ipc_channel_send(channel, &record), 0);
}

/* say_submission - hand a whole message in */
static void
say_submission(struct ipc_channel *channel, enum ipc_origin origin)
{
	struct buffer envelope;
	struct slice octets;

	make_envelope(&envelope);
	octets = buffer_slice(&envelope);
	say(channel,
	    (struct ipc_record){.type = IPC_SUBMIT_START,
		.submit_start = {.submit = 1,
		    .origin = origin,
		    .envelope_length = octets.len,
		    .session = origin == IPC_TRANSFER ? 1 : 0,
		    .activity = 1}});
	say(channel,
	    (struct ipc_record){
		.type = IPC_SUBMIT_DATA, .submit_data = {1, octets}});
	say(channel,
	    (struct ipc_record){
		.type = IPC_SUBMIT_END, .submit_end = {.submit = 1}});
	buffer_fini(&envelope);
}

/* What a stranger says after hello. */
enum speech {
	SAYS_BIND,
	SAYS_TRANSFER,
	SAYS_SUBMISSION,
	SPEECHES
};

/* introduce - say hello as a worker, and go on as one */
static void
introduce(struct ipc_channel *channel, enum ipc_role role, const char *name,
    int64_t pid, enum speech speech)
{
	const struct ipc_hello hello = {
	    .role = role, .name = slice_of_string(name), .pid = pid};

	ck_assert_int_eq(ipc_channel_introduce(channel, &hello), 0);
	if (speech == SAYS_BIND)
		say(channel,
		    (struct ipc_record){.type = IPC_BIND_CHECK,
			.bind_check = {.authenticated = true,
			    .name = slice_of_string("MTA-FAR"),
			    .password = slice_of_string("secret-far"),
			    .address = slice_of_string("127.0.0.1:1")}});
	else
		say_submission(channel,
		    speech == SAYS_TRANSFER ? IPC_TRANSFER : IPC_SUBMISSION);
	/* A channel that was refused at once may be closed already. */
	(void)!ipc_channel_flush(channel);
}

/* check_unheard - fail unless qmgr closes without a word */
static void
check_unheard(struct ipc_channel *channel, enum ipc_role role)
{
	struct ipc_record record;
	struct diag diag = {0};
	struct pollfd pfd = {.fd = channel->fd, .events = POLLIN};
	int rc;

	do {
		ck_assert_int_eq(poll(&pfd, 1, 30000), 1);
		rc = ipc_channel_fill(channel);
		ck_assert_msg(ipc_channel_take(channel, &record, &diag) == 0,
		    "%s was answered", ipc_role_name(role));
	} while (rc == 0 || rc == ERR_AGAIN);
	ipc_channel_fini(channel);
}

static const struct {
	enum ipc_role role;
	const char *name;
} roles[] = {{IPC_ROLE_X400IN, ""}, {IPC_ROLE_MSMI_IN, "po"},
    {IPC_ROLE_REPORTER, "far"}, {IPC_ROLE_X400OUT, "far"},
    {IPC_ROLE_MSMI_OUT, "po"}, {IPC_ROLE_TOOL, "x4send"},
    {IPC_ROLE_MASTER, "master"}, {IPC_ROLE_QMGR, "qmgr"}};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

/* try_one - say one thing as one role */
static void
try_one(
    struct ipc_channel *channel, const char *socket_name, size_t n, int64_t pid)
{
	ck_assert_int_eq(
	    ipc_channel_connect(channel, suite_path(&tested, socket_name)), 0);
	introduce(channel, roles[n % ROLES].role, roles[n % ROLES].name, pid,
	    (enum speech)(n / ROLES));
}

/* try_all - speak as each role on a socket, as ourselves or with the pid of a
 * worker that there is; as a tool, where tools may connect, only what none may
 * say */
static void
try_all(const char *socket_name, int64_t pid)
{
	struct ipc_channel channels[ROLES * SPEECHES];
	bool tools = strcmp(socket_name, "run/control") == 0;

	for (size_t i = 0; i < ROLES * SPEECHES; i++)
		if (!tools || roles[i % ROLES].role != IPC_ROLE_TOOL)
			try_one(&channels[i], socket_name, i, pid);
	for (size_t i = 0; i < ROLES * SPEECHES; i++)
		if (!tools || roles[i % ROLES].role != IPC_ROLE_TOOL)
			check_unheard(&channels[i], roles[i % ROLES].role);
}

/* check_tool - fail unless a tool that speaks as a worker is hung up on */
static void
check_tool(enum speech speech)
{
	struct ipc_channel channel;

	ck_assert_int_eq(
	    ipc_channel_connect(&channel, suite_path(&tested, "run/control")),
	    0);
	introduce(&channel, IPC_ROLE_TOOL, "x4send", 0, speech);
	check_unheard(&channel, IPC_ROLE_TOOL);
}

/* listen_instead - put a socket of ours in the place of a worker's */
static int
listen_instead(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	(void)strlcpy(address.sun_path, suite_path(&tested, name),
	    sizeof(address.sun_path));
	ck_assert_int_eq(unlink(address.sun_path), 0);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	return fd;
}

/* play_worker - answer where qmgr connects: it says hello, and gives nothing */
static void
play_worker(const char *name, enum ipc_role role, const char *link)
{
	struct ipc_channel channel;
	struct ipc_record record;
	struct diag diag = {0};
	int fd = listen_instead(name);
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd pfd = {.fd = peer, .events = POLLIN};

	ck_assert_int_ge(peer, 0);
	ck_assert_int_eq(ipc_channel_init(&channel, peer), 0);
	ck_assert_int_eq(poll(&pfd, 1, 30000), 1);
	ck_assert_int_eq(ipc_channel_fill(&channel), 0);
	ck_assert_int_eq(ipc_channel_take(&channel, &record, &diag), 1);
	ck_assert_int_eq(record.type, IPC_HELLO);
	introduce(&channel, role, link, 0, SAYS_BIND);
	check_unheard(&channel, role);
	close(fd);
}

/* become - change to a user of no group but this, for the rest of the test */
static void
become(uid_t user, gid_t group)
{
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setgid(group), 0);
	ck_assert_int_eq(setuid(user), 0);
}

/* become_ordinary - change to an ordinary user, if root runs the tests;
 * return whether that user can reach the programs */
static bool
become_ordinary(void)
{
	const struct passwd *user = getpwnam(SUITE_USER);
	char path[SUITE_PATH];

	if (geteuid() == 0) {
		ck_assert_ptr_nonnull(user);
		become(user->pw_uid, user->pw_gid);
	}
	snprintf(path, sizeof(path), "%s/bin/x4ctl", suite_build());
	return access(path, X_OK) == 0;
}

START_TEST(process_of_the_same_user)
{
	if (!become_ordinary()) {
		puts("figure: a process of the same user: skipped, " SUITE_USER
		     " cannot reach the build directory");
		return;
	}
	start("trust", "");
	check_mail_passes(1);
	try_all("run/qmgr", 0);
	try_all("run/qmgr", suite_worker(&tested, "msmi-in/po"));
	try_all("run/control", 0);
	check_tool(SAYS_BIND);
	check_tool(SAYS_TRANSFER);
	wait_refused("peer=x400in ", "master did not start it");
	wait_refused("peer=msmi-in name=po ", "master did not start it");
	wait_refused("peer=reporter name=far ", "master did not start it");
	wait_refused("peer=x400out name=far ", "may not connect here");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", TO_PO, "-t", TO_FAR,
		"--body", suite_path(&tested, "map"), NULL),
	    0);
	play_worker("run/x400out.far", IPC_ROLE_X400OUT, "far");
	wait_refused("peer=x400out name=far ", "master did not start it");
	/* no bind was looked at, and nothing taken but what we sent */
	ck_assert(!log_has(" 51 "));
	ck_assert(!log_has("forged"));
	ck_assert_int_eq(suite_queued(&tested), 1);
	check_mail_passes(2);
	ck_assert_uint_eq(suite_count_files(suite_path(&tested, "po/OUT")), 2);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* What somebody tries in the matrix. */
enum attempt {
	USE_QMGR,    /* connect to the socket of the workers */
	USE_CONTROL, /* … of the tools */
	USE_MASTER,  /* … of master */
	USE_WORKER,  /* … where qmgr reaches a worker */
	MAKE_IN_RUN, /* make a file in the run directory */
	REPLACE,     /* take a socket away */
	READ_STATE,  /* look into the state directory */
	DROP_FILE,   /* put a file into the postoffice */
	ATTEMPTS
};

static const char *const attempt_names[ATTEMPTS] = {"connect to run/qmgr",
    "connect to run/control", "connect to run/master",
    "connect to run/x400out.far", "make a file in run", "remove run/qmgr",
    "look into state", "drop a file into P1"};

/* connects - tell whether a socket can be connected to */
static bool
connects(const char *name)
{
	struct ipc_channel channel;

	if (ipc_channel_connect(&channel, suite_path(&tested, name)) != 0)
		return false;
	ipc_channel_fini(&channel);
	return true;
}

/* makes - tell whether a file can be made */
static bool
makes(const char *name)
{
	int fd = open(suite_path(&tested, name),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)unlink(suite_path(&tested, name));
		close(fd);
	}
	return fd >= 0;
}

/* attempt - try it: whether it works */
static bool
attempt(enum attempt what)
{
	switch (what) {
	case USE_QMGR:
		return connects("run/qmgr");
	case USE_CONTROL:
		return connects("run/control");
	case USE_MASTER:
		return connects("run/master");
	case USE_WORKER:
		return connects("run/x400out.far");
	case MAKE_IN_RUN:
		return makes("run/mine");
	case REPLACE:
		return unlink(suite_path(&tested, "run/qmgr")) == 0;
	case READ_STATE:
		return access(suite_path(&tested, "state"), R_OK | X_OK) == 0;
	case DROP_FILE:
		return makes("po/P1/.mine.TMP");
	case ATTEMPTS:
		break;
	}
	return false;
}

/* attempts_of - try all as a user of one group: a bit for each that works */
static unsigned
attempts_of(uid_t user, gid_t group)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		unsigned worked = 0;

		if (setgroups(0, NULL) != 0 || setgid(group) != 0 ||
		    setuid(user) != 0)
			_exit(255);
		for (int what = 0; what < ATTEMPTS; what++)
			worked |= (unsigned)attempt((enum attempt)what) << what;
		_exit((int)worked);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return (unsigned)WEXITSTATUS(status);
}

#define CAN(what) (1U << (what))

/* check_row - fail unless a user of a group can do these things alone, and
 * connect where tools do, as everybody: who_test.c has what is answered */
static void
check_row(const char *who, uid_t user, gid_t group, unsigned expected)
{
	unsigned worked = attempts_of(user, group);

	expected |= CAN(USE_CONTROL) | CAN(USE_MASTER);
	for (int what = 0; what < ATTEMPTS; what++)
		ck_assert_msg((worked & CAN(what)) == (expected & CAN(what)),
		    "%s %s %s", who,
		    (worked & CAN(what)) != 0 ? "could" : "could not",
		    attempt_names[what]);
}

/* share_postoffice - give the postoffice to a group, which new files are of */
static void
share_postoffice(gid_t group)
{
	static const char *const inside[] = {
	    "po", "po/P1", "po/OUT", "po/BAD", "po/ATT"};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		ck_assert_int_eq(
		    chown(suite_path(&tested, inside[i]), 0, group), 0);
		ck_assert_int_eq(
		    chmod(suite_path(&tested, inside[i]), 02770), 0);
	}
}

/* takes_delivery - tell whether a user of a group can read what is delivered */
static int
takes_delivery(uid_t user, gid_t group)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		char command[SUITE_PATH * 2];

		if (setgroups(0, NULL) != 0 || setgid(group) != 0 ||
		    setuid(user) != 0)
			_exit(255);
		snprintf(command, sizeof(command), "cat '%s'/* >/dev/null 2>&1",
		    suite_path(&tested, "po/OUT"));
		_exit(system(command) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(users_and_groups)
{
	const struct group *mail = getgrnam("mail");
	struct passwd queue, network;

	if (geteuid() != 0 || mail == NULL) {
		puts("figure: users and groups: skipped, not started as root");
		return;
	}
	queue = *getpwnam(SUITE_USER);
	network = *getpwnam(SUITE_NETWORK_USER);
	start("trust-users", "  postoffice-group = \"mail\"\n");
	share_postoffice(mail->gr_gid);
	check_mail_passes(1);
	check_row("a stranger", STRANGER, STRANGER, 0);
	check_row(
	    "the group of postoffices", STRANGER, mail->gr_gid, CAN(DROP_FILE));
	check_row("the group of the queue", STRANGER, queue.pw_gid, 0);
	check_row(
	    "the group of workers", STRANGER, network.pw_gid, CAN(USE_QMGR));
	check_row("the user of workers", network.pw_uid, network.pw_gid,
	    CAN(USE_QMGR));
	check_row("the user of the queue", queue.pw_uid, queue.pw_gid,
	    CAN(USE_QMGR) | CAN(USE_WORKER) | CAN(READ_STATE));
	/* A process that may open the socket is still no worker. */
	ck_assert_int_eq(setegid(network.pw_gid), 0);
	ck_assert_int_eq(seteuid(STRANGER), 0);
	try_all("run/qmgr", 0);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setegid(0), 0);
	wait_refused("peer=msmi-in name=po ", "master did not start it");
	ck_assert_int_eq(suite_queued(&tested), 0);
	ck_assert_int_eq(takes_delivery(STRANGER, mail->gr_gid), 0);
	ck_assert_int_eq(takes_delivery(STRANGER, network.pw_gid), 1);
	check_mail_passes(2);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/trust", TEST_LONG(process_of_the_same_user, 120),
    TEST_LONG(users_and_groups, 120))
