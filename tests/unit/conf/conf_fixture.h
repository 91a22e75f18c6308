/* SPDX-License-Identifier: ISC */
/*
 * conf_fixture.h - texts and files that the configuration's tests begin with
 */
#ifndef FOURPOST_TESTS_CONF_FIXTURE_H
#define FOURPOST_TESTS_CONF_FIXTURE_H

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_dump.h"
#include "tests/unit/test.h"

/* The least that is a whole configuration: three lines, then one a link. */
#define MTA_LINE "mta { name = \"MTA-A\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"

/* parse - parse a complete text that is right */
struct conf *parse_ok(const char *text);

/* parse_handed - parse a text from another process that is right */
struct conf *parse_handed(struct slice text);

/* parse_bad - parse a text that must be refused with just this reason */
void parse_bad(const char *text, const char *reason);

/* values_equal - tell whether all values of two sections are equal */
bool values_equal(enum conf_section section, const void *a, const void *b);

/* temporary_file - make a file with these octets and this mode; path is set */
void temporary_file(char path[64], const char *octets, size_t len, mode_t mode);

#endif
