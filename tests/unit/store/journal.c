/* SPDX-License-Identifier: ISC */
/*
 * journal.c - the journal of the queue that queue.h makes, as files
 */
#include "tests/unit/store/journal.h"

#include <endian.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Where a record has the octets of its changes. */
#define AT_LEN 24

struct journal_image
journal_read(const char *path)
{
	struct journal_image image = {.len = 0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	ck_assert_msg(fd >= 0, "%s is missing", path);
	ck_assert_int_eq(fstat(fd, &st), 0);
	image.len = (size_t)st.st_size;
	image.octets = malloc(image.len + 1);
	ck_assert_ptr_nonnull(image.octets);
	ck_assert_int_eq(
	    pread(fd, image.octets, image.len, 0), (ssize_t)image.len);
	close(fd);
	snprintf(image.path, sizeof(image.path), "%s", path);
	return image;
}

void
journal_write(const struct journal_image *image)
{
	int fd = open(image->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    pwrite(fd, image->octets, image->len, 0), (ssize_t)image->len);
	ck_assert_int_eq(ftruncate(fd, (off_t)image->len), 0);
	close(fd);
}

struct journal_pair
journal_take(void)
{
	struct journal_pair pair;
	char pattern[192];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/data.mdb", queue_directory);
	pair.data = journal_read(pattern);
	snprintf(pattern, sizeof(pattern), "%s/journal.*", queue_directory);
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	pair.journal = journal_read(found.gl_pathv[0]);
	globfree(&found);
	return pair;
}

void
journal_put_back(const struct journal_pair *pair)
{
	journal_write(&pair->data);
	journal_write(&pair->journal);
}

/* assert_same - check that a file is as it was */
static void
assert_same(const struct journal_image *image)
{
	struct journal_image now = journal_read(image->path);

	ck_assert_uint_eq(now.len, image->len);
	ck_assert_msg(memcmp(now.octets, image->octets, now.len) == 0,
	    "%s is not as it was", image->path);
	free(now.octets);
}

void
journal_assert_same(const struct journal_pair *pair)
{
	assert_same(&pair->data);
	assert_same(&pair->journal);
}

void
journal_free(struct journal_pair *pair)
{
	free(pair->data.octets);
	free(pair->journal.octets);
}

void
journal_leave(void (*work)(struct store *store))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct store *store = queue_open();

		if (work != NULL)
			work(store);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

size_t
journal_used(const struct journal_image *journal, size_t offset)
{
	uint32_t len;

	if (offset + REDO_HEAD > journal->len || journal->octets[offset] == 0)
		return 0;
	memcpy(&len, journal->octets + offset + AT_LEN, sizeof(len));
	return REDO_HEAD + le32toh(len);
}
