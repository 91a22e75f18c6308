/* SPDX-License-Identifier: ISC */
/*
 * resume.h - transfers of the peer that were cut, and go on (X.228 7.8, 8.6)
 *
 * When the peer resumes a transfer qmgr is asked what it knows of it.
 */
#ifndef FOURPOST_TRAFFIC_RESUME_H
#define FOURPOST_TRAFFIC_RESUME_H

#include "traffic/engine/traffic.h"

/* resume_ask - ask qmgr what it knows of the transfer that the peer resumes */
int resume_ask(
    struct traffic *traffic, const struct association_event *event) WARN_UNUSED;

/* resume_answered - continue the transfer, confirm it again, or refuse it, as
 * qmgr says */
void resume_answered(
    struct traffic *traffic, const struct ipc_resume_answer *answer);

#endif
