/* SPDX-License-Identifier: ISC */
/*
 * place.h - a postoffice in a temporary directory, for tests of msmi
 */
#ifndef FOURPOST_TESTS_PLACE_H
#define FOURPOST_TESTS_PLACE_H

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "msmi/msmi.h"
#include "tests/unit/test.h"

struct place {
	char dir[64];
	char sent[80]; /* where the fake queue manager writes */
};

/* place_init - make directories, settings, map, a worker without master */
void place_init(struct place *place, struct msmi *msmi);

/* place_fini - remove all of it */
void place_fini(struct place *place, struct msmi *msmi);

/* place_put - write a file below the postoffice, dated a while ago */
void
place_put(const struct place *place, const char *name, struct slice octets);

/* place_has - tell whether a file is there */
bool place_has(const struct place *place, const char *name);

/* place_get - read a file below the postoffice into the arena */
struct slice
place_get(const struct place *place, const char *name, struct arena *arena);

/* place_count - count the files of a directory below the postoffice */
size_t place_count(const struct place *place, const char *name);

#endif
