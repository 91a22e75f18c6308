/* SPDX-License-Identifier: ISC */
/*
 * decode_mime_test.c - x4decode --mime: what it writes and how it exits
 */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define CONF                                             \
	"mta { name = A domain = \"C=DE;A=V\" }\n"       \
	"mixer m { mail-domain = x400.example.net "      \
	"gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\" " \
	"map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\"} }\n"
#define MESSAGE                                          \
	"Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"      \
	"From: Jo Doe <jo.doe@acme.example>\r\n"         \
	"To: kim@example.org\r\n"                        \
	"Subject: =?utf-8?B?w7xiZXI=?=\r\n"              \
	"Message-ID: <a1@acme.example>\r\n"              \
	"MIME-Version: 1.0\r\n"                          \
	"Content-Type: text/plain; charset=us-ascii\r\n" \
	"\r\n"                                           \
	"text\r\n"

static char directory[] = "/tmp/decode-XXXXXX";

/* write_file - write a file of the directory */
static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* run - run x4decode --mime on a file, its output to another; exit status */
static int
run(const char *mixer, const char *from, const char *to)
{
	const char *build = getenv("FOURPOST_BUILD");
	char command[512];
	int status;

	(void)snprintf(command, sizeof(command),
	    "%s/bin/x4decode -c %s/conf --mime %s - <%s/%s >%s/%s 2>%s/error",
	    build != NULL ? build : "build", directory, mixer, directory, from,
	    directory, to, directory);
	status = system(command);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* read_file - read a file of the directory */
static size_t
read_file(const char *name, char *text, size_t size)
{
	char path[128];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
	return len;
}

START_TEST(both_ways)
{
	char text[4096];
	size_t len;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	write_file("conf", CONF);
	write_file("message", MESSAGE);
	ck_assert_int_eq(run("m", "message", "content"), 0);
	len = read_file("content", text, sizeof(text));
	ck_assert_uint_gt(len, 10);
	ck_assert_int_eq((uint8_t)text[0], 0xa0);
	ck_assert_int_eq(run("m", "content", "again"), 0);
	(void)read_file("again", text, sizeof(text));
	ck_assert_str_eq(text, MESSAGE);
	/* no such section; a message that is refused; damaged octets */
	ck_assert_int_eq(run("x", "message", "none"), 78);
	write_file("bare", "Subject: a\rBcc: b\r\n\r\nx");
	ck_assert_int_eq(run("m", "bare", "none"), 1);
	(void)read_file("error", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "CR without LF in a header"));
	write_file("damaged", "\xa0\x05\x31\x80");
	ck_assert_int_eq(run("m", "damaged", "none"), 1);
	(void)snprintf(text, sizeof(text), "rm -r %s", directory);
	ck_assert_int_eq(system(text), 0);
}
END_TEST

#define TOLD                                                 \
	"mta { name = A domain = \"C=DE;A=V\" }\n"           \
	"mixer m { mail-domain = x400.example.net "          \
	"gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\" "     \
	"foreign-from = keep attachments = bp14 text = ia5 " \
	"unmappable = marker max-parts = 5 }\n"
#define PARTS                                                      \
	"Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n"                \
	"From: kim@example.org\r\n"                                \
	"Message-ID: <a1@acme.example>\r\n"                        \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"        \
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"   \
	"\xc3\xbc\r\n"                                             \
	"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n" \
	"%PDF\r\n"                                                 \
	"--b\r\nContent-Type: application/x400-bp; bp-type=3\r\n"  \
	"Content-Transfer-Encoding: base64\r\n\r\nowQxADAA\r\n"

/* Each setting of the mapping, as a section of the configuration has it. */
START_TEST(settings)
{
	char text[4096];
	size_t len;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	write_file("conf", TOLD);
	write_file("message", PARTS "--b--\r\n");
	ck_assert_int_eq(run("m", "message", "content"), 0);
	len = read_file("content", text, sizeof(text));
	ck_assert_ptr_nonnull(memmem(text, len, "\x16\x02ue", 4));
	ck_assert_ptr_nonnull(memmem(text, len, "\x8e\x04%PDF", 6));
	ck_assert_int_eq(run("m", "content", "again"), 0);
	(void)read_file("again", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "From: kim@example.org\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "g3-facsimile was left out"));
	write_file("message", PARTS "--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n");
	ck_assert_int_eq(run("m", "message", "none"), 1);
	(void)read_file("error", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "too many parts"));
	(void)snprintf(text, sizeof(text), "rm -r %s", directory);
	ck_assert_int_eq(system(text), 0);
}
END_TEST

TEST_MAIN("tools/decode_mime", TEST(both_ways); TEST(settings))
