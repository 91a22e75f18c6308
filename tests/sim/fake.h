/* SPDX-License-Identifier: ISC */
/*
 * fake.h - the other side of one connection of the queue manager
 *
 * A fake is a state machine in the world: it takes records, hears that its
 * connection is gone, and acts when its time has come.  It never waits.  What
 * it has to say it says by fake_send; what came is given to it after a latency
 * that is drawn for each time, so that processes overtake each other.
 *
 * To extend: write a file with a role, begin it from director.c, and note in
 * items.c what the peer, file or tool then has.
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_H
#define FOURPOST_TESTS_SIM_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/channel.h"
#include "tests/sim/clock.h"

#define FAKES_MAX  256
#define FAKES_BUSY 100 /* then no tool is begun */

struct fake;

struct fake_role {
	const char *name;
	/* take a record */
	void (*take)(struct fake *fake, const struct ipc_record *record);
	/* hear that the queue manager has closed the connection */
	void (*gone)(struct fake *fake);
	/* do what is due at act_at, which is SIM_NEVER by then */
	void (*act)(struct fake *fake);
};

struct fake {
	const struct fake_role *role;
	unsigned index;
	bool open; /* the channel */
	bool over; /* freed at the end of this turn of the world */
	struct ipc_channel channel;
	uint64_t read_at, act_at;
	int64_t pid;	       /* of the worker; 0: a tool */
	enum ipc_role started; /* as that, by master */
	char service[32];      /* "x400out/a#3", for master */
	char name[16];	       /* that hello gives */
	uint32_t instance;
};

/* fake_begin - make a fake; size is that of the struct that begins with it */
struct fake *fake_begin(const struct fake_role *role, size_t size);

/* fake_adopt - have a fake speak over a connected socket */
void fake_adopt(struct fake *fake, int fd);

/* fake_connect - connect to a socket of the queue manager; whether it did */
bool fake_connect(struct fake *fake, const char *socket);

/* fake_hello - say who it is */
void fake_hello(struct fake *fake, enum ipc_role role);

/* fake_send - send a record */
void fake_send(struct fake *fake, const struct ipc_record *record);

/* fake_note_sent - note that a kind of record was sent */
void fake_note_sent(enum ipc_type type);

/* fakes_sent - get the kinds that were sent, a bit for each */
uint64_t fakes_sent(void);

/* fake_event - send what its association does */
void fake_event(struct fake *fake, enum ipc_link_state state);

/* fake_act_in - act after so many nanoseconds, or earlier if it is to */
void fake_act_in(struct fake *fake, uint64_t nanoseconds);

/* fake_act_between - act between so many ms from now, both included */
void fake_act_between(struct fake *fake, uint64_t low, uint64_t high);

/* fake_close - close its connection, and go on without */
void fake_close(struct fake *fake);

/* fake_end - end it: its process is gone */
void fake_end(struct fake *fake);

/* fake_at - get the fake at an index, or NULL */
struct fake *fake_at(unsigned index);

/* fake_count - count those of a role */
unsigned fake_count(const struct fake_role *role);

/* fakes_act - have all act that are due */
void fakes_act(void);

/* fakes_next - tell when the next will act */
uint64_t fakes_next(void);

/* fakes_init - begin with none */
void fakes_init(void);

#endif
