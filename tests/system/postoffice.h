/* SPDX-License-Identifier: ISC */
/*
 * postoffice.h - the directories of a postoffice, for a suite to serve
 */
#ifndef FOURPOST_TESTS_POSTOFFICE_H
#define FOURPOST_TESTS_POSTOFFICE_H

/* postoffice_make - make the directory of a postoffice with P1, OUT, BAD and
 * ATT, and give all to the user of the workers */
void postoffice_make(const char *directory);

#endif
