/* SPDX-License-Identifier: ISC */
/*
 * mixer_storm_test.c - a gateway in a storm: nothing is lost, either way
 *
 * Messages go out to a relay and come in by LMTP while workers of the gateway
 * and qmgr are killed, and the relay is stopped.  What comes in, from a client
 * that comes again until it hears 250, is there once.  What goes out arrives;
 * twice only where nobody can know, as one message, and with an event.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/program.h"
#include "tests/system/relay_peer.h"
#include "tests/unit/test.h"

#define DOMAIN	    "C=XX;A=TEST;P=STORM"
#define GW	    DOMAIN ";O=GW;DDA:RFC-822="
#define ROUNDS	    5
#define ROUNDS_LONG 200
#define EACH	    3 /* messages each way in a round */
#define TRIES	    300
#define SLOW	    "\"slow\":0.1"
#define LINE	    2048

enum blow {
	BLOW_OUT,
	BLOW_IN,
	BLOW_QMGR,
	BLOW_RELAY,
	BLOW_CUT, /* the relay ends a connection instead of its answer */
	BLOWS
};

static struct suite storm;
static struct relay_peer relay;
static struct program edi;
static uint16_t lmtp;
static unsigned struck[BLOWS], sent, taken;

/* begin - start a suite with a gateway, its relay, and an application that
 * takes nothing */
static void
begin(void)
{
	char sections[2048], directory[SUITE_PATH + 16];

	suite_begin("mixer-storm");
	lmtp = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	relay_peer_make(&relay, "relay");
	relay_peer_start(&relay);
	/* So that blows strike while the answer is awaited. */
	relay_peer_habits(&relay, "{" SLOW "}");
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " DOMAIN ";O=EDI\"}\n"
	    "  address-space = {\"" DOMAIN ";O=GW\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n"
	    "  relay = {\"127.0.0.1:%u\"}\n  connections = 2\n}\n",
	    edi.directory, lmtp, relay.port);
	suite_configure(&storm, "s", DOMAIN, "", sections);
	suite_start(&storm);
	ck_assert_int_eq(suite_tool(&storm, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	suite_write(suite_path(&storm, "body"), "Hello\n", 6);
}

/* pass - let time pass, in which the workers work */
static void
pass(long milliseconds)
{
	const struct timespec time = {.tv_sec = milliseconds / 1000,
	    .tv_nsec = milliseconds % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

/* kill_worker - kill a process of the suite whose name begins so, if it is
 * there */
static void
kill_worker(const char *beginning)
{
	char *text;
	long pid;

	(void)suite_tool(&storm, &text, "x4ctl", "-j", "status", NULL);
	for (char *save = NULL, *line = strtok_r(text, "\n", &save);
	     line != NULL; line = strtok_r(NULL, "\n", &save)) {
		json_t *row = json_loads(line, 0, NULL);
		const char *name =
		    json_string_value(json_object_get(row, "name"));

		pid = (long)json_integer_value(json_object_get(row, "pid"));
		if (pid > 0 && name != NULL &&
		    strncmp(name, beginning, strlen(beginning)) == 0)
			(void)kill((pid_t)pid, SIGKILL);
		json_decref(row);
	}
	free(text);
}

/* strike - have something happen to somebody */
static void
strike(enum blow blow)
{
	struck[blow]++;
	switch (blow) {
	case BLOW_OUT:
		kill_worker("mixer-out/net");
		break;
	case BLOW_IN:
		kill_worker("mixer-in/net");
		break;
	case BLOW_QMGR:
		kill_worker("qmgr");
		break;
	case BLOW_RELAY:
		relay_peer_stop(&relay);
		pass(100);
		relay_peer_start(&relay);
		break;
	case BLOW_CUT:
		relay_peer_habits(
		    &relay, "{" SLOW ",\"cut\":1,\"close\":\".\"}");
		break;
	case BLOWS:
		break;
	}
}

/* send_out - submit a message to the Internet; a submitter that hears nothing
 * knows nothing, and submits another */
static void
send_out(void)
{
	char address[128];
	int status;

	for (unsigned n = 0; n < TRIES; n++) {
		(void)snprintf(address, sizeof(address),
		    GW "out%u-%u(a)example.org", sent, n);
		status = suite_tool(&storm, NULL, "x4send", "-f",
		    DOMAIN ";O=EDI;S=Jo", "-b", suite_path(&storm, "body"),
		    "-t", address, NULL);
		if (status == 0) {
			ck_assert_int_eq(suite_shell(NULL,
					     "echo out%u-%u@example.org "
					     ">>'%s/sent'",
					     sent++, n, relay.directory),
			    0);
			return;
		}
		pass(50);
	}
	ck_abort_msg("x4send: %d", status);
}

/* says - send a line, if any, and take the reply: whether it begins so */
static bool
says(FILE *peer, const char *line, const char *reply)
{
	char text[LINE];

	if (line != NULL &&
	    (fprintf(peer, "%s\r\n", line) < 0 || fflush(peer) != 0))
		return false;
	do
		if (fgets(text, sizeof(text), peer) == NULL)
			return false;
	while (strlen(text) > 3 && text[3] == '-');
	return strncmp(text, reply, strlen(reply)) == 0;
}

/* try_in - hand in a message by LMTP: whether that was confirmed */
static bool
try_in(unsigned number)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(lmtp),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char mail[64], content[256];
	bool done;
	FILE *peer;

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		(void)close(fd);
		return false;
	}
	peer = fdopen(fd, "r+");
	ck_assert_ptr_nonnull(peer);
	(void)snprintf(
	    mail, sizeof(mail), "MAIL FROM:<kim@example.org> ENVID=%u", number);
	(void)snprintf(content, sizeof(content),
	    "From: <kim@example.org>\r\nSubject: %u\r\n\r\nHello\r\n.", number);
	done = says(peer, NULL, "220") && says(peer, "LHLO x", "250") &&
	    says(peer, mail, "250") &&
	    says(peer, "RCPT TO:<jo@edi.example>", "250") &&
	    says(peer, "DATA", "354") && says(peer, content, "250");
	/* A client that was confirmed may go without a word. */
	(void)fclose(peer);
	return done;
}

/* take_in - hand in a message until that is confirmed, as a mail server does */
static void
take_in(void)
{
	for (unsigned n = 0; n < TRIES; n++) {
		if (try_in(taken)) {
			taken++;
			return;
		}
		pass(50);
	}
	ck_abort_msg("LMTP is not answered");
}

/* is_quiet - tell whether all that went out has left */
static bool
is_quiet(void *arg)
{
	(void)arg;
	(void)suite_tool(&storm, NULL, "x4ctl", "retry", "mixer/net", NULL);
	(void)suite_tool(&storm, NULL, "x4queue", "retry", "--link",
	    "mixer/net", "--all", "--yes", NULL);
	return suite_queued(&storm) == (int64_t)taken;
}

/* judge - hold what was sent against what the relay has taken; how often
 * messages came again */
static unsigned
judge(void)
{
	char *output;
	unsigned again;

	ck_assert_msg(suite_shell(&output,
			  "python3 - '%s' <<'E'\n"
			  "import collections, json, sys\n"
			  "d = sys.argv[1]\n"
			  "sent = [l.strip() for l in open(d + '/sent')]\n"
			  "ids = collections.defaultdict(list)\n"
			  "for l in open(d + '/log'):\n"
			  "    o = json.loads(l)\n"
			  "    for t in o['to']:\n"
			  "        ids[t].append(o['id'])\n"
			  "lost = [s for s in sent if s not in ids]\n"
			  "assert not lost, lost\n"
			  "for t, i in ids.items():\n"
			  "    assert len(set(i)) == 1 and i[0], (t, i)\n"
			  "print(sum(len(i) - 1 for i in ids.values()))\n"
			  "E\n",
			  relay.directory) == 0,
	    "%s", output);
	again = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return again;
}

/* events - count the lines of an event in the log */
static unsigned
events(const char *number)
{
	char *output;
	unsigned count;

	(void)suite_shell(&output, "grep -c ' %s ' '%s'", number,
	    suite_path(&storm, "state/log"));
	count = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return count;
}

/* rage - have messages go both ways while some kinds of blows are struck */
static void
rage(unsigned rounds, enum blow first, unsigned kinds)
{
	for (unsigned n = 0; n < rounds; n++)
		for (unsigned i = 0; i < EACH; i++) {
			send_out();
			/* In the middle of what goes out, and comes in. */
			if (i == n % EACH)
				strike((enum blow)(first + n % kinds));
			take_in();
		}
	suite_wait(
	    "the messages to leave", suite_long() ? 600 : 60, is_quiet, NULL);
}

/* finish - stop all, and check the queue */
static void
finish(void)
{
	suite_stop(&storm);
	relay_peer_stop(&relay);
	ck_assert_int_eq(suite_tool(&storm, NULL, "x4check", NULL), 0);
	suite_end();
}

START_TEST(nothing_lost)
{
	unsigned again, told;

	begin();
	rage(suite_long() ? ROUNDS_LONG : ROUNDS, BLOW_OUT, BLOWS);
	again = judge();
	told = events("20380");
	ck_assert_msg(
	    again <= told, "%u came again, %u were told of", again, told);
	printf("figure: %u out, %u of them again, %u in; struck: mixer-out %u, "
	       "mixer-in %u, qmgr %u, relay %u, cut %u\n",
	    sent, again, taken, struck[BLOW_OUT], struck[BLOW_IN],
	    struck[BLOW_QMGR], struck[BLOW_RELAY], struck[BLOW_CUT]);
	finish();
}
END_TEST

/* A queue manager that is killed costs no message a second copy: the worker
 * knows what the relay has, and tells the next one. */
START_TEST(none_twice)
{
	begin();
	rage(suite_long() ? ROUNDS_LONG / 4 : 3, BLOW_QMGR, 1);
	ck_assert_uint_eq(judge(), 0);
	ck_assert_uint_eq(events("20380"), 0);
	finish();
}
END_TEST

TEST_MAIN("fault/mixer_storm", TEST_LONG(nothing_lost, 3600);
	  TEST_LONG(none_twice, 3600))
