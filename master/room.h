/* SPDX-License-Identifier: ISC */
/*
 * room.h - choose which x400in goes when too many serve unknown callers
 *
 * A caller is unbound until it said who it is.  Of unbound ones there are at
 * most ROOM_UNBOUND_MAX, and ROOM_ADDRESS_MAX from one address: beyond that the
 * one that has been there longest is told to go.  A peer that is configured,
 * by a numeric address or remote-addresses, is no stranger: no limit by
 * address for it, and strangers go first, so that there is room for it
 * whatever they do.  Names are not resolved here.
 *
 * The address is what the worker noted in its slot before it said that it is
 * busy; octets that are compared, nothing else.
 */
#ifndef FOURPOST_MASTER_ROOM_H
#define FOURPOST_MASTER_ROOM_H

#include "master/service.h"

#define ROOM_UNBOUND_MAX SERVICE_UNBOUND_MAX
#define ROOM_ADDRESS_MAX 10

/* room_make - make room for another caller: of too many the oldest goes */
void room_make(struct service *service);

/* room_caller - keep the callers from one address few: of too many from the
 * address of this one the oldest goes */
void room_caller(const struct child *caller);

#endif
