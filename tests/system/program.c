/* SPDX-License-Identifier: ISC */
/*
 * program.c - a program that serves the directory of an application
 */
#include "tests/system/program.h"

#include <sys/stat.h>

#include <dirent.h>
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
