/* SPDX-License-Identifier: ISC */
/*
 * bad_links.c - links whose peers misbehave; see bad_links.h
 */
#include "tests/fault/bad_links.h"

#include <check.h>

const struct bad_kind bad_kinds[BAD_KINDS] = {
    {.mishap = NULL},
    {.mishap = "black-hole"},
    {.mishap = "stall:data", .opens = true},
    {.mishap = "trickle:cc"},
    {.mishap = "reset:cn"},
    {.mishap = "silence:before-confirm", .opens = true, .notes = true},
    {.mishap = "garbage:bind"},
    {.mishap = "busy"},
};

const char *
bad_link_name(const struct bad_links *bad, unsigned i)
{
	static char name[32];

	if (i < bad->kinds)
		snprintf(name, sizeof(name), "bad%u", i);
	else
		snprintf(name, sizeof(name), "hole%u", i - bad->kinds);
	return name;
}

void
bad_links_start(struct bad_links *bad)
{
	ck_assert_uint_le(bad->kinds, BAD_KINDS);
	ck_assert_uint_le(bad->holes, BAD_HOLES_MAX);
	for (unsigned i = 0; i < bad->kinds; i++)
		if (bad_kinds[i].mishap == NULL)
			bad->sinks[i].port = suite_free_port();
		else
			load_sink(&bad->sinks[i], bad_link_name(bad, i), 0,
			    "-M", bad_kinds[i].mishap, NULL);
	if (bad->holes > 0)
		load_sink(&bad->hole, "hole", 0, "-M", "black-hole", NULL);
}

void
bad_links_configure(const struct bad_links *bad, char *text, size_t size,
    const char *kind_settings, const char *hole_settings)
{
	for (unsigned i = 0; i < bad->kinds; i++)
		load_link(text, size, bad_link_name(bad, i), bad->sinks[i].port,
		    kind_settings);
	for (unsigned i = 0; i < bad->holes; i++)
		load_link(text, size, bad_link_name(bad, bad->kinds + i),
		    bad->hole.port, hole_settings);
}

void
bad_links_send(const struct bad_links *bad, const struct suite *suite)
{
	char outputs[BAD_KINDS][SUITE_PATH + 64];
	pid_t pids[BAD_KINDS];

	for (unsigned i = 0; i < bad->kinds; i++)
		pids[i] = load_source(suite, bad_link_name(bad, i),
		    bad->kind_messages, outputs[i], NULL);
	for (unsigned i = 0; i < bad->kinds; i++) {
		ck_assert_int_eq(suite_wait_exit(pids[i], 120), 0);
		ck_assert_uint_eq(
		    load_figure(outputs[i], "messages"), bad->kind_messages);
	}
	for (unsigned i = 0; i < bad->holes; i++)
		load_send(suite, bad_link_name(bad, bad->kinds + i),
		    bad->hole_messages);
}

void
bad_links_stop(struct bad_links *bad)
{
	for (unsigned i = 0; i < bad->kinds; i++)
		if (bad_kinds[i].mishap != NULL)
			load_sink_stop(&bad->sinks[i]);
	if (bad->holes > 0)
		load_sink_stop(&bad->hole);
}
