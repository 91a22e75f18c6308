/* SPDX-License-Identifier: ISC */
/*
 * opening_test.c - how a suite answers what a caller opens with, octet by octet
 *
 * The kinds of trouble that users have told in public and that no APDU shows:
 * transport classes and sizes, session parameters, the bind.  Each row is a
 * CR, or the CN of a historical MTA (vectors/osi/message-1recip) with some
 * octets changed, and names the answer.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define VECTOR	  TEST_SOURCE_DIR "/tests/vectors/osi/message-1recip.initiator.bin"
#define CR_LENGTH 29
#define CN_LENGTH 186
#define LIMIT	  20000 /* ms for an answer */

/* The first octet of answers: a TPDU's code, an SPDU's. */
#define CC     0xd0
#define DR     0x80
#define ER     0x70
#define CLOSED 0
#define ACCEPT 0x0e
#define REFUSE 0x0c
#define ABORT  0x19

static struct suite tested;
static uint8_t vector[CR_LENGTH + CN_LENGTH];

/* A CR without its length octet, and the TPDU that answers it. */
static const struct {
	const char *name;
	const char *octets;
	size_t len;
	int answer;
} requests[] = {
#define CR(name, octets, answer)                         \
	{                                                \
		name, octets, sizeof(octets) - 1, answer \
	}
    CR("no parameters", "\xe0\0\0\0\1\0", CC),
    CR("size of 128", "\xe0\0\0\0\1\0\xc0\1\x07", CC),
    CR("size of 2048", "\xe0\0\0\0\1\0\xc0\1\x0b", CC),
    CR("size of 8192", "\xe0\0\0\0\1\0\xc0\1\x0d", CC),
    CR("size of 64K", "\xe0\0\0\0\1\0\xc0\1\x10", CC),
    CR("preferred size", "\xe0\0\0\0\1\0\xf0\1\x10", CC),
    CR("selectors", "\xe0\0\0\0\1\0\xc1\3a88\xc2\2in", CC),
    CR("unknown parameter", "\xe0\0\0\0\1\0\x99\2ab", CC),
    CR("class 4, or 0", "\xe0\0\0\0\1\x40\xc7\1\0", CC),
    CR("class 4", "\xe0\0\0\0\1\x40", DR),
    CR("class 2", "\xe0\0\0\0\1\x20", DR),
    CR("half a parameter", "\xe0\0\0\0\1\0\xc0", CLOSED),
    CR("size of 64", "\xe0\0\0\0\1\0\xc0\1\6", CLOSED),
    CR("no CR", "\xf0\x80", ER),
};

/* Changes to the CN, from its TPKT on, and the SPDU that answers. */
static const struct {
	const char *name;
	size_t at;
	const char *octets;
	size_t len;
	int answer;
} connects[] = {
#define CN(name, at, octets, answer)                         \
	{                                                    \
		name, at, octets, sizeof(octets) - 1, answer \
	}
    CN("as captured", 0, "", ACCEPT),
    CN("calling reference of another", 15, "XX", ACCEPT),
    CN("reference that is no time", 21, "no time at al", ACCEPT),
    CN("versions 2 alone", 47, "\2", ACCEPT),
    CN("version 1 alone", 47, "\1", ACCEPT),
    CN("TSDU sizes", 41, "\xff\xff\xff\xff", ACCEPT),
    CN("checkpoints of 0", 155, "\0", ACCEPT),
    CN("checkpoints of 1K", 155, "\1", ACCEPT),
    CN("dialogue that is not agreed", 158, "\1", REFUSE),
    CN("dialogue unknown", 158, "\7", ABORT),
    CN("another password", 183, "x", REFUSE),
    CN("password in other letters", 178, "SECRET", REFUSE),
    CN("another name", 172, "x", REFUSE),
    CN("name in other letters", 169, "MTA-A", REFUSE),
    CN("another application", 137, "\x77", REFUSE),
    CN("no user data of RTSE", 151, "\x77", ABORT),
};

/* call - connect to the suite */
static int
call(void)
{
	const struct sockaddr_in there = {.sin_family = AF_INET,
	    .sin_port = htons(tested.port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    connect(fd, (const struct sockaddr *)&there, sizeof(there)), 0);
	return fd;
}

/* put - send octets, all of them */
static void
put(int fd, const void *octets, size_t len)
{
	ck_assert_int_eq(send(fd, octets, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* get - receive so many octets; false: the connection has ended before */
static bool
get(int fd, uint8_t *octets, size_t len)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	while (len > 0) {
		ck_assert_int_eq(poll(&pfd, 1, LIMIT), 1);
		n = recv(fd, octets, len, 0);
		if (n <= 0)
			return false;
		octets += n;
		len -= (size_t)n;
	}
	return true;
}

/* answer - receive a TPKT: the octet at this place of it, or CLOSED */
static int
answer(int fd, size_t at)
{
	uint8_t tpkt[65536];
	size_t len;

	if (!get(fd, tpkt, 4))
		return CLOSED;
	ck_assert_uint_eq(tpkt[0], 3);
	len = (size_t)tpkt[2] << 8 | tpkt[3];
	ck_assert_uint_gt(len, at);
	ck_assert(get(fd, tpkt + 4, len - 4));
	return tpkt[at];
}

/* request - send a CR; the code of what answers it */
static int
request(const char *octets, size_t len)
{
	uint8_t tpkt[64] = {3, 0, 0, (uint8_t)(len + 5), (uint8_t)len};
	int fd = call(), code;

	memcpy(tpkt + 5, octets, len);
	put(fd, tpkt, len + 5);
	code = answer(fd, 5);
	close(fd);
	return code == CLOSED ? CLOSED : code & 0xf0;
}

/* connect_with - send the captured CR, and its CN with these octets changed;
 * the SPDU that answers */
static int
connect_with(size_t at, const char *octets, size_t len)
{
	uint8_t cn[CN_LENGTH];
	int fd = call(), code;

	memcpy(cn, vector + CR_LENGTH, CN_LENGTH);
	memcpy(cn + at, octets, len);
	put(fd, vector, CR_LENGTH);
	ck_assert_int_eq(answer(fd, 5) & 0xf0, CC);
	put(fd, cn, CN_LENGTH);
	code = answer(fd, 7);
	close(fd);
	return code;
}

/* start - start a suite that knows the historical MTA */
static void
start(void)
{
	size_t length;
	char *octets = suite_read(VECTOR, &length);

	ck_assert_ptr_nonnull(octets);
	ck_assert_uint_gt(length, sizeof(vector));
	memcpy(vector, octets, sizeof(vector));
	free(octets);
	suite_begin("opening");
	suite_configure(&tested, "tested", "C=DE;A=VIAT;P=ACME", "",
	    "link \"pp\" { remote-mta = \"mta-a\" remote-password = "
	    "\"secret-a\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=YY\"}"
	    " schedule = \"never\" incoming-associations = 100 }\n");
	suite_start(&tested);
}

START_TEST(every_row)
{
	start();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int got = request(requests[i].octets, requests[i].len);

		ck_assert_msg(got == requests[i].answer, "CR, %s: %02x",
		    requests[i].name, (unsigned)got);
	}
	for (size_t i = 0; i < sizeof(connects) / sizeof(connects[0]); i++) {
		int got = connect_with(
		    connects[i].at, connects[i].octets, connects[i].len);

		ck_assert_msg(got == connects[i].answer, "CN, %s: %02x",
		    connects[i].name, (unsigned)got);
	}
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/opening", TEST_LONG(every_row, 120))
