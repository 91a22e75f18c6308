/* SPDX-License-Identifier: ISC */
/*
 * composing.c - an object that is composed of options, for tests
 */
#include "tests/unit/tools/composing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

struct compose compose;
struct send_object made;
static struct conf *conf;
static char directory[] = "/tmp/fourpost-test.XXXXXX";

/* composing_say - have an option say what it says */
void
composing_say(const char *name, const char *value)
{
	struct diag diag = {0};

	ck_assert_msg(compose_add(&compose, name, value, &diag) == 0,
	    "--%s %s: %s", name, value, diag_text(&diag));
}

/* composing_begin - make a configuration, a directory, and an empty message */
void
composing_begin(enum mts_kind kind)
{
	struct diag diag = {0};

	ck_assert_int_eq(
	    conf_parse_text(
		slice_of_string("mta { name = A domain = \"C=DE;A=VIAT;P=ACME\""
				" password = x }\n"),
		"test", CONF_HANDED, &conf, &diag),
	    0);
	strlcpy(directory, "/tmp/fourpost-test.XXXXXX", sizeof(directory));
	ck_assert_ptr_nonnull(mkdtemp(directory));
	made = (struct send_object){.directory = -1};
	ck_assert_int_eq(compose_init(&compose), 0);
	composing_say("from", FROM);
	composing_say("to", TO);
	if (kind == MTS_PROBE)
		composing_say("probe", NULL);
}

/* composing_file - make a file of these octets; the path is valid until the
 * next but three */
const char *
composing_file(const char *name, const void *octets, size_t len)
{
	static char paths[4][128];
	static unsigned n;
	char *path = paths[n++ % 4];
	int fd;

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, octets, len), (ssize_t)len);
	close(fd);
	return path;
}

/* composing_make - make what is submitted */
int
composing_make(struct diag *diag)
{
	char *text;
	int error = compose_finish(&compose, &text, diag);

	if (error != 0)
		return error;
	error = send_object_make(
	    &made, slice_of_string(text), &compose.files, conf, diag);
	free(text);
	return error;
}

/* composing_finish - compose, and decode the envelope */
void
composing_finish(struct p1_envelope *envelope, struct arena *arena)
{
	struct diag diag = {0};
	int error = composing_make(&diag);

	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	arena_init(arena, P1_ARENA_MAX);
	error = p1_decode(made.object.envelope.kind,
	    buffer_slice(&made.encoded), arena, envelope, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
}

/* composing_end - give everything back */
void
composing_end(void)
{
	char command[64];

	send_object_close(&made);
	compose_fini(&compose);
	conf_free(conf);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}
