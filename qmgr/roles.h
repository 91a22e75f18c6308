/* SPDX-License-Identifier: ISC */
/*
 * roles.h - which role may send which record, and who takes it
 */
#ifndef FOURPOST_QMGR_ROLES_H
#define FOURPOST_QMGR_ROLES_H

#include "qmgr/engine/client.h"

/* The table that qmgr->handlers points to. */
extern const struct client_handlers roles_handlers;

#endif
