/* SPDX-License-Identifier: ISC */
/*
 * source.c - what a source does on its associations; see source.h
 */
#include "tests/peers/source.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/peers/gate.h"
#include "tests/peers/two_way.h"

/* The state of one association's process. */
struct load {
	const struct source *source;
	struct mishaps mishaps;
	const struct mishap *mishap; /* of this connection */
	struct sender sender;
};

/* exchange - send and take, until all is done */
static int
exchange(struct load *load, struct association *association, int fd)
{
	static struct taker taker;
	const struct source *source = load->source;
	struct two_way two_way = {.sender = &load->sender,
	    .taker = &taker,
	    .mishap = load->mishap,
	    .fd = fd,
	    .patience_ms = source->patience_ms,
	    .expected = source->expected,
	    .idle_ms = source->idle_ms};
	int error;

	taker_init(&taker, &source->takes, load->mishap);
	error = two_way_run(&two_way, association);
	taker_fini(&taker);
	return error;
}

/* send_all - send what is left of this association's share; 0 if nothing is */
static int
send_all(struct load *load, struct association *association, int fd)
{
	int error = 0;

	if (association->dialogue == ASSOCIATION_TWO_WAY)
		return exchange(load, association, fd);
	while (error == 0 && sender_has(&load->sender))
		error = sender_send(&load->sender, association);
	return error;
}

/* roam - give a connection an address of its own */
static void
roam(int fd)
{
	static unsigned connections;
	struct sockaddr_in from = {.sin_family = AF_INET};
	unsigned n = connections++;

	from.sin_addr.s_addr =
	    htonl(127U << 24 | (1 + (unsigned)getpid() % 250) << 16 |
		n / 250 % 250 << 8 | (1 + n % 250));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
		err(EXIT_FAILURE, "bind");
}

/* dial - open a connection, with its mishap before it; -1 if refused */
static int
dial(struct load *load)
{
	const struct source *source = load->source;
	struct gate gate = {.remote = 1,
	    .mishap = load->mishap,
	    .trickle_ms = source->trickle_ms,
	    .hold_s = GATE_HOLD_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(EXIT_FAILURE, "socket");
	if (source->roams)
		roam(fd);
	if (connect(fd, (const struct sockaddr *)&source->address,
		sizeof(source->address)) != 0) {
		close(fd);
		return -1;
	}
	return mishap_on_wire(load->mishap) ? gate_put(&gate, fd) : fd;
}

/* attempt - run one association, as far as it gets; 0 if nothing is left to
 * do */
static int
attempt(struct load *load)
{
	const struct source *source = load->source;
	struct association_parameters parameters =
	    peer_parameters(source->checkpoint, source->window);
	const char *password = source->password;
	struct association association;
	struct slice result;
	int error = ERR_CLOSED, fd;

	parameters.open_timeout = parameters.disconnect_timeout =
	    parameters.transfer_timeout = source->patience_ms;
	if (source->two_way)
		parameters.dialogue = ASSOCIATION_TWO_WAY;
	load->mishap = mishap_next(&load->mishaps);
	sender_connected(&load->sender, load->mishap);
	atomic_fetch_add(&source->sends.figures->connections, 1);
	session_references_make(
	    &parameters.references, slice_of_string(source->name));
	if (load->mishap->kind == MISHAP_REFUSE_ASSOCIATION)
		parameters.application_context = slice_of_string("nobody's");
	if (load->mishap->kind == MISHAP_REFUSE_BIND)
		password = "not the password";
	if (association_init(&association,
		(struct association_io){association_poll, NULL}) != 0)
		errx(EXIT_FAILURE, "memory");
	if ((fd = dial(load)) == -1) {
		warn("connect");
	} else {
		error = association_open(&association, fd, &parameters,
		    peer_bind(source->name, password), &result);
		if (error == 0)
			error = send_all(load, &association, fd);
		if (error == 0)
			(void)!association_release(&association);
		else if (load->mishap->kind == MISHAP_NONE)
			warnx("message %" PRIu64 ": %s", load->sender.next,
			    association.failure.text);
		close(fd);
	}
	association_fini(&association);
	return error;
}

/* source_run - run association number which and its share of the messages */
int
source_run(const struct source *source, unsigned which)
{
	static struct load load;
	int error;

	load = (struct load){.source = source, .mishaps = source->mishaps};
	load.mishaps.next = which;
	sender_init(&load.sender, &source->sends, which);
	while ((error = attempt(&load)) != 0) {
		if (atomic_fetch_add(&source->sends.figures->failures, 1) >=
		    source->retries)
			break;
		peer_sleep_ns(source->retry_ms * UINT64_C(1000000));
	}
	sender_fini(&load.sender);
	return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
