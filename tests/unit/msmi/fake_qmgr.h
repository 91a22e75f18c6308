/* SPDX-License-Identifier: ISC */
/*
 * fake_qmgr.h - a queue manager of a few lines, in a process of its own
 *
 * It takes submissions and keeps each as DIR/N.envelope and DIR/N.content,
 * and answers as the first octet of the file's name says: R refused, U
 * unavailable, D duplicate, else accepted; a file that it has accepted before,
 * by whichever process, is a duplicate until FileRemoved comes, and keeps
 * nothing more.  A name in DIR/removed.NAME tells that FileRemoved came.  In
 * names of files it writes a slash as '%'.
 */
#ifndef FOURPOST_TESTS_FAKE_QMGR_H
#define FOURPOST_TESTS_FAKE_QMGR_H

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "mhs/p1.h"
#include "tests/unit/test.h"

/* fake_run - start it; returns our end of the connection */
int fake_run(const char *dir, pid_t *pid);

/* fake_wait - wait for its end, which must be orderly: all that was sent is on
 * disk */
void fake_wait(pid_t pid);

#endif
