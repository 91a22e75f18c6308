/* SPDX-License-Identifier: ISC */
/*
 * directory.h - the directory in which an application and this MTA meet
 *
 *	out/tmp    files of ours that are not whole yet
 *	out/new    ID.json for the program to claim; ID.content, ID.N.part
 *	out/cur    ID.json that the program has claimed, by renaming it
 *	out/done   ID.json, the program's answer
 *	out/error  answers that cannot be used, each beside ID.error.json
 *	in/new     NAME.json that the program submits, and the files it names
 *	in/done    NAME.json, our answer
 *	in/error   what could not be taken, beside NAME.error.json
 *
 * Every file is opened by its plain name within one of these, never through a
 * symbolic link.  Files of ours are for the program's group where there is
 * one, else for our own user.
 */
#ifndef FOURPOST_APP_DIRECTORY_H
#define FOURPOST_APP_DIRECTORY_H

#include <sys/types.h>

#include <stdbool.h>

#include "conf/conf.h"

enum directory_place {
	DIRECTORY_OUT_TMP,
	DIRECTORY_OUT_NEW,
	DIRECTORY_OUT_CUR,
	DIRECTORY_OUT_DONE,
	DIRECTORY_OUT_ERROR,
	DIRECTORY_IN_NEW,
	DIRECTORY_IN_DONE,
	DIRECTORY_IN_ERROR,
	DIRECTORY_PLACES
};

struct directory {
	char path[256]; /* as we see it: empty where it is our root */
	bool shared;	/* with a group */
	int fd[DIRECTORY_PLACES];
};

/* directory_init - begin with nothing open */
void directory_init(struct directory *directory);

/*
 * directory_check - look whether a directory is there and the application's
 *
 * Started by root it must be of that group, or, without one, of the user that
 * we become; else of our own user.  Another one is a place where something is
 * not mounted.  ERR_NOTFOUND, ERR_DENIED.
 */
int directory_check(const char *path, const struct conf_group *group,
    struct diag *diag) WARN_UNUSED;

/* directory_open - open all places, make what is missing.  ERR_IO, ERR_LIMIT */
int directory_open(struct directory *directory, const char *path, bool shared,
    struct diag *diag) WARN_UNUSED;

/* directory_close - close all */
void directory_close(struct directory *directory);

/* directory_intact - tell whether all places are still where they were */
bool directory_intact(const struct directory *directory);

/* directory_mode - get the mode of a file of ours */
mode_t directory_mode(const struct directory *directory);

/* directory_name - name a place: "out/new" */
const char *directory_name(enum directory_place place);

#endif
