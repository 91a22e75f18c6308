/* SPDX-License-Identifier: ISC */
/*
 * disconnect_test.c - what a peer says in its own words when it disconnects
 */
#include <sys/socket.h>

#include <unistd.h>

#include "osi/cotp.h"
#include "tests/unit/osi/association_fixture.h"

/* A DR instead of a CC, and what is said of it. */
static const struct row {
	const char *octets;
	size_t len;
	const char *text;
} rows[] = {
    {"\x03\x00\x00\x0b\x06\x80\x00\x01\x00\x00\x03", 11,
	"transport: refused: transport selector unknown"},
    {"\x03\x00\x00\x19\x14\x80\x00\x01\x00\x00\x80\xe0\x0cgone fishing", 25,
	"transport: refused: normal disconnect: \"gone fishing\""},
    {"\x03\x00\x00\x0f\x0a\x80\x00\x01\x00\x00\x80\xe0\x02\x1b\n", 15,
	"transport: refused: normal disconnect: \"\\x1b\\x0a\""},
    {"\x03\x00\x00\x0d\x08\x80\x00\x01\x00\x00\x80\xe0\x00", 13,
	"transport: refused: normal disconnect"},
};

/* serve_disconnect - answer the CR by the octets of a row */
static void
serve_disconnect(struct pair *pair)
{
	const struct row *row = pair->arg;
	char octets[512];

	ck_assert_int_gt(recv(pair->fd[1], octets, sizeof(octets), 0), 0);
	ck_assert_int_eq(send(pair->fd[1], row->octets, row->len, MSG_NOSIGNAL),
	    (ssize_t)row->len);
}

/* Each row. */
START_TEST(shown)
{
	struct row row = rows[_i];
	struct pair pair;

	pair_init(&pair);
	pair.arg = &row;
	pair_start(&pair, serve_disconnect);
	ck_assert_int_eq(pair_open(&pair), ERR_REFUSED);
	pair_join(&pair);
	ck_assert_str_eq(pair.here.failure.text, row.text);
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/disconnect", TEST_LOOP(shown, sizeof(rows) / sizeof(rows[0])))
