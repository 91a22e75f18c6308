/* SPDX-License-Identifier: ISC */
/*
 * fake_socket.h - connections of a program: app, which submits and is given
 * what it asks for
 *
 * The program knows by their queue ids the messages that it has had, whichever
 * connection gave them.  What it has answered on a message it answers again,
 * and sometimes it answers for one that was taken back.
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_SOCKET_H
#define FOURPOST_TESTS_SIM_FAKE_SOCKET_H

/* socket_worker - see that there is a connection, or two */
void socket_worker(void);

/* socket_kill - kill one, if there is one */
void socket_kill(void);

#endif
