/* SPDX-License-Identifier: ISC */
/*
 * elsewhere_test.c - a responder at another address answers a recovery
 *
 * A link has two addresses.  The peer at the first one goes away within a
 * message; at the second one is somebody who knows no password, accepts any
 * recovery, and says of whatever is resumed that it has been completed.  It
 * confirms nothing and is given nothing: the message arrives when the peer is
 * back.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mhs/bind.h"
#include "mhs/mts.h"
#include "osi/association_recovery.h"
#include "tests/fault/load.h"
#include "tests/parameters.h"
#include "tests/unit/test.h"

#define LIMIT 120000 /* ms for any step */

/* Counts of the MTA elsewhere, shared with its process. */
struct seen {
	atomic_uint cut;       /* the peer has gone, within a message */
	atomic_uint called;    /* connections elsewhere */
	atomic_uint recovered; /* of them, that wanted to recover */
	atomic_uint given;     /* octets of mail, and transfers begun */
};

static struct seen *seen;

/* listen_at - listen on a free port of an address */
static int
listen_at(const char *host, uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	ck_assert_int_eq(inet_pton(AF_INET, host, &address.sin_addr), 1);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(
	    getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* respond - let an association in with this password, whatever it asks for */
static int
respond(struct association *a, int fd, const char *password)
{
	const struct association_parameters p = parameters_p1(1, 3, LIMIT);
	const struct mta_bind bind_as = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string("far"),
	    .password = slice_of_string(password),
	    .form = BIND_OCTET_STRING};
	struct association_indication indication;
	struct buffer result;
	int error = association_init(
	    a, (struct association_io){association_poll, NULL});

	buffer_init(&result, BIND_OCTETS_MAX);
	if (error == 0)
		error = mta_bind_encode(&bind_as, BIND_BARE, &result);
	if (error == 0)
		error = association_listen(a, fd, &p, &indication);
	if (error == 0 && indication.recover) {
		atomic_fetch_add(&seen->recovered, 1);
		error = association_accept_recovery(a, 1, 3);
	} else if (error == 0)
		error = association_accept(a, buffer_slice(&result), 1, 3);
	buffer_fini(&result);
	return error;
}

/* be_the_peer - take a message up to its second checkpoint, and be gone */
static void
be_the_peer(int listener)
{
	struct association_event event;
	struct association a;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0 || respond(&a, fd, "s") != 0)
		_exit(1);
	while (association_receive(&a, &event, clock_after(LIMIT)) == 0 &&
	    event.kind != ASSOCIATION_EVENT_ABORT) {
		if (event.kind != ASSOCIATION_EVENT_CHECKPOINT)
			continue;
		(void)!association_confirm_checkpoint(&a, event.serial);
		if (event.serial == 2)
			break;
	}
	close(listener);
	close(fd);
	atomic_store(&seen->cut, 1);
}

/* swallow - read whatever comes, and claim to have had it */
static void
swallow(struct association *a)
{
	struct association_event event;

	while (association_receive(a, &event, clock_after(LIMIT)) == 0) {
		switch ((int)event.kind) {
		case ASSOCIATION_EVENT_ABORT:
			return;
		case ASSOCIATION_EVENT_TRANSFER_RESUMED:
			atomic_fetch_add(&seen->given, 1);
			(void)!association_resume_completed(a);
			break;
		case ASSOCIATION_EVENT_TRANSFER_START:
		case ASSOCIATION_EVENT_DATA:
			atomic_fetch_add(&seen->given, 1);
			break;
		case ASSOCIATION_EVENT_TRANSFER_END:
			(void)!association_confirm_transfer(a);
			break;
		case ASSOCIATION_EVENT_RELEASE:
			(void)!association_confirm_release(a);
			return;
		default:
			break;
		}
	}
}

/* be_a_stranger - answer at another address, with a password that is not the
 * peer's */
static void
be_a_stranger(int listener)
{
	struct association a;

	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		atomic_fetch_add(&seen->called, 1);
		if (respond(&a, fd, "guessed") == 0)
			swallow(&a);
		association_fini(&a);
		close(fd);
	}
}

/* is_called - tell whether the suite has looked elsewhere since the cut */
static bool
is_called(void *arg)
{
	(void)arg;
	return atomic_load(&seen->cut) != 0 && atomic_load(&seen->called) > 1;
}

START_TEST(confirms_nothing)
{
	char text[4096], addresses[96], output[SUITE_PATH + 64];
	struct load_sink sink;
	struct suite tested = {.host = ""};
	uint16_t port, elsewhere;
	int here, there;
	pid_t peers, source;

	suite_begin("elsewhere");
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	here = listen_at("127.0.0.1", &port);
	there = listen_at("127.0.0.66", &elsewhere);
	peers = fork();
	ck_assert_int_ge(peers, 0);
	if (peers == 0) {
		be_the_peer(here);
		be_a_stranger(there);
	}
	close(here);
	close(there);
	load_source_link(text, sizeof(text));
	snprintf(addresses, sizeof(addresses),
	    "127.0.0.1:%u\", \"127.0.0.66:%u", port, elsewhere);
	load_link_at(text, sizeof(text), "far", addresses,
	    "open-interval = \"0.2\" recovery-timeout = 3 "
	    "checkpoint-size = \"1K\" open-timeout = 2");
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", "", text);
	suite_start(&tested);
	source = load_source(&tested, "far", 1, output, "-s", "100000", NULL);
	load_wait_source(source, 20);
	suite_wait("a look elsewhere", 20, is_called, NULL);
	load_sink(&sink, "far", port, NULL);
	load_finish(&tested, &sink, 30);
	ck_assert_uint_eq(atomic_load(&seen->recovered), 0);
	ck_assert_uint_eq(atomic_load(&seen->given), 0);
	kill(peers, SIGKILL);
	ck_assert_int_eq(waitpid(peers, NULL, 0), peers);
	suite_end();
}
END_TEST

TEST_MAIN("fault/elsewhere", TEST_LONG(confirms_nothing, 90))
