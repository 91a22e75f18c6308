/* SPDX-License-Identifier: ISC */
/*
 * proxied.h - learn from a balancer who calls
 *
 * On sockets of listen-proxy the connection comes from a balancer, whose first
 * octets are a PROXY header.  Whoever else could write one would choose the
 * address by which remote-addresses and the limits judge him, so only the
 * networks of proxy-from are believed.
 */
#ifndef FOURPOST_X400IN_PROXIED_H
#define FOURPOST_X400IN_PROXIED_H

#include "conf/conf.h"
#include "ipc/record.h"
#include "traffic/engine/traffic.h"

/* proxied_learn - parse the settings that qmgr sent, in place of *conf, which
 * is freed.  ERR_NOMEM, or as conf_parse_text with its reason in diag */
int proxied_learn(struct conf **conf, const struct ipc_settings *settings,
    struct diag *diag) WARN_UNUSED;

/*
 * proxied_caller - read the header of the connection of traffic, and note the
 * caller's address there and for master
 *
 * networks: those of proxy-from; from: the other end of the connection.  false:
 * nobody calls, and the connection is to be closed: it is a check by the
 * balancer, or was refused, which is logged then.
 */
bool proxied_caller(struct traffic *traffic,
    const struct conf_networks *networks, const struct sockaddr_storage *from);

#endif
