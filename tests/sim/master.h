/* SPDX-License-Identifier: ISC */
/*
 * master.h - master, as the queue manager sees it
 *
 * It holds the sockets on which workers are waited for, starts one for each
 * connection, and tells the life of each start and end.
 */
#ifndef FOURPOST_TESTS_SIM_MASTER_H
#define FOURPOST_TESTS_SIM_MASTER_H

#include <stdint.h>

#include "tests/sim/fake.h"

#define MASTER_TICKET "0123456789abcdef"

/* master_init - listen where workers are waited for */
void master_init(void);

/* master_life - begin with a new life: its end of the channel.  It is told of
 * all workers that there are */
int master_life(void);

/* master_stop - tell the life to stop */
void master_stop(void);

/* master_reload - have the life take the configuration as it is now */
void master_reload(void);

/* master_throttle - have no worker of a link be started for a while, since they
 * crash */
void master_throttle(unsigned link, int64_t until);

/* master_started - note that the process of a fake was started as that role,
 * and tell the life */
void master_started(struct fake *fake, enum ipc_role role, const char *name);

/* master_ended - tell the life that the process of a fake has ended */
void master_ended(const struct fake *fake);

/* master_blame - have the end of a fake count against a message */
void master_blame(const struct fake *fake, uint64_t message);

/* master_act - start workers for connections that wait */
void master_act(void);

/* master_qmgr_socket - get the socket on which the life takes workers */
int master_qmgr_socket(void);

/* master_control_socket - get the socket on which the life takes tools */
int master_control_socket(void);

#endif
