/* SPDX-License-Identifier: ISC */
/*
 * program.c - a program that serves the directory of an application
 */
#include "tests/system/program.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define PATIENCE 20.0 /* seconds */

/* program_make - make the directory of an application, and begin */
void
program_make(struct program *program, const char *directory)
{
	*program = (struct program){.directory = ""};
	(void)snprintf(
	    program->directory, sizeof(program->directory), "%s", directory);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
	suite_give(directory);
}

/* program_path - compose the path of a file */
const char *
program_path(const struct program *program, const char *fmt, ...)
{
	static char paths[4][2 * SUITE_PATH];
	static unsigned turn;
	char *path = paths[turn++ % 4], name[SUITE_PATH];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	(void)snprintf(
	    path, sizeof(paths[0]), "%s/%s", program->directory, name);
	return path;
}

/* program_has - tell whether a file is there */
bool
program_has(const struct program *program, const char *name)
{
	struct stat st;

	return lstat(program_path(program, "%s", name), &st) == 0;
}

/* program_json - read a file as JSON */
json_t *
program_json(const struct program *program, const char *name)
{
	return json_load_file(
	    program_path(program, "%s", name), JSON_REJECT_DUPLICATES, NULL);
}

/* program_next - find an object to be claimed */
uint64_t
program_next(const struct program *program)
{
	DIR *dir = opendir(program_path(program, "out/new"));
	const struct dirent *entry;
	uint64_t id = 0;
	char *end;

	while (id == 0 && dir != NULL && (entry = readdir(dir)) != NULL) {
		id = strtoull(entry->d_name, &end, 10);
		if (strcmp(end, ".json") != 0)
			id = 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return id;
}

/* program_claim - claim an object */
json_t *
program_claim(struct program *program, uint64_t id)
{
	const char *from =
	    program_path(program, "out/new/%llu.json", (unsigned long long)id);
	const char *to =
	    program_path(program, "out/cur/%llu.json", (unsigned long long)id);
	json_t *object;

	if (rename(from, to) != 0)
		return NULL;
	ck_assert_uint_lt(id, PROGRAM_IDS);
	program->claims[id]++;
	object = json_load_file(to, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(object);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(object, "id")), (json_int_t)id);
	return object;
}

/* put - write a file beside its place, and move it there */
static void
put(const char *from, const char *to, const char *text)
{
	FILE *file = fopen(from, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	suite_give(from);
	ck_assert_int_eq(rename(from, to), 0);
}

/* program_answer - answer an object with this text */
void
program_answer(const struct program *program, uint64_t id, const char *text)
{
	put(program_path(program, "out/done/.%llu", (unsigned long long)id),
	    program_path(program, "out/done/%llu.json", (unsigned long long)id),
	    text);
}

/* program_submit - put an object of this text into in/new as NAME.json */
void
program_submit(
    const struct program *program, const char *name, const char *text)
{
	put(program_path(program, "in/new/.%s", name),
	    program_path(program, "in/new/%s.json", name), text);
}

struct awaited {
	const struct program *program;
	const char *name;
	uint64_t id;
};

/* is_there - tell whether the awaited file is there */
static bool
is_there(void *arg)
{
	const struct awaited *awaited = arg;

	return program_has(awaited->program, awaited->name);
}

/* program_await - wait until a file is there */
void
program_await(const struct program *program, const char *name)
{
	struct awaited awaited = {.program = program, .name = name};

	suite_wait(name, PATIENCE, is_there, &awaited);
}

/* is_given - tell whether there is an object to be claimed */
static bool
is_given(void *arg)
{
	struct awaited *awaited = arg;

	return (awaited->id = program_next(awaited->program)) != 0;
}

/* program_await_next - wait for an object to be claimed */
uint64_t
program_await_next(const struct program *program)
{
	struct awaited awaited = {.program = program};

	suite_wait("an object in out/new", PATIENCE, is_given, &awaited);
	return awaited.id;
}

/* program_become - become the user that owns the directory */
void
program_become(void)
{
	const struct passwd *user = getpwnam(SUITE_NETWORK_USER);

	if (geteuid() != 0)
		return;
	if (user == NULL || setgroups(0, NULL) != 0 ||
	    setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
		_exit(126);
}

/* program_copy - copy a file of the source tree into the test's directory */
const char *
program_copy(const char *file)
{
	static char copies[4][2 * SUITE_PATH];
	static unsigned turn;
	char *copy = copies[turn++ % 4];
	const char *slash = strrchr(file, '/');

	(void)snprintf(copy, sizeof(copies[0]), "%s/%s", suite_directory(),
	    slash != NULL ? slash + 1 : file);
	ck_assert_int_eq(
	    suite_shell(NULL, "cp " TEST_SOURCE_DIR "/%s %s", file, copy), 0);
	ck_assert_int_eq(chmod(copy, 0755), 0);
	return copy;
}

/* program_shell - run a shell command as the user of the program */
int
program_shell(char **output, const char *fmt, ...)
{
	char command[4096], *text = NULL;
	int ends[2], status;
	size_t size = 0;
	va_list ap;
	pid_t pid;
	FILE *in;

	va_start(ap, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		program_become();
		if (dup2(ends[1], STDOUT_FILENO) < 0 ||
		    dup2(ends[1], STDERR_FILENO) < 0)
			_exit(126);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	in = fdopen(ends[0], "r");
	ck_assert_ptr_nonnull(in);
	if (getdelim(&text, &size, '\0', in) < 0 && text != NULL)
		text[0] = '\0';
	(void)fclose(in);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (output != NULL)
		*output = text != NULL ? text : calloc(1, 1);
	else
		free(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
