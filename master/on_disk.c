/* SPDX-License-Identifier: ISC */
/*
 * on_disk.c - whether the configuration on disk is the one in force
 */
#include "master/on_disk.h"

#include <sys/stat.h>

#include <limits.h>
#include <string.h>

#include "conf/conf_compare.h"
#include "conf/conf_report.h"
#include "conf/conf_tls.h"
#include "master/master.h"

/* File systems tell times no better than this, ms. */
#define GRANULARITY 2000

/* A look at all files, as one number. */
struct look {
	uint64_t mark;
	int64_t newest; /* wall clock ms */
};

/* mix - have a number change the mark (FNV-1a) */
static void
mix(struct look *look, uint64_t number)
{
	for (int i = 0; i < 8; i++) {
		look->mark ^= number >> (8 * i) & 0xff;
		look->mark *= UINT64_C(0x100000001b3);
	}
}

/* look_at - look at a file; empty: there is none */
static void
look_at(struct look *look, const char *path)
{
	struct stat st;
	int64_t changed;

	if (path == NULL || path[0] == '\0')
		return;
	if (stat(path, &st) != 0) {
		mix(look, 1);
		return;
	}
	mix(look, (uint64_t)st.st_ino);
	mix(look, (uint64_t)st.st_size);
	mix(look, (uint64_t)st.st_mtim.tv_sec);
	mix(look, (uint64_t)st.st_mtim.tv_nsec);
	changed =
	    (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (changed > look->newest)
		look->newest = changed;
}

/* is_beside - tell whether a directory is that of a file */
static bool
is_beside(const char *directory, const char *file)
{
	size_t len = strlen(directory);

	return strncmp(file, directory, len) == 0 && file[len] == '/' &&
	    strchr(file + len + 1, '/') == NULL;
}

/* look_at_included - look at the files that are included, and at their
 * directories, where there may be more now */
static void
look_at_included(struct look *look, const struct conf *conf)
{
	char directory[PATH_MAX], *slash;

	for (size_t i = 0; i < conf->place_count; i++) {
		const char *path = conf->places[i].file;

		if (strcmp(path, conf->file) == 0)
			continue;
		look_at(look, path);
		(void)strlcpy(directory, path, sizeof(directory));
		slash = strrchr(directory, '/');
		if (slash == NULL)
			continue;
		*slash = '\0';
		/* Beside the file itself others lie that are not included. */
		if (!is_beside(directory, conf->file))
			look_at(look, directory);
	}
}

/* look_at_link - look at the files that a link names */
static void
look_at_link(struct look *look, const struct conf_link *link)
{
	look_at(look, link->remote_password_file);
	look_at(look, link->local_password_file);
	look_at(look, link->address_space_file);
	look_at(look, link->tls_certificate.path);
	look_at(look, link->tls_key.path);
}

/* look_at_all - look at all files of the configuration in force */
static struct look
look_at_all(const struct master *master)
{
	struct look look = {.mark = UINT64_C(0xcbf29ce484222325)};
	const struct conf *conf = master->conf;

	look_at(&look, master->conf_path);
	look_at_included(&look, conf);
	look_at(&look, conf->mta.password_file);
	look_at(&look, conf->mta.tls_certificate.path);
	look_at(&look, conf->mta.tls_key.path);
	look_at(&look, conf->mta.tls_authorities.path);
	look_at(&look, conf->mta.tls_revocations.path);
	for (size_t i = 0; i < conf->link_count; i++)
		look_at_link(&look, &conf->links[i]);
	/* Not their maps: these may lie on a share that hangs, and their
	 * workers look at them. */
	for (size_t i = 0; i < conf->msmail_count; i++)
		look_at(&look, conf->msmails[i].address_space_file);
	for (size_t i = 0; i < conf->list_count; i++)
		look_at(&look, conf->lists[i].members_file);
	/* 0 stands for never. */
	if (look.mark == 0)
		look.mark = 1;
	return look;
}

/* judge - read the files and compare them with what is in force */
static void
judge(struct master *master)
{
	struct on_disk *disk = &master->on_disk;
	struct conf *conf = NULL;
	struct diag diag = {0};

	disk->wrong[0] = '\0';
	disk->verdict = ON_DISK_INVALID;
	if (conf_parse_file(master->conf_path, &conf, &diag) == 0 &&
	    conf_tls_load(conf, &diag) == 0)
		disk->verdict =
		    conf_compare(master->conf, conf, NULL, NULL) == 0
		    ? ON_DISK_SAME
		    : ON_DISK_NEWER;
	else
		(void)strlcpy(
		    disk->wrong, diag_text(&diag), sizeof(disk->wrong));
	conf_free(conf);
}

/* on_disk_read - note that what is in force was read from started on */
void
on_disk_read(struct master *master, int64_t started)
{
	struct look look = look_at_all(master);

	/* A file that was changed just then may have been read before. */
	master->on_disk = (struct on_disk){
	    .mark = look.newest >= started - GRANULARITY ? 0 : look.mark};
}

/* on_disk_look - look at the files, and judge them if they changed */
const struct on_disk *
on_disk_look(struct master *master)
{
	struct look look = look_at_all(master);

	/* Judged once for each change, since who may look can ask as often as
	 * he likes. */
	if (look.mark != master->on_disk.mark) {
		master->on_disk.mark = look.mark;
		master->on_disk.since = look.newest;
		judge(master);
	}
	return &master->on_disk;
}
