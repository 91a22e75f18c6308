/* SPDX-License-Identifier: ISC */
/*
 * harness.c - a queue manager in the test's own process; see harness.h
 */
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/loop.h"
#include "qmgr/trouble.h"
#include "tests/unit/qmgr/harness.h"

const char harness_conf[] =
    "mta {\n"
    " name = \"MTA-TEST\"\n"
    " domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    "}\n"
    "link \"paris\" {\n"
    " remote-mta = \"MTA-PARIS\" remote-password = \"pw-paris\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=FR;A=ATLAS\", \"C=FR;A= ;P=BNP\"} cost = 10\n"
    " threshold = 2 associations = 4 open-interval = \"600\"\n"
    " transfer-retries = 2 transfer-interval = \"0.01\"\n"
    "}\n"
    "link \"lyon\" {\n"
    " remote-mta = \"MTA-LYON\" remote-password = \"pw-lyon\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=FR;A=ATLAS;P=BNP;O=LYON\", \"C=FR\"}\n"
    " cost = 20 extension-tagging = \"explicit\"\n"
    "}\n"
    "link \"rome\" {\n"
    " remote-mta = \"MTA-ROME\" remote-password = \"pw-rome\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=IT\"} refused-message = \"hold\"\n"
    " max-size = \"100K\"\n"
    "}\n"
    "link \"rome2\" {\n"
    " remote-mta = \"MTA-ROME2\" remote-password = \"pw-rome2\"\n"
    " address = {\"127.0.0.1:1\"}\n"
    " address-space = {\"C=IT;A=IPT\"} cost = 5\n"
    "}\n"
    "msmail \"po1\" {\n"
    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    "}\n";

/* harness_sender - answer in place of the kernel that a client is the process
 * that it says it is */
static int64_t
harness_sender(const struct client *client)
{
	return client->pid;
}

int64_t
harness_announce(
    struct harness *h, enum ipc_role role, const char *name, uint32_t instance)
{
	const struct ipc_worker_started started = {.pid = ++h->next_pid,
	    .role = role == IPC_ROLE_REPORTER ? IPC_ROLE_X400OUT : role,
	    .name = slice_of_string(name),
	    .instance = instance,
	    .ticket = slice_of_string("0123456789abcdef")};

	ck_assert_int_eq(workers_started(&h->qmgr.workers, &started), 0);
	return h->next_pid;
}

struct ipc_hello
harness_hello(
    int64_t pid, enum ipc_role role, const char *name, uint32_t instance)
{
	return (struct ipc_hello){.pid = pid,
	    .role = role,
	    .name = slice_of_string(name),
	    .instance = instance,
	    .ticket = slice_of_string("0123456789abcdef")};
}

void
harness_open(struct harness *h)
{
	struct store_options options = {.queue_size = 64 << 20,
	    .mode = STORE_READ_WRITE,
	    .trouble = trouble_say};
	char path[128];
	struct store *store;
	struct conf *conf;
	struct diag diag = {0};

	snprintf(path, sizeof(path), "%s/queue", h->directory);
	ck_assert_msg(
	    conf_parse_text(
		slice_of_string(h->conf != NULL ? h->conf : harness_conf),
		"test", CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_msg(store_open(path, &options, &store, &diag) == 0, "%s",
	    diag_text(&diag));
	h->base = event_base_new();
	ck_assert_ptr_nonnull(h->base);
	ck_assert_msg(
	    loop_init(&h->qmgr, conf, store, h->base, h->directory, &diag) == 0,
	    "%s", diag_text(&diag));
	h->qmgr.sender = harness_sender;
	/* Tests count steps and not milliseconds. */
	h->qmgr.commit.company = 0;
}

void
harness_close(struct harness *h)
{
	loop_fini(&h->qmgr);
	event_base_free(h->base);
	h->base = NULL;
}

void
harness_init(struct harness *h)
{
	harness_init_conf(h, harness_conf);
}

void
harness_init_conf(struct harness *h, const char *conf)
{
	char path[128];
	int fd;

	*h = (struct harness){.conf = conf};
	strcpy(h->directory, "/tmp/qmgr-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(h->directory));
	snprintf(path, sizeof(path), "%s/log", h->directory);
	fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
	ck_assert_int_ge(fd, 0);
	log_init("qmgr", fd);
	arena_init(&h->arena, 8 << 20);
	harness_open(h);
}

/* harness_unlink - remove a file for nftw, before its directory */
static int
harness_unlink(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

void
harness_fini(struct harness *h)
{
	harness_close(h);
	arena_fini(&h->arena);
	ck_assert_int_eq(
	    nftw(h->directory, harness_unlink, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void
harness_step(struct harness *h)
{
	/* A side of the harness may be closed after the qmgr that it knew. */
	if (h->base == NULL)
		return;
	h->qmgr.again = true;
	loop_step(&h->qmgr);
}

void
harness_steps(struct harness *h, int count)
{
	for (int i = 0; i < count; i++)
		harness_step(h);
}

bool
harness_log_has(const struct harness *h, const char *text)
{
	char path[128], line[4096];
	bool found = false;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", h->directory);
	log = fopen(path, "r");
	ck_assert_ptr_nonnull(log);
	while (!found && fgets(line, sizeof(line), log) != NULL)
		found = strstr(line, text) != NULL;
	fclose(log);
	return found;
}

struct link *
harness_link(struct harness *h, const char *name)
{
	struct link *link = link_find(&h->qmgr.links, name);

	ck_assert_msg(link != NULL, "no link %s", name);
	return link;
}

struct or_name
harness_name(struct harness *h, const char *text)
{
	struct or_name name = {0};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), &h->arena,
			  &name.address, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	return name;
}

void
harness_envelope(struct harness *h, struct p1_envelope *e, size_t count,
    const char *const *to)
{
	struct diag diag = {0};

	p1_init(e, MTS_MESSAGE);
	ck_assert_int_eq(
	    global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"),
		&h->arena, &e->identifier.domain, &diag),
	    0);
	e->identifier.local = slice_of_string("x");
	e->originator = harness_name(h, "C=DE;A=VIAT;P=ACME;O=PO1;S=Sender");
	e->content_type.built_in = P1_CONTENT_P22;
	e->recipients = arena_array(&h->arena, count, sizeof(*e->recipients));
	ck_assert_ptr_nonnull(e->recipients);
	e->recipient_count = count;
	for (size_t i = 0; i < count; i++) {
		e->recipients[i].name = harness_name(h, to[i]);
		e->recipients[i].number = (int)i + 1;
		e->recipients[i].explicit_conversion = -1;
		e->recipients[i].indicators = P1_RESPONSIBILITY |
		    P1_MTA_NON_DELIVERY_REPORT |
		    P1_ORIGINATOR_NON_DELIVERY_REPORT;
	}
	ck_assert_int_eq(p1_trace_append(e, &h->arena, &e->identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
}

struct slice
harness_octets(struct harness *h, const struct p1_envelope *e)
{
	struct buffer out;
	struct slice copy;

	buffer_init(&out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(e, EXTENSION_IMPLICIT, &out), 0);
	ck_assert_int_eq(arena_slice(&h->arena, buffer_slice(&out), &copy), 0);
	buffer_fini(&out);
	return copy;
}

void
harness_job_envelope(struct harness *h, const struct ipc_job *job,
    enum mts_kind kind, struct p1_envelope *e)
{
	struct diag diag = {0};
	struct slice copy;

	ck_assert_uint_le(job->envelope_length, job->body.len);
	ck_assert_int_eq(
	    arena_slice(&h->arena,
		slice_of(job->body.data, (size_t)job->envelope_length), &copy),
	    0);
	ck_assert_msg(p1_decode(kind, copy, &h->arena, e, &diag) == 0, "%s",
	    diag_text(&diag));
}

void
harness_job_report(
    struct harness *h, const struct ipc_job *job, struct report *report)
{
	struct diag diag = {0};
	struct slice copy;

	ck_assert_int_eq(job->kind, MTS_REPORT);
	ck_assert_int_eq(arena_slice(&h->arena,
			     slice_of(job->body.data + job->envelope_length,
				 (size_t)job->content_length),
			     &copy),
	    0);
	ck_assert_msg(report_decode(copy, &h->arena, report, &diag) == 0, "%s",
	    diag_text(&diag));
}

uint64_t
harness_queued(const struct harness *h)
{
	return store_total(h->qmgr.store).messages;
}
