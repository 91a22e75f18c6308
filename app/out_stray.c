/* SPDX-License-Identifier: ISC */
/*
 * out_stray.c - answers and files that belong to no job
 *
 * qmgr gives the messages of an earlier worker again, but not all of them at
 * once if there are many: as long as it has not given all that it has, what
 * belongs to no job may be of one that is still to come.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/out.h"
#include "base/clock.h"

/* open_list - open a place for reading its entries, or NULL */
static DIR *
open_list(const struct out *out, enum directory_place place)
{
	int fd = openat(out->app.directory.fd[place], ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL && fd >= 0)
		close(fd);
	return dir;
}

/* has_all - tell whether qmgr has given all that it has */
static bool
has_all(const struct out *out)
{
	return out->hand.channel.jobs.count <
	    out->app.application->outstanding &&
	    clock_monotonic() - out->hand.last_job >= OUT_SETTLED;
}

/* refuse_strays - set answers aside that are of no object given out */
static void
refuse_strays(struct out *out)
{
	struct object_fault fault = {
	    .text = "no such object is given out and not answered"};
	DIR *dir = open_list(out, DIRECTORY_OUT_DONE);
	const struct dirent *entry;
	uint64_t id;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!entry_id(entry->d_name, &id) ||
		    handing_find(&out->hand, id) != NULL)
			continue;
		out_refuse(out, DIRECTORY_OUT_DONE, entry->d_name, id,
		    "not-yours", &fault);
		/* The program is done with it now, whatever it was. */
		if (!out->lost)
			out_remove(out, id);
	}
	if (dir != NULL)
		closedir(dir);
}

/* remove_strays - remove objects that nobody has claimed and that are not to be
 * given out, and answers that were committed */
static void
remove_strays(struct out *out, enum directory_place place)
{
	DIR *dir = open_list(out, place);
	const struct dirent *entry;
	uint64_t id;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		const char *dot = strchr(name + 1, '.');
		char json[ENTRY_FILE_MAX];
		bool own = name[0] == '.';

		/* ".7.answer" in out/tmp, "7.json" in out/new */
		if (dot == NULL ||
		    strcmp(dot, own ? ".answer" : ENTRY_JSON) != 0 ||
		    (size_t)(dot - name) + sizeof(ENTRY_JSON) > sizeof(json))
			continue;
		(void)strlcpy(json, name + own, (size_t)(dot - name) + !own);
		(void)strlcat(json, ENTRY_JSON, sizeof(json));
		if (entry_id(json, &id) && handing_find(&out->hand, id) == NULL)
			out_remove(out, id);
	}
	if (dir != NULL)
		closedir(dir);
}

/* out_stray - decide on answers and files that belong to no job */
void
out_stray(struct out *out)
{
	if (!has_all(out) ||
	    out->app.application->delivered_when == CONF_DELIVERED_WRITTEN)
		return;
	remove_strays(out, DIRECTORY_OUT_TMP);
	remove_strays(out, DIRECTORY_OUT_NEW);
	refuse_strays(out);
}

/* out_sweep - remove files of ours that nobody has needed for long */
void
out_sweep(struct out *out)
{
	int tmp = out->app.directory.fd[DIRECTORY_OUT_TMP];
	DIR *dir = open_list(out, DIRECTORY_OUT_TMP);
	int64_t now = clock_wall() / 1000;
	const struct dirent *entry;
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (fstatat(tmp, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    !S_ISDIR(st.st_mode) &&
		    now - st.st_mtim.tv_sec > OUT_LEFTOVER)
			(void)!unlinkat(tmp, entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}
