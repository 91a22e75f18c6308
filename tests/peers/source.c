/* SPDX-License-Identifier: ISC */
/*
 * source.c - what a source does on its associations; see source.h
 */
#include "tests/peers/source.h"

#include <sys/socket.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "mhs/transfer.h"
#include "tests/peers/gate.h"

/* What one association's process works with. */
struct load {
	const struct source *source;
	struct mishaps mishaps;
	const struct mishap *mishap; /* of this connection */
	struct arena arena;
	struct p1_envelope envelope;
	uint8_t *content;
	uint64_t number;  /* the message in content */
	uint64_t next;	  /* the first message not confirmed yet */
	uint64_t count;	  /* of messages confirmed here */
	uint64_t on_this; /* of messages begun on this connection */
	uint64_t begun;	  /* the process, in ns */
	uint64_t sent_ns; /* the message in content, first */
	struct buffer encoded, prefix;
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

/* private_extension - of an arc that is nobody's, with a value that is easily
 * found among the octets */
static void
private_extension(const struct source *source, struct extension_list *list)
{
	/* 1.3.6.1.4.1.55555.7 */
	static const uint8_t oid[] = {0x2b, 6, 1, 4, 1, 0x83, 0xb2, 0x03, 7};
	static const uint8_t value[] = {4, 24, 'a', ' ', 'p', 'r', 'i', 'v',
	    'a', 't', 'e', ' ', 'e', 'x', 't', 'e', 'n', 's', 'i', 'o', 'n',
	    ' ', 'v', 'a', 'l', 'u'};
	static struct extension extension;

	extension = (struct extension){.number = EXTENSION_PRIVATE,
	    .oid = slice_of(oid, sizeof(oid)),
	    .criticality = source->critical ? CRITICAL_FOR_TRANSFER : 0,
	    .value = slice_of(value, sizeof(value))};
	*list = (struct extension_list){&extension, 1, 1};
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
	if (source->private)
		private_extension(source, &envelope->extensions);
	envelope->recipients = &recipient;
	envelope->recipient_count = 1;
	if (p1_trace_append(
		envelope, arena, domain, time(NULL), TRACE_RELAYED, NULL) != 0)
		errx(EXIT_FAILURE, "trace");
}

/* fill - the content of message number n: unlike any other's */
static void
fill(uint8_t *content, size_t len, uint64_t n, uint64_t now)
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
	head_len = (size_t)snprintf(head, sizeof(head), "@%" PRIu64 " ", now);
	memcpy(content, head, head_len < len ? head_len : len);
}

/* prepare - message n in load: the same octets however often it is sent */
static int
prepare(struct load *load, uint64_t n)
{
	const struct source *source = load->source;
	char local[MTS_LOCAL_MAX + 1];
	int error;

	if (load->number == n)
		return 0;
	load->sent_ns = peer_now_ns();
	buffer_reset(&load->encoded);
	buffer_reset(&load->prefix);
	snprintf(local, sizeof(local), "%s%" PRIu64, source->tag, n);
	load->envelope.identifier.local = slice_of_string(local);
	fill(load->content, source->octets, n, load->sent_ns);
	error = p1_encode(&load->envelope, EXTENSION_IMPLICIT, &load->encoded);
	if (error == 0)
		error =
		    transfer_prefix(P1_MESSAGE, buffer_slice(&load->encoded),
			source->octets, TRANSFER_NO_EXTERNAL, &load->prefix);
	if (error == 0)
		load->number = n;
	return error;
}

/* confirmed - the peer took the message: count it, note it */
static int
confirmed(struct load *load)
{
	const struct source *source = load->source;
	char line[1024], identifier[MTS_IDENTIFIER_TEXT],
	    local[MTS_LOCAL_MAX + 1];
	int len;

	peer_figures_note(source->figures, source->octets, load->sent_ns);
	if (source->output == -1)
		return 0;
	snprintf(local, sizeof(local), "%s%" PRIu64, source->tag, load->number);
	load->envelope.identifier.local = slice_of_string(local);
	mts_identifier_format(&load->envelope.identifier, identifier);
	len = snprintf(line, sizeof(line), "%s\t%" PRIu64 "\t%016" PRIx64 "\n",
	    identifier, source->octets,
	    (uint64_t)XXH64(load->content, source->octets, 0));
	return write(source->output, line, (size_t)len) == len ? 0 : ERR_IO;
}

/* leave - the mishap of a message: half of it, and then no more */
static int
leave(struct load *load, struct association *association)
{
	int error = association_send_data(
	    association, slice_of(load->content, load->source->octets / 2));

	if (error != 0)
		return error;
	if (load->mishap->kind == MISHAP_DISCARD)
		error = association_send_discard(association);
	else
		association_abort(association, ASSOCIATION_ABORT_LOCAL);
	return error != 0 ? error : ERR_CANCELLED;
}

/* send_one - the message in load, confirmed by the peer */
static int
send_one(struct load *load, struct association *association)
{
	const struct source *source = load->source;
	int error = association_send_start(association,
	    buffer_length(&load->prefix) + source->octets, CLOCK_NEVER);

	if (error == 0)
		error = association_send_data(
		    association, buffer_slice(&load->prefix));
	if (error == 0 &&
	    mishap_hits(load->mishap, ++load->on_this,
		slice_of(load->content, source->octets)))
		return leave(load, association);
	if (error == 0)
		error = association_send_data(
		    association, slice_of(load->content, source->octets));
	if (error == 0)
		error = association_send_end(association);
	if (error == 0)
		error = association_send_finish(association);
	return error != 0 ? error : confirmed(load);
}

/* sleep_ns - for so long */
static void
sleep_ns(uint64_t ns)
{
	struct timespec wait = {.tv_sec = (time_t)(ns / 1000000000U),
	    .tv_nsec = (long)(ns % 1000000000U)};

	nanosleep(&wait, NULL);
}

/* pace - wait until the next message of this association is due */
static void
pace(const struct load *load)
{
	const struct source *source = load->source;
	uint64_t due, now = peer_now_ns();

	if (source->rate == 0)
		return;
	due = load->begun +
	    load->count * 1000000000U * source->associations / source->rate;
	if (due > now)
		sleep_ns(due - now);
}

/* send_all - what is left of this association's share; 0: nothing */
static int
send_all(struct load *load, struct association *association)
{
	const struct source *source = load->source;
	int error = 0;

	while (error == 0 && load->next < source->messages) {
		pace(load);
		if ((error = prepare(load, load->next)) == 0)
			error = send_one(load, association);
		if (error == 0) {
			load->count++;
			load->next += source->associations;
		}
	}
	return error;
}

/* dial - a connection, with its mishap before it; -1: refused */
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
	if (connect(fd, (const struct sockaddr *)&source->address,
		sizeof(source->address)) != 0) {
		close(fd);
		return -1;
	}
	return mishap_on_wire(load->mishap) ? gate_put(&gate, fd) : fd;
}

/* attempt - one association, as far as it gets; 0: nothing is left to do */
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
	load->mishap = mishap_next(&load->mishaps);
	load->on_this = 0;
	atomic_fetch_add(&source->figures->connections, 1);
	association_references_make(
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
			error = send_all(load, &association);
		if (error == 0)
			(void)!association_release(&association);
		else if (load->mishap->kind == MISHAP_NONE)
			warnx("message %" PRIu64 ": %s", load->next,
			    association.failure.text);
		close(fd);
	}
	association_fini(&association);
	return error;
}

/* source_run - association number which and its share of the messages */
int
source_run(const struct source *source, unsigned which)
{
	struct load load = {.source = source,
	    .mishaps = source->mishaps,
	    .number = UINT64_MAX,
	    .next = which,
	    .begun = peer_now_ns(),
	    .content = malloc(source->octets + 1)};
	int error;

	if (load.content == NULL)
		errx(EXIT_FAILURE, "memory");
	load.mishaps.next = which;
	arena_init(&load.arena, 1 << 20);
	buffer_init(&load.encoded, P1_ENVELOPE_MAX);
	buffer_init(&load.prefix, P1_ENVELOPE_MAX + 64);
	envelope_of(source, &load.arena, &load.envelope);
	while ((error = attempt(&load)) != 0) {
		if (atomic_fetch_add(&source->figures->failures, 1) >=
		    source->retries)
			break;
		sleep_ns(source->retry_ms * UINT64_C(1000000));
	}
	buffer_fini(&load.encoded);
	buffer_fini(&load.prefix);
	arena_fini(&load.arena);
	free(load.content);
	return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
