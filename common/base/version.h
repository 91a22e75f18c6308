/* SPDX-License-Identifier: ISC */
/*
 * version.h - tell which release of Fourpost this is
 *
 * The number stands in the file VERSION at the top of the tree and nowhere
 * else.  It says nothing about formats: the queue and the local protocol have
 * versions of their own (store/store.h, ipc/ipc.asn).
 */
#ifndef FOURPOST_BASE_VERSION_H
#define FOURPOST_BASE_VERSION_H

/* version_text - return the release, such as "1.2.3"; a static string */
const char *version_text(void);

/* version_print - print "PROGRAM (Fourpost) RELEASE" to standard output */
void version_print(const char *program);

#endif
