/* SPDX-License-Identifier: ISC */
/*
 * tls_flood_test.c - strangers who shake hands without end leave others alone
 *
 * A stranger needs no password to have us do a handshake.  Some do one after
 * the other, as fast as they can; others begin one and say no more.  Meanwhile
 * a link on the clear port carries all of its mail, and the peer of the TLS
 * port gets in.
 */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <netinet/in.h>

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"
#include "tls/tls_stream.h"

#define FLOODERS 4
#define SILENT	 80 /* more than may be unbound at a time */

static struct tls_suites suites;
static struct pki_entity stranger;
static atomic_uint *handshakes;

/* call_tls - connect to the TLS port of B, from an address of loopback; a
 * descriptor, or -1 */
static int
call_tls(uint32_t from)
{
	struct sockaddr_in own = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK + from)}};
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(suites.pair.b_tls),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* shake - do a handshake, and hang up */
static void
shake(const struct tls_context *context, uint32_t from)
{
	static const struct tls_expectation nothing = {.name = "b.test"};
	struct tls_stream *stream;
	int fd = call_tls(from), error;

	if (fd < 0)
		return;
	(void)!fcntl(fd, F_SETFL, O_NONBLOCK);
	if (tls_stream_new(context, &nothing, fd, &stream) == 0) {
		while ((error = tls_stream_handshake(stream)) == ERR_AGAIN) {
			struct pollfd pfd = {.fd = fd, .events = POLLIN};

			if (poll(&pfd, 1, 2000) <= 0)
				break;
		}
		if (error == 0)
			atomic_fetch_add(handshakes, 1);
		tls_stream_free(stream);
	}
	close(fd);
}

/* flood - shake hands for ever, in a process of its own */
static pid_t
flood(uint32_t from)
{
	const struct tls_material material = {
	    .certificate = slice_of_string(stranger.certificate),
	    .key = slice_of_string(stranger.key),
	    .authorities = slice_of_string(suites.authority.certificate)};
	struct tls_context *context;
	struct diag diag = {0};
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (tls_context_new(TLS_CALLING, &material, &context, &diag) != 0)
		_exit(1);
	for (;;)
		shake(context, from);
}

/* carry - send messages from a source on the clear port to the sink behind B;
 * seconds that it took */
static double
carry(const char *name, unsigned messages)
{
	char address[32], total[16], output[SUITE_PATH + 32];
	double begun = suite_now();

	snprintf(address, sizeof(address), "127.0.0.1:%u", suites.pair.b.port);
	snprintf(total, sizeof(total), "%u", messages);
	snprintf(output, sizeof(output), "%s/%s", suite_directory(), name);
	ck_assert_int_eq(
	    suite_wait_exit(
		suite_spawn(output, "peers/x4source", "-a", address, "-n",
		    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
		    "C=YY;A=SINK;S=Sink", "-A", "2", "-m", total, "-s", "2048",
		    "-u", name, NULL),
		120),
	    0);
	suite_wait_empty(&suites.pair.b, 120);
	return suite_now() - begun;
}

/* has_flooded - tell whether handshakes were done */
static bool
has_flooded(void *arg)
{
	return atomic_load(handshakes) >= *(const unsigned *)arg;
}

/* check_memory - check that workers which did many handshakes are not larger
 * for it */
static void
check_memory(void)
{
	json_t *rows =
	    suite_rows(&suites.pair.b, "x4ctl", "-j", "status", NULL);
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		pid_t pid =
		    (pid_t)json_integer_value(json_object_get(row, "pid"));

		if (name == NULL || strncmp(name, "x400in", 6) != 0)
			continue;
		ck_assert_uint_lt(suite_rss_anon(pid), SUITE_MEMORY(8));
	}
	json_decref(rows);
}

/*
 * check_few - check that strangers had few handshakes, and that the log tells
 * who had no more
 *
 * handshakes.h has the numbers.  A flood that lasts longer, as on a busy
 * machine, has had more of them.
 */
static void
check_few(double seconds)
{
	unsigned most = FLOODERS * (10 + 1 + (unsigned)seconds);
	char *output;

	ck_assert_uint_le(atomic_load(handshakes), most);
	ck_assert_int_eq(suite_shell(&output, "grep ' 20234 ' '%s/state/log'",
			     suites.pair.b.directory),
	    0);
	free(output);
}

/* gets_in - tell whether A gets in: not always at the first attempt */
static bool
gets_in(void *arg)
{
	char *output;
	int status = suite_tool(&suites.pair.a, &output, "x4ping", "b", NULL);

	(void)arg;
	free(output);
	return status == 0;
}

START_TEST(others_go_on)
{
	char link[1024], output[SUITE_PATH + 32];
	unsigned messages = suite_long() ? 3000 : 200, some = 4 * FLOODERS;
	int silent[SILENT];
	pid_t flooders[FLOODERS], sink;
	double alone, beside, begun;

	suite_begin("tls-flood");
	handshakes = mmap(NULL, sizeof(*handshakes), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(handshakes != MAP_FAILED);
	tls_suites_prepare(&suites);
	pki_make(&(struct pki_wish){.name = "stranger"}, &stranger);
	snprintf(output, sizeof(output), "%s/sink", suite_directory());
	sink =
	    suite_spawn(output, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	snprintf(link, sizeof(link),
	    "%s}\n"
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\" "
	    "schedule = \"never\" incoming-associations = 10 }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = 2 threshold = 1\n",
	    suites.b_link, suite_port_of(output));
	pair_start_as(&suites.pair, PAIR_DIRECT, suites.a_link, link);
	alone = carry("alone", messages);
	begun = suite_now();
	for (uint32_t i = 0; i < FLOODERS; i++)
		flooders[i] = flood(1 + i);
	for (uint32_t i = 0; i < SILENT; i++) {
		silent[i] = call_tls(100 + i);
		ck_assert_int_ge(silent[i], 0);
		/* the beginning of a ClientHello */
		ck_assert_int_eq(
		    send(silent[i], "\x16\x03\x01\x02", 4, MSG_NOSIGNAL), 4);
	}
	suite_wait("handshakes of strangers", 60, has_flooded, &some);
	beside = carry("beside", messages);
	suite_wait("the known peer to get in", 60, gets_in, NULL);
	printf("figure: %u handshakes of strangers; another link's mail took "
	       "%.2f of the time that it took alone\n",
	    atomic_load(handshakes), beside / alone);
	check_few(suite_now() - begun);
	check_memory();
	for (uint32_t i = 0; i < FLOODERS; i++) {
		kill(flooders[i], SIGKILL);
		suite_reap(flooders[i]);
	}
	for (uint32_t i = 0; i < SILENT; i++)
		close(silent[i]);
	tls_suites_stop(&suites);
	ck_assert_int_eq(suite_reap(sink), 0);
	pki_free(&stranger);
	suite_end();
}
END_TEST

TEST_MAIN("fault/tls_flood", TEST_LONG(others_go_on, 400))
