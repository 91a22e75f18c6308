/* SPDX-License-Identifier: ISC */
/*
 * certificates.h - say in time that a certificate of ours expires
 *
 * At the start, at a reload and once a day: from 30 days before with event
 * 20232, from 7 days before, and afterwards, with 20233.
 */
#ifndef FOURPOST_MASTER_CERTIFICATES_H
#define FOURPOST_MASTER_CERTIFICATES_H

#include "master/master.h"

/* certificates_look - look at the certificates in force, if a day has passed
 * since the last look */
void certificates_look(struct master *master);

/* certificates_changed - look at the next tick, because others may be in
 * force */
void certificates_changed(struct master *master);

#endif
