/* SPDX-License-Identifier: ISC */
/*
 * x4source.c - a load source: many associations, many messages
 *
 *	x4source -a ADDRESS:PORT -f FROM -t TO [-n NAME] [-w PASSWORD]
 *	    [-A ASSOCIATIONS] [-m MESSAGES] [-s OCTETS] [-r PER-SECOND]
 *	    [-P urgent|normal|non-urgent] [-o FILE] [-c K] [-W WINDOW] [-u TAG]
 *
 * MESSAGES are shared out among the associations, each a process.  Every
 * message has an MTS identifier of its own and a content of its own, of type
 * unidentified, that begins with "@NS " where NS is when it was sent.  With
 * -o each confirmed message is a line: MTS-ID <tab> OCTETS <tab> HASH, as
 * x4sink writes them.  At the end it prints its figures; exit 1 if a message
 * was not confirmed.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "mhs/transfer.h"
#include "tests/peers/peer.h"

struct source {
	struct sockaddr_in address;
	const char *name, *password, *from, *to, *tag;
	unsigned associations, checkpoint, window;
	uint64_t messages, octets, rate;
	enum p1_priority priority;
	int output;
	struct peer_figures *figures;
};

/* address_of - an O/R name from text, or exit */
static void
address_of(const char *text, struct arena *arena, struct or_name *name)
{
	struct diag diag = {0};

	if (or_address_parse(
		slice_of_string(text), arena, &name->address, &diag) != 0)
		errx(EXIT_FAILURE, "%s: %s", text, diag_text(&diag));
}

/* envelope_of - the parts of the envelope that are alike in all messages */
static void
envelope_of(const struct source *source, struct arena *arena,
    struct p1_envelope *envelope)
{
	static struct p1_recipient recipient;
	struct global_domain *domain = &envelope->identifier.domain;

	p1_init(envelope, P1_MESSAGE);
	*domain = (struct global_domain){.country = slice_of_string("XX"),
	    .admd = slice_of_string("LOAD"),
	    .prmd = slice_of_string("SOURCE")};
	address_of(source->from, arena, &envelope->originator);
	address_of(source->to, arena, &recipient.name);
	recipient.number = 1;
	recipient.explicit_conversion = -1;
	recipient.indicators = P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
	    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	envelope->content_type.built_in = P1_CONTENT_UNIDENTIFIED;
	envelope->priority = source->priority;
	envelope->recipients = &recipient;
	envelope->recipient_count = 1;
	if (p1_trace_append(
		envelope, arena, domain, time(NULL), TRACE_RELAYED, NULL) != 0)
		errx(EXIT_FAILURE, "trace");
}

/* fill - the content of message number n: unlike any other's */
static void
fill(uint8_t *content, size_t len, uint64_t n)
{
	uint64_t x = n * 0x9e3779b97f4a7c15U + 1;
	char head[32];
	size_t head_len;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		content[i] = (uint8_t)(x >> 32);
	}
	head_len = (size_t)snprintf(
	    head, sizeof(head), "@%" PRIu64 " ", peer_now_ns());
	memcpy(content, head, head_len < len ? head_len : len);
}

/* send_one - a message, confirmed by the peer */
static int
send_one(const struct source *source, struct association *association,
    struct p1_envelope *envelope, uint8_t *content, uint64_t n)
{
	char local[MTS_LOCAL_MAX + 1], line[1024],
	    identifier[MTS_IDENTIFIER_TEXT];
	struct buffer encoded, prefix;
	uint64_t begun = peer_now_ns();
	int error, len;

	buffer_init(&encoded, P1_ENVELOPE_MAX);
	buffer_init(&prefix, P1_ENVELOPE_MAX + 64);
	snprintf(local, sizeof(local), "%s%" PRIu64, source->tag, n);
	envelope->identifier.local = slice_of_string(local);
	fill(content, source->octets, n);
	error = p1_encode(envelope, EXTENSION_IMPLICIT, &encoded);
	if (error == 0)
		error = transfer_prefix(P1_MESSAGE, buffer_slice(&encoded),
		    source->octets, TRANSFER_NO_EXTERNAL, &prefix);
	if (error == 0)
		error = association_send_start(association,
		    buffer_length(&prefix) + source->octets, CLOCK_NEVER);
	if (error == 0)
		error =
		    association_send_data(association, buffer_slice(&prefix));
	if (error == 0)
		error = association_send_data(
		    association, slice_of(content, source->octets));
	if (error == 0)
		error = association_send_end(association);
	if (error == 0)
		error = association_send_finish(association);
	buffer_fini(&encoded);
	buffer_fini(&prefix);
	if (error != 0)
		return error;
	peer_figures_note(source->figures, source->octets, begun);
	if (source->output == -1)
		return 0;
	mts_identifier_format(&envelope->identifier, identifier);
	len = snprintf(line, sizeof(line), "%s\t%" PRIu64 "\t%016" PRIx64 "\n",
	    identifier, source->octets,
	    (uint64_t)XXH64(content, source->octets, 0));
	return write(source->output, line, (size_t)len) == len ? 0 : ERR_IO;
}

/* pace - wait until message i of this association is due */
static void
pace(const struct source *source, uint64_t begun, uint64_t i)
{
	uint64_t due, now = peer_now_ns();
	struct timespec wait;

	if (source->rate == 0)
		return;
	due = begun + i * 1000000000U * source->associations / source->rate;
	if (due <= now)
		return;
	wait.tv_sec = (time_t)((due - now) / 1000000000U);
	wait.tv_nsec = (long)((due - now) % 1000000000U);
	nanosleep(&wait, NULL);
}

/* run - one association and its share of the messages */
static int
run(const struct source *source, unsigned which)
{
	struct association_parameters parameters =
	    peer_parameters(source->checkpoint, source->window);
	struct association association;
	struct p1_envelope envelope;
	struct arena arena;
	struct slice result;
	uint8_t *content = malloc(source->octets + 1);
	uint64_t begun = peer_now_ns(), i = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	arena_init(&arena, 1 << 20);
	envelope_of(source, &arena, &envelope);
	association_references_make(
	    &parameters.references, slice_of_string(source->name));
	if (content == NULL || fd == -1 ||
	    association_init(&association,
		(struct association_io){association_poll, NULL}) != 0)
		errx(EXIT_FAILURE, "memory");
	if (connect(fd, (const struct sockaddr *)&source->address,
		sizeof(source->address)) != 0)
		err(EXIT_FAILURE, "connect");
	if (association_open(&association, fd, &parameters,
		peer_bind(source->name, source->password), &result) != 0)
		errx(EXIT_FAILURE, "open: %s", association.failure.text);
	for (uint64_t n = which; n < source->messages;
	     n += source->associations) {
		pace(source, begun, i++);
		if (send_one(source, &association, &envelope, content, n) != 0)
			errx(EXIT_FAILURE, "message %" PRIu64 ": %s", n,
			    association.failure.text);
	}
	(void)!association_release(&association);
	association_fini(&association);
	arena_fini(&arena);
	free(content);
	close(fd);
	return EXIT_SUCCESS;
}

/* priority_of - by its name */
static enum p1_priority
priority_of(const char *text)
{
	for (int p = P1_NORMAL; p <= P1_URGENT; p++)
		if (strcmp(p1_priority_name((enum p1_priority)p), text) == 0)
			return (enum p1_priority)p;
	errx(EXIT_FAILURE, "-P: %s", text);
}

/* options - the command line */
static void
options(struct source *source, int argc, char **argv)
{
	int option;

	while (
	    (option = getopt(argc, argv, "a:f:t:n:w:A:m:s:r:P:o:c:W:u:")) != -1)
		switch (option) {
		case 'a':
			source->address = peer_address(optarg);
			break;
		case 'f':
			source->from = optarg;
			break;
		case 't':
			source->to = optarg;
			break;
		case 'n':
			source->name = optarg;
			break;
		case 'w':
			source->password = optarg;
			break;
		case 'A':
			source->associations =
			    (unsigned)peer_number("-A", optarg, 1000);
			break;
		case 'm':
			source->messages = peer_number("-m", optarg, 1U << 30);
			break;
		case 's':
			source->octets = peer_number("-s", optarg, 1U << 31);
			break;
		case 'r':
			source->rate = peer_number("-r", optarg, 1U << 20);
			break;
		case 'P':
			source->priority = priority_of(optarg);
			break;
		case 'o':
			source->output = open(optarg,
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
			break;
		case 'c':
			source->checkpoint =
			    (unsigned)peer_number("-c", optarg, 1 << 20);
			break;
		case 'W':
			source->window = (unsigned)peer_number(
			    "-W", optarg, ASSOCIATION_WINDOW_MAX);
			break;
		case 'u':
			source->tag = optarg;
			break;
		default:
			exit(EXIT_FAILURE);
		}
	if (source->address.sin_port == 0 || source->from == NULL ||
	    source->to == NULL || source->associations == 0)
		errx(EXIT_FAILURE, "-a, -f and -t are needed");
}

int
main(int argc, char **argv)
{
	static char tag[24];
	struct source source = {.name = "SOURCE",
	    .password = "",
	    .tag = tag,
	    .associations = 1,
	    .messages = 1,
	    .octets = 2048,
	    .checkpoint = 30,
	    .window = 5,
	    .output = -1};
	int status, failed = 0;

	snprintf(tag, sizeof(tag), "%x-%x-", (unsigned)time(NULL),
	    (unsigned)getpid());
	signal(SIGPIPE, SIG_IGN);
	options(&source, argc, argv);
	source.figures = peer_figures_new();
	for (unsigned i = 0; i < source.associations; i++)
		switch (fork()) {
		case -1:
			err(EXIT_FAILURE, "fork");
		case 0:
			exit(run(&source, i));
		default:
			break;
		}
	while (wait(&status) > 0)
		if (status != 0)
			failed = 1;
	peer_figures_print(source.figures);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
