/* SPDX-License-Identifier: ISC */
/*
 * fake.c - the other side of one connection of the queue manager
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "tests/sim/fake.h"
#include "tests/sim/master.h"
#include "tests/sim/owned.h"
#include "tests/sim/side.h"
#include "tests/sim/world.h"

#define TURNS_MAX 100000 /* of one moment: more is a loop */

static struct fake *fakes[FAKES_MAX];
static int watch = -1;
static uint64_t sent; /* kinds of records, a bit for each */

/* fakes_init - begin with none */
void
fakes_init(void)
{
	watch = owned_keep(epoll_create1(0));
}

/* fake_begin - make a fake */
struct fake *
fake_begin(const struct fake_role *role, size_t size)
{
	struct fake *fake = calloc(1, size);

	fake->role = role;
	fake->read_at = fake->act_at = SIM_NEVER;
	for (fake->index = 0; fake->index < FAKES_MAX; fake->index++)
		if (fakes[fake->index] == NULL) {
			fakes[fake->index] = fake;
			return fake;
		}
	sim_fail("too many fakes");
}

/* fake_adopt - have a fake speak over a connected socket */
void
fake_adopt(struct fake *fake, int fd)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
	    .data.u32 = fake->index};

	owned_keep(fd);
	if (ipc_channel_init(&fake->channel, fd) < 0 ||
	    epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) < 0)
		sim_fail("a fake cannot have its socket");
	fake->open = true;
}

/* fake_connect - connect to a socket of the queue manager */
bool
fake_connect(struct fake *fake, const char *socket)
{
	struct ipc_channel channel;
	char path[108];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", world_directory(), socket);
	if (ipc_channel_connect(&channel, path) < 0)
		return false;
	fd = channel.fd;
	channel.fd = -1;
	ipc_channel_fini(&channel);
	fake_adopt(fake, fd);
	return true;
}

/* fake_hello - say who it is */
void
fake_hello(struct fake *fake, enum ipc_role role)
{
	struct ipc_record record = {.type = IPC_HELLO};

	record.hello.version = 1;
	record.hello.pid = fake->pid != 0 ? fake->pid : 1;
	record.hello.role = role;
	record.hello.name = slice_of_string(fake->name);
	record.hello.instance = fake->instance;
	if (fake->pid != 0)
		record.hello.ticket = slice_of_string(MASTER_TICKET);
	fake_send(fake, &record);
}

/* fake_send - send a record */
void
fake_send(struct fake *fake, const struct ipc_record *record)
{
	if (!fake->open)
		return;
	trace_note(fake->role->name, fake->index, record->type + 100U);
	fake_note_sent(record->type);
	if (ipc_channel_send(&fake->channel, record) < 0)
		sim_fail("%s says more than is taken", fake->role->name);
	/* That the connection has ended is read, after what came before. */
	if (ipc_channel_flush(&fake->channel) < 0 && fake->read_at == SIM_NEVER)
		fake->read_at = sim_now();
}

/* fake_note_sent - note that a kind of record was sent */
void
fake_note_sent(enum ipc_type type)
{
	sent |= UINT64_C(1) << type;
}

/* fakes_sent - get the kinds that were sent, a bit for each */
uint64_t
fakes_sent(void)
{
	return sent;
}

/* fake_event - send what its association does */
void
fake_event(struct fake *fake, enum ipc_link_state state)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = state;
	record.link_event.stage = slice_of_string("association");
	record.link_event.reason = slice_of_string(
	    state == IPC_LINK_BOUND || state == IPC_LINK_RELEASED ? ""
								  : "so it is");
	record.link_event.address = slice_of_string("127.0.0.1");
	fake_send(fake, &record);
}

/* fake_act_in - act after so many nanoseconds, or earlier if it is to */
void
fake_act_in(struct fake *fake, uint64_t nanoseconds)
{
	uint64_t at = sim_after(nanoseconds);

	if (at < fake->act_at)
		fake->act_at = at;
}

/* fake_act_between - act between so many ms from now */
void
fake_act_between(struct fake *fake, uint64_t low, uint64_t high)
{
	fake_act_in(fake, chance_between(low * 1000, high * 1000) * 1000);
}

/* fake_close - close its connection */
void
fake_close(struct fake *fake)
{
	if (!fake->open)
		return;
	fake->open = false;
	fake->read_at = SIM_NEVER;
	ipc_channel_fini(&fake->channel);
}

/* fake_end - end it: its process is gone */
void
fake_end(struct fake *fake)
{
	fake_close(fake);
	fake->over = true;
	fake->act_at = SIM_NEVER;
}

/* fake_at - get the fake at an index, or NULL */
struct fake *
fake_at(unsigned index)
{
	struct fake *fake = index < FAKES_MAX ? fakes[index] : NULL;

	return fake != NULL && !fake->over ? fake : NULL;
}

/* fake_count - count those of a role */
unsigned
fake_count(const struct fake_role *role)
{
	unsigned count = 0;

	for (unsigned i = 0; i < FAKES_MAX; i++)
		count += fake_at(i) != NULL && fakes[i]->role == role;
	return count;
}

/* take_all - give a fake what came */
static void
take_all(struct fake *fake)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled = 0, rc;

	if (ipc_channel_pending(&fake->channel) > 0)
		(void)!ipc_channel_flush(&fake->channel);
	while (fake->open && !fake->over) {
		rc = ipc_channel_take(&fake->channel, &record, &diag);
		if (rc < 0)
			sim_fail("%s cannot read what came: %s",
			    fake->role->name, diag_text(&diag));
		if (rc == 1) {
			trace_note(fake->role->name, fake->index, record.type);
			fake->role->take(fake, &record);
			continue;
		}
		if (filled < 0)
			break;
		filled = ipc_channel_fill(&fake->channel);
	}
	if (!fake->open || fake->over || filled == ERR_AGAIN)
		return;
	trace_note("closed", fake->index, 0);
	fake_close(fake);
	fake->role->gone(fake);
}

/* look - note for whom something has come */
static void
look(void)
{
	struct epoll_event events[FAKES_MAX];
	int count = sim_poll(watch, events, FAKES_MAX);

	for (int i = 0; i < count; i++) {
		struct fake *fake = fake_at(events[i].data.u32);
		/* Most answer at once, some are slow. */
		uint64_t latency = chance_one_in(20)
		    ? chance_between(1000, 30000)
		    : chance_between(10, 300);

		if (fake != NULL && fake->open && fake->read_at == SIM_NEVER)
			fake->read_at = sim_after(latency * 1000);
	}
}

/* due - find who is to act first, and is due; or NULL */
static struct fake *
due(void)
{
	struct fake *first = NULL;
	uint64_t at = sim_now();

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		struct fake *fake = fake_at(i);
		uint64_t when;

		if (fake == NULL)
			continue;
		when =
		    fake->read_at < fake->act_at ? fake->read_at : fake->act_at;
		if (when <= at && (first == NULL || when < at)) {
			first = fake;
			at = when;
		}
	}
	return first;
}

/* sweep - free those that are over */
static void
sweep(void)
{
	for (unsigned i = 0; i < FAKES_MAX; i++)
		if (fakes[i] != NULL && fakes[i]->over) {
			master_ended(fakes[i]);
			free(fakes[i]);
			fakes[i] = NULL;
		}
}

/* fakes_act - have all act that are due */
void
fakes_act(void)
{
	struct fake *fake;

	sweep();
	look();
	for (int turns = 0; (fake = due()) != NULL; turns++) {
		if (turns > TURNS_MAX)
			sim_fail("%s goes round", fake->role->name);
		if (fake->read_at <= fake->act_at) {
			fake->read_at = SIM_NEVER;
			take_all(fake);
		} else {
			fake->act_at = SIM_NEVER;
			fake->role->act(fake);
		}
		sweep();
	}
}

/* fakes_next - tell when the next will act */
uint64_t
fakes_next(void)
{
	uint64_t next = SIM_NEVER;

	for (unsigned i = 0; i < FAKES_MAX; i++) {
		const struct fake *fake = fake_at(i);

		if (fake == NULL)
			continue;
		if (fake->read_at < next)
			next = fake->read_at;
		if (fake->act_at < next)
			next = fake->act_at;
	}
	return next;
}
