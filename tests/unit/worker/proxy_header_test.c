/* SPDX-License-Identifier: ISC */
/*
 * proxy_header_test.c - headers of balancers, good ones and others
 */
#include "worker/proxy_header.h"

#include <netinet/in.h>

#include "osi/connect.h"
#include "tests/unit/test.h"

/* A header, and what is to be read in it. */
struct row {
	struct slice octets;
	int error;
	enum proxy_call call;
	const char *from; /* of a call */
};

#define TEXT(s)                                     \
	{                                           \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define ENDS4	  "\xc0\x00\x02\x07\x0a\x00\x00\x01\xdc\x04\x00\x66"
#define SIX	  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"

static const struct row rows[] = {
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 56324 102\r\n"), 0, PROXY_CALL,
	"192.0.2.7:56324"},
    {TEXT("PROXY TCP6 2001:db8::7 2001:db8::1 56324 102\r\n"), 0, PROXY_CALL,
	"[2001:db8::7]:56324"},
    {TEXT("PROXY UNKNOWN\r\n"), 0, PROXY_CHECK, NULL},
    {TEXT("PROXY UNKNOWN ffff::1 and anything\r\n"), 0, PROXY_CHECK, NULL},
    {TEXT(SIGNATURE "\x21\x11\0\x0c" ENDS4), 0, PROXY_CALL, "192.0.2.7:56324"},
    /* with a value behind the addresses: the name that TLS was asked for */
    {TEXT(SIGNATURE "\x21\x11\0\x13" ENDS4 "\x02\0\x04host"), 0, PROXY_CALL,
	"192.0.2.7:56324"},
    {TEXT(SIGNATURE "\x21\x21\0\x24" SIX SIX "\xdc\x04\x00\x66"), 0, PROXY_CALL,
	"[2001:db8::7]:56324"},
    {TEXT(SIGNATURE "\x20\x00\0\0"), 0, PROXY_CHECK, NULL},
    {TEXT(SIGNATURE "\x20\x11\0\x0c" ENDS4), 0, PROXY_CHECK, NULL},
    /* what is no header of a caller over TCP */
    {TEXT("\x03\0\0\x0b\x06\xe0\0\0\0\0\0\0"), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 56324\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 56324 102 \r\n"), ERR_SYNTAX,
	PROXY_CALL, NULL},
    {TEXT("PROXY TCP4 192.0.2.7  10.0.0.1 56324 102\r\n"), ERR_SYNTAX,
	PROXY_CALL, NULL},
    {TEXT("PROXY TCP4 2001:db8::7 10.0.0.1 56324 102\r\n"), ERR_SYNTAX,
	PROXY_CALL, NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 65536 102\r\n"), ERR_SYNTAX,
	PROXY_CALL, NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 -1 102\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 01 102\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP4 192.0.2.7\0 10.0.0.1 1 102\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP4 192.0.2.7 10.0.0.1 1 102\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP4\r\n"), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT("PROXY UDP4 192.0.2.7 10.0.0.1 1 102\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("proxy TCP4 192.0.2.7 10.0.0.1 1 102\r\n"), ERR_SYNTAX, PROXY_CALL,
	NULL},
    {TEXT("PROXY TCP6 "
	  "ffff:f...f:ffff ffff:f...f:ffff 65535 65535 and far more text than "
	  "a line of version 1 may have\r\n"),
	ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x11\x11\0\x0c" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x22\x11\0\x0c" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x21\x12\0\x0c" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x21\x00\0\x0c" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x21\x21\0\x0c" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x21\x11\0\x0b" ENDS4), ERR_SYNTAX, PROXY_CALL, NULL},
    {TEXT(SIGNATURE "\x21\x11\xff\xff" ENDS4), ERR_LIMIT, PROXY_CALL, NULL},
};

/* read_row - read a header as its length is learned; how many octets were
 * asked for, or an error */
static int
read_row(const struct row *row, struct proxy_header *header, struct diag *diag)
{
	size_t len = 0;
	int wants, error;

	while ((wants = proxy_header_wants(
		    slice_of(row->octets.data, len), diag)) > 0) {
		len += (size_t)wants;
		ck_assert_uint_le(len, row->octets.len);
	}
	if (wants < 0)
		return wants;
	error =
	    proxy_header_parse(slice_of(row->octets.data, len), header, diag);
	return error < 0 ? error : (int)len;
}

/* Exactly the header is read, and said right; or it is refused with words. */
START_TEST(headers)
{
	const struct row *row = &rows[_i];
	struct proxy_header header;
	struct diag diag = {0};
	char text[CONNECT_TEXT_MAX];
	int got = read_row(row, &header, &diag);

	if (row->error != 0) {
		ck_assert_int_eq(got, row->error);
		ck_assert_int_eq(diag.code, row->error);
		return;
	}
	ck_assert_msg(got >= 0, "%s", diag_text(&diag));
	ck_assert_uint_eq((size_t)got, row->octets.len);
	ck_assert_int_eq(header.call, row->call);
	if (row->from == NULL)
		return;
	connect_format((struct sockaddr *)&header.from, header.length, text);
	ck_assert_str_eq(text, row->from);
}
END_TEST

TEST_MAIN("worker/proxy_header",
    TEST_LOOP(headers, (int)(sizeof(rows) / sizeof(rows[0]))))
