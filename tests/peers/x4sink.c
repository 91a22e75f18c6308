/* SPDX-License-Identifier: ISC */
/*
 * x4sink.c - an MTA that takes everything and counts it
 *
 *	x4sink [-l PORT] [-n NAME] [-w PASSWORD] [-o FILE] [-c K] [-W WINDOW]
 *
 * Listens on 127.0.0.1, prints the port, accepts any bind, and confirms every
 * transfer after it was noted.  With -o each is a line of FILE:
 *	KIND <tab> MTS-ID <tab> OCTETS <tab> HASH <tab> ORIGINATOR <tab> RECIPIENT...
 * HASH is XXH64 of the content; the recipients are those this copy bears
 * responsibility for.  At SIGTERM it prints its figures and ends.  A content
 * that begins with "@NS " tells when it was sent: latency.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "mhs/transfer.h"
#include "tests/peers/peer.h"

struct sink {
	const char *name, *password;
	unsigned checkpoint, window;
	int output; /* -1: none */
	struct peer_figures *figures;
};

/* The transfer that an association is in. */
struct taking {
	struct transfer_reader reader;
	XXH64_state_t *hash;
	uint64_t octets;
	uint64_t sent_ns;
	char head[32];
	size_t head_len;
	char line[65536];
};

static volatile sig_atomic_t stopping;

/* stop - SIGTERM */
static void
stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* on_envelope - note who and what */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct taking *taking = arg;
	char identifier[MTS_IDENTIFIER_TEXT];
	struct arena arena;
	size_t used;

	(void)octets;
	arena_init(&arena, 1 << 20);
	mts_identifier_format(&envelope->identifier, identifier);
	/* the octets and the hash are put before the addresses at the end */
	snprintf(taking->line, sizeof(taking->line), "%s\t%s\t%%OCTETS\t%s",
	    p1_kind_name(envelope->kind), identifier,
	    or_address_format(
		&envelope->originator.address, OR_STYLE_F401, &arena));
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct p1_recipient *r = &envelope->recipients[i];
		const char *text;

		if ((r->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		text =
		    or_address_format(&r->name.address, OR_STYLE_F401, &arena);
		used = strlen(taking->line);
		snprintf(taking->line + used, sizeof(taking->line) - used,
		    "\t%s", text != NULL ? text : "?");
	}
	arena_fini(&arena);
	return 0;
}

/* on_content - hash and count */
static int
on_content(void *arg, struct slice piece)
{
	struct taking *taking = arg;
	size_t room = sizeof(taking->head) - 1 - taking->head_len;

	if (room > piece.len)
		room = piece.len;
	memcpy(taking->head + taking->head_len, piece.data, room);
	taking->head_len += room;
	XXH64_update(taking->hash, piece.data, piece.len);
	taking->octets += piece.len;
	return 0;
}

/* begin - expect a transfer */
static void
begin(struct taking *taking)
{
	transfer_reader_reset(&taking->reader);
	XXH64_reset(taking->hash, 0);
	taking->octets = 0;
	taking->head_len = 0;
}

/* note - the transfer is whole: write its line, count it */
static void
note(const struct sink *sink, struct taking *taking)
{
	char line[sizeof(taking->line) + 64];
	char *mark = strstr(taking->line, "%OCTETS");
	int n;

	taking->head[taking->head_len] = '\0';
	taking->sent_ns =
	    taking->head[0] == '@' ? strtoull(taking->head + 1, NULL, 10) : 0;
	if (sink->output != -1 && mark != NULL) {
		*mark = '\0';
		n = snprintf(line, sizeof(line),
		    "%s%" PRIu64 "\t%016" PRIx64 "%s\n", taking->line,
		    taking->octets, (uint64_t)XXH64_digest(taking->hash),
		    mark + strlen("%OCTETS"));
		if (write(sink->output, line, (size_t)n) != n)
			err(EXIT_FAILURE, "output");
	}
	peer_figures_note(sink->figures, taking->octets, taking->sent_ns);
}

/* take - one event of a bound association; false: it has ended */
static bool
take(const struct sink *sink, struct association *association,
    struct taking *taking)
{
	struct association_event event;
	struct diag diag = {0};

	if (association_receive(association, &event, CLOCK_NEVER) != 0)
		return false;
	switch (event.kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		begin(taking);
		return true;
	case ASSOCIATION_EVENT_DATA:
		if (transfer_push(&taking->reader, event.data, &diag) == 0)
			return true;
		break;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return association_confirm_checkpoint(
			   association, event.serial) == 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		if (transfer_finish(&taking->reader, &diag) != 0)
			break;
		note(sink, taking);
		return association_confirm_transfer(association) == 0;
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(association);
		return false;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		return true;
	case ASSOCIATION_EVENT_ABORT:
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		return false;
	}
	fprintf(stderr, "x4sink: %s\n", diag_text(&diag));
	atomic_fetch_add(&sink->figures->failures, 1);
	association_abort(association, ASSOCIATION_ABORT_PROTOCOL);
	return false;
}

/* serve - one connection, in a process of its own */
static void
serve(const struct sink *sink, int fd)
{
	static struct taking taking;
	const struct transfer_handler handler = {
	    on_envelope, on_content, &taking};
	struct association_parameters parameters =
	    peer_parameters(sink->checkpoint, sink->window);
	struct association_indication indication;
	struct association association;

	transfer_reader_init(&taking.reader, &handler, UINT64_MAX);
	taking.hash = XXH64_createState();
	if (taking.hash == NULL ||
	    association_init(&association,
		(struct association_io){association_poll, NULL}) != 0)
		errx(EXIT_FAILURE, "memory");
	if (association_listen(&association, fd, &parameters, &indication) ==
		0 &&
	    association_accept(&association,
		peer_bind(sink->name, sink->password), sink->checkpoint,
		sink->window) == 0)
		while (take(sink, &association, &taking))
			;
	else
		fprintf(stderr, "x4sink: %s\n", association.failure.text);
	association_fini(&association);
	transfer_reader_fini(&taking.reader);
	XXH64_freeState(taking.hash);
}

/* loop - a process for each connection, until SIGTERM */
static void
loop(const struct sink *sink, int listener)
{
	while (!stopping) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd == -1 && errno == EINTR)
			continue;
		if (fd == -1)
			err(EXIT_FAILURE, "accept");
		switch (fork()) {
		case -1:
			warn("fork");
			break;
		case 0:
			signal(SIGTERM, SIG_DFL);
			close(listener);
			serve(sink, fd);
			_exit(EXIT_SUCCESS);
		default:
			break;
		}
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	struct sink sink = {.name = "SINK",
	    .password = "",
	    .checkpoint = 30,
	    .window = 5,
	    .output = -1};
	struct sigaction action = {.sa_handler = stop};
	uint16_t port = 0;
	int option, listener;

	while ((option = getopt(argc, argv, "l:n:w:o:c:W:")) != -1)
		switch (option) {
		case 'l':
			port = (uint16_t)peer_number("-l", optarg, 65535);
			break;
		case 'n':
			sink.name = optarg;
			break;
		case 'w':
			sink.password = optarg;
			break;
		case 'o':
			sink.output = open(optarg,
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
			if (sink.output == -1)
				err(EXIT_FAILURE, "%s", optarg);
			break;
		case 'c':
			sink.checkpoint =
			    (unsigned)peer_number("-c", optarg, 1 << 20);
			break;
		case 'W':
			sink.window = (unsigned)peer_number(
			    "-W", optarg, ASSOCIATION_WINDOW_MAX);
			break;
		default:
			return EXIT_FAILURE;
		}
	sink.figures = peer_figures_new();
	sigaction(SIGTERM, &action, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setpgid(0, 0);
	listener = peer_listen(&port);
	printf("%u\n", port);
	fflush(stdout);
	loop(&sink, listener);
	peer_figures_print(sink.figures);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return EXIT_SUCCESS;
}
