/* SPDX-License-Identifier: ISC */
/*
 * tail.h - a database whose file ends before its last page
 */
#ifndef FOURPOST_TESTS_STORE_TAIL_H
#define FOURPOST_TESTS_STORE_TAIL_H

/* tail_leave - take pages behind the last one of the database in a directory,
 * and give them back in the same transaction: its header counts them, and LMDB
 * writes none of them */
void tail_leave(const char *directory);

/* tail_size - count the octets of its file */
long tail_size(const char *directory);

#endif
