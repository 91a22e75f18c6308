/* SPDX-License-Identifier: ISC */
/*
 * records.h - the records of qmgr's
 */
#ifndef FOURPOST_TRAFFIC_RECORDS_H
#define FOURPOST_TRAFFIC_RECORDS_H

#include "traffic/engine/traffic.h"

/* records_take - handle one record of qmgr's: traffic.calls.take.
 * ERR_PROTOCOL, ERR_VALUE, ERR_LIMIT: a record that qmgr must not send */
int records_take(struct traffic *traffic, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
