/* SPDX-License-Identifier: ISC */
/*
 * sender.c - the messages that a peer sends, one after another; see sender.h
 */
#include "tests/peers/sender.h"

#include <sys/mman.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "mhs/ipm_encode.h"
#include "mhs/transfer.h"

/* address_of - parse an O/R name from text, or exit */
static void
address_of(const char *text, struct arena *arena, struct or_name *name)
{
	struct diag diag = {0};

	if (or_address_parse(
		slice_of_string(text), arena, &name->address, &diag) != 0)
		errx(EXIT_FAILURE, "%s: %s", text, diag_text(&diag));
}

/* private_extension - write an extension of an arc that is nobody's, with a
 * value that is easily found among the octets */
static void
private_extension(const struct sender_plan *plan, struct extension_list *list)
{
	/* 1.3.6.1.4.1.55555.7 */
	static const uint8_t oid[] = {0x2b, 6, 1, 4, 1, 0x83, 0xb2, 0x03, 7};
	static const uint8_t value[] = {4, 24, 'a', ' ', 'p', 'r', 'i', 'v',
	    'a', 't', 'e', ' ', 'e', 'x', 't', 'e', 'n', 's', 'i', 'o', 'n',
	    ' ', 'v', 'a', 'l', 'u'};
	static struct extension extension;

	extension = (struct extension){.number = EXTENSION_PRIVATE,
	    .oid = slice_of(oid, sizeof(oid)),
	    .criticality = plan->critical ? CRITICAL_FOR_TRANSFER : 0,
	    .value = slice_of(value, sizeof(value))};
	*list = (struct extension_list){&extension, 1, 1};
}

/* recipients_of - make as many recipients as the plan has: of several each has
 * a name with its number */
static void
recipients_of(const struct sender_plan *plan, struct arena *arena,
    struct p1_envelope *envelope)
{
	size_t count = plan->recipients > 0 ? plan->recipients : 1;
	char text[1024];

	envelope->recipients =
	    arena_array(arena, count, sizeof(*envelope->recipients));
	if (envelope->recipients == NULL)
		errx(EXIT_FAILURE, "memory");
	envelope->recipient_count = count;
	for (size_t i = 0; i < count; i++) {
		struct p1_recipient *recipient = &envelope->recipients[i];

		snprintf(text, sizeof(text),
		    count == 1 ? "%s" : "%s;G=r%zu;O=%060zu;OU1=%030zu",
		    plan->to, i, i, i);
		address_of(text, arena, &recipient->name);
		recipient->number = (int)(i % P1_RECIPIENTS_READ) + 1;
		recipient->explicit_conversion = -1;
		recipient->indicators = P1_RESPONSIBILITY |
		    P1_MTA_NON_DELIVERY_REPORT |
		    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	}
}

/* envelope_of - write the parts of the envelope that are alike in all
 * messages */
static void
envelope_of(const struct sender_plan *plan, struct arena *arena,
    struct p1_envelope *envelope)
{
	struct global_domain *domain = &envelope->identifier.domain;

	p1_init(envelope, MTS_MESSAGE);
	*domain = (struct global_domain){.country = slice_of_string("XX"),
	    .admd = slice_of_string("LOAD"),
	    .prmd = slice_of_string("SOURCE")};
	address_of(plan->from, arena, &envelope->originator);
	recipients_of(plan, arena, envelope);
	envelope->content_type.built_in =
	    plan->ipm ? P1_CONTENT_P2 : P1_CONTENT_UNIDENTIFIED;
	envelope->priority = plan->priority;
	if (plan->private)
		private_extension(plan, &envelope->extensions);
	if (p1_trace_append(
		envelope, arena, domain, plan->begun, TRACE_RELAYED, NULL) != 0)
		errx(EXIT_FAILURE, "trace");
}

/* fill - fill in the content of message number n: unlike any other's */
static void
fill(uint8_t *content, size_t len, uint64_t n, uint64_t now)
{
	uint64_t x = n * 0x9e3779b97f4a7c15U + 1;
	char head[32];
	size_t head_len;

	/* Eight octets at a time: the source shares its CPU with what is
	 * measured. */
	for (size_t i = 0; i < len; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(
		    content + i, &x, len - i < sizeof(x) ? len - i : sizeof(x));
	}
	head_len = (size_t)snprintf(head, sizeof(head), "@%" PRIu64 " ", now);
	memcpy(content, head, head_len < len ? head_len : len);
}

/* fill_text - fill in a text: letters in lines of 72, the head as it is */
static void
fill_text(uint8_t *text, size_t len)
{
	size_t i = strcspn((const char *)text, " ") + 1;
	uint64_t word;

	for (; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, text + i, sizeof(word));
		word = (word & 0x0f0f0f0f0f0f0f0fU) + 0x6161616161616161U;
		memcpy(text + i, &word, sizeof(word));
	}
	for (; i < len; i++)
		text[i] = (uint8_t)('a' + text[i] % 16);
	for (i = 72; i + 1 < len; i += 74)
		memcpy(text + i, "\r\n", 2);
}

/* fill_message - fill in an interpersonal message number n whose text is such a
 * content */
static void
fill_message(uint8_t *content, size_t len, uint64_t n, uint64_t now)
{
	struct ipm_outgoing text = {.form = IPM_FORM_TEXT,
	    .repertoire = IPM_IA5,
	    .length = len,
	    .modified = IPM_NO_TIME};
	struct ipm_encoder encoder = {0};
	struct ipm_heading heading;
	char local[32];
	size_t before = 0;

	(void)snprintf(local, sizeof(local), "load-%012" PRIu64, n);
	ipm_heading_init(&heading);
	heading.this_ipm.local = slice_of_string(local);
	heading.has_subject = true;
	heading.subject = slice_of_string("load");
	/* How long the text may be is known when the rest has been made. */
	for (unsigned i = 0; i < 2; i++) {
		ipm_encoder_fini(&encoder);
		if (len < before + 64 ||
		    ipm_encoder_init(
			&encoder, &heading, &text, 1, IPM_P2, NULL) != 0)
			errx(EXIT_FAILURE, "no message of %zu octets", len);
		before = ipm_encoder_prefix(&encoder, 0).len;
		text.length = len - before;
	}
	if (ipm_encoder_length(&encoder) != len)
		errx(EXIT_FAILURE, "no message of %zu octets", len);
	memcpy(content, ipm_encoder_prefix(&encoder, 0).data, before);
	ipm_encoder_fini(&encoder);
	fill(content + before, len - before, n, now);
	fill_text(content + before, len - before);
}

/* first_sent - note when message n is sent, or was, by whoever sent it first */
static uint64_t
first_sent(const struct sender *sender, uint64_t n)
{
	uint_fast64_t was = 0, now = peer_now_ns();

	if (sender->plan->claims == NULL ||
	    atomic_compare_exchange_strong(
		&sender->plan->claims[n].sent_ns, &was, now))
		return now;
	return was;
}

/* prepare - prepare message n in the sender: the same octets however often
 * it is sent */
static int
prepare(struct sender *sender, uint64_t n)
{
	const struct sender_plan *plan = sender->plan;
	char local[MTS_LOCAL_MAX + 1];
	int error;

	if (sender->number == n)
		return 0;
	sender->sent_ns = first_sent(sender, n);
	buffer_reset(&sender->encoded);
	buffer_reset(&sender->prefix);
	snprintf(local, sizeof(local), "%s%" PRIu64, plan->tag, n);
	sender->envelope.identifier.local = slice_of_string(local);
	(plan->ipm ? fill_message : fill)(
	    sender->content, plan->octets, n, sender->sent_ns);
	error =
	    p1_encode(&sender->envelope, EXTENSION_IMPLICIT, &sender->encoded);
	if (error == 0)
		error =
		    transfer_prefix(MTS_MESSAGE, buffer_slice(&sender->encoded),
			plan->octets, TRANSFER_NO_EXTERNAL, &sender->prefix);
	if (error == 0)
		sender->number = n;
	return error;
}

/* confirmed - count and note a message that the peer took */
static int
confirmed(struct sender *sender)
{
	const struct sender_plan *plan = sender->plan;
	char line[1024], identifier[MTS_IDENTIFIER_TEXT],
	    local[MTS_LOCAL_MAX + 1];
	int len;

	peer_figures_note(plan->figures, plan->octets, sender->sent_ns);
	if (plan->output == -1)
		return 0;
	snprintf(local, sizeof(local), "%s%" PRIu64, plan->tag, sender->number);
	sender->envelope.identifier.local = slice_of_string(local);
	mts_identifier_format(&sender->envelope.identifier, identifier);
	len = snprintf(line, sizeof(line), "%s\t%" PRIu64 "\t%016" PRIx64 "\n",
	    identifier, plan->octets,
	    (uint64_t)XXH64(sender->content, plan->octets, 0));
	return write(plan->output, line, (size_t)len) == len ? 0 : ERR_IO;
}

/* leave - do the mishap of a message: half of it and then no more, or more and
 * more */
static int
leave(struct sender *sender, struct association *association)
{
	int error = association_send_data(
	    association, slice_of(sender->content, sender->plan->octets / 2));

	while (error == 0 && sender->mishap->kind == MISHAP_ENDLESS)
		error = association_send_data(association,
		    slice_of(sender->content, sender->plan->octets));
	if (error != 0)
		return error;
	if (sender->mishap->kind == MISHAP_DISCARD)
		error = association_send_discard(association);
	else
		association_abort(association, ASSOCIATION_ABORT_LOCAL);
	return error != 0 ? error : ERR_CANCELLED;
}

/* send_one - send the message at hand, until the peer confirms it */
static int
send_one(struct sender *sender, struct association *association)
{
	const struct sender_plan *plan = sender->plan;
	int error = association_send_start(association,
	    buffer_length(&sender->prefix) + plan->octets, CLOCK_NEVER);

	if (error == 0)
		error = association_send_data(
		    association, buffer_slice(&sender->prefix));
	if (error == 0 &&
	    mishap_hits(sender->mishap, ++sender->on_this,
		slice_of(sender->content, plan->octets)))
		return leave(sender, association);
	if (error == 0)
		error = association_send_data(
		    association, slice_of(sender->content, plan->octets));
	if (error == 0)
		error = association_send_end(association);
	if (error == 0)
		error = association_send_finish(association);
	return error != 0 ? error : confirmed(sender);
}

/* pace - wait until the next message of this association is due */
static void
pace(const struct sender *sender)
{
	const struct sender_plan *plan = sender->plan;
	uint64_t due, now = peer_now_ns();

	if (plan->rate == 0)
		return;
	due = sender->begun +
	    sender->count * 1000000000U * plan->shares / plan->rate;
	if (due > now)
		peer_sleep_ns(due - now);
}

/* sender_claims_new - make claims shared with children, nobody's */
struct sender_claim *
sender_claims_new(uint64_t messages)
{
	void *claims = mmap(NULL, (messages + 1) * sizeof(struct sender_claim),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);

	if (claims == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return claims;
}

/* sender_init - prepare a sender without a connection */
void
sender_init(
    struct sender *sender, const struct sender_plan *plan, unsigned which)
{
	*sender = (struct sender){.plan = plan,
	    .number = UINT64_MAX,
	    .next = plan->claims == NULL ? which : plan->messages,
	    .begun = peer_now_ns(),
	    .content = malloc(plan->octets + 1)};
	if (sender->content == NULL)
		errx(EXIT_FAILURE, "memory");
	arena_init(&sender->arena, (size_t)512 << 20);
	buffer_init(&sender->encoded, P1_ENVELOPE_MAX);
	buffer_init(&sender->prefix, P1_ENVELOPE_MAX + 64);
	if (plan->messages > 0)
		envelope_of(plan, &sender->arena, &sender->envelope);
}

/* sender_fini - leave to others what it has not sent */
void
sender_fini(struct sender *sender)
{
	const struct sender_plan *plan = sender->plan;

	if (plan->claims != NULL && sender->next < plan->messages)
		atomic_store(&plan->claims[sender->next].pid, 0);
	buffer_fini(&sender->encoded);
	buffer_fini(&sender->prefix);
	arena_fini(&sender->arena);
	free(sender->content);
}

/* sender_connected - note another connection, with its mishap */
void
sender_connected(struct sender *sender, const struct mishap *mishap)
{
	sender->mishap = mishap;
	sender->on_this = 0;
}

/* sender_has - tell whether there is a message for it to send */
bool
sender_has(struct sender *sender)
{
	const struct sender_plan *plan = sender->plan;

	if (plan->claims == NULL || sender->next < plan->messages)
		return sender->next < plan->messages &&
		    !atomic_load(&plan->figures->enough);
	for (uint64_t n = 0; n < plan->messages; n++) {
		int nobody = 0;

		if (!atomic_compare_exchange_strong(
			&plan->claims[n].pid, &nobody, (int)getpid()))
			continue;
		sender->next = n;
		return true;
	}
	return false;
}

/* sender_send - send the next, when it is due */
int
sender_send(struct sender *sender, struct association *association)
{
	const struct sender_plan *plan = sender->plan;
	int error;

	pace(sender);
	if ((error = prepare(sender, sender->next)) == 0)
		error = send_one(sender, association);
	if (error != 0)
		return error;
	sender->count++;
	if (plan->claims == NULL) {
		sender->next += plan->shares;
		return 0;
	}
	atomic_store(&plan->claims[sender->next].pid, -1);
	sender->next = plan->messages;
	return 0;
}
