/* SPDX-License-Identifier: ISC */
/*
 * sockets.h - look whether our local sockets are still where we made them
 */
#ifndef FOURPOST_MASTER_SOCKETS_H
#define FOURPOST_MASTER_SOCKETS_H

struct master;

/* sockets_look - look for the local sockets; one that is gone is an event,
 * once until it is there again.  Called once a second */
void sockets_look(struct master *master);

#endif
