/* SPDX-License-Identifier: ISC */
/*
 * tls_material_test.c - keys and certificates handed from process to process
 */
#include "tls/tls_material.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/test.h"

START_TEST(sealed_and_read)
{
	const struct tls_material given = {.minimum = TLS_MINIMUM_1_3,
	    .certificate = slice_of_string("certificate"),
	    .key = slice_of_string("key"),
	    .authorities = slice_of_string("")};
	struct tls_material taken;
	struct buffer buffer;
	int fd = tls_material_seal(&given), again;

	ck_assert_int_ge(fd, 0);
	/* nobody changes it */
	ck_assert_int_lt(write(fd, "x", 1), 0);
	ck_assert_int_ne(ftruncate(fd, 0), 0);
	again = dup(fd);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    tls_material_read(i == 0 ? fd : again, &buffer, &taken), 0);
		ck_assert_int_eq(taken.minimum, TLS_MINIMUM_1_3);
		ck_assert(slice_equal_string(taken.certificate, "certificate"));
		ck_assert(slice_equal_string(taken.key, "key"));
		ck_assert_uint_eq(taken.authorities.len, 0);
		ck_assert_uint_eq(taken.revocations.len, 0);
		tls_material_wipe(&buffer);
	}
}
END_TEST

/* A file that is cut anywhere is refused. */
START_TEST(cut_short)
{
	const struct tls_material given = {
	    .certificate = slice_of_string("certificate"),
	    .key = slice_of_string("key")};
	struct tls_material taken;
	uint8_t octets[64];
	struct buffer buffer;
	int fd = tls_material_seal(&given);
	ssize_t len = pread(fd, octets, sizeof(octets), 0);

	close(fd);
	ck_assert_int_gt(len, 14);
	for (ssize_t cut = 0; cut < len; cut++) {
		fd = memfd_create("cut", 0);
		ck_assert_int_eq(write(fd, octets, (size_t)cut), cut);
		ck_assert_int_eq(
		    tls_material_read(fd, &buffer, &taken), ERR_CORRUPT);
	}
	/* a length beyond what is allowed */
	memset(octets, 0xff, sizeof(octets));
	fd = memfd_create("long", 0);
	ck_assert_int_eq(write(fd, octets, sizeof(octets)), sizeof(octets));
	ck_assert_int_eq(tls_material_read(fd, &buffer, &taken), ERR_CORRUPT);
}
END_TEST

TEST_MAIN("tls/tls_material", TEST(sealed_and_read); TEST(cut_short))
