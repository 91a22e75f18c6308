/* SPDX-License-Identifier: ISC */
/*
 * supervise.h - decide of a service: start a worker, watch its sockets, or wait
 */
#ifndef FOURPOST_MASTER_SUPERVISE_H
#define FOURPOST_MASTER_SUPERVISE_H

#include "master/service.h"

/* supervise - start a worker of a service, watch its sockets, or wait, as its
 * workers and its throttle ask for; called after whatever changes them */
void supervise(struct service *service);

/* supervise_connected - start a worker for a caller whom none awaits */
void supervise_connected(struct service *service);

/* supervise_delay_over - go on with a service that had to wait */
void supervise_delay_over(struct service *service);

/* supervise_changed - look again at the service of a worker that changed */
void supervise_changed(struct child *child);

/* supervise_failed - wait before the next start, for one went wrong */
void supervise_failed(struct service *service, const char *reason);

/* supervise_passed - end the waiting, for a worker started well */
void supervise_passed(struct service *service);

/* supervise_retire - tell all workers of a service to go */
void supervise_retire(struct service *service);

/* supervise_renew - tell those workers to go whose peer is not known yet: the
 * next ones begin with what is in force now */
void supervise_renew(struct service *service);

/* supervise_remove - end a service that is not configured any more, with the
 * last of its workers */
void supervise_remove(struct service *service);

#endif
