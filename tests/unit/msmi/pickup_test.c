/* SPDX-License-Identifier: ISC */
/*
 * pickup_test.c - files of P1, through to what qmgr gets of them
 */
#include "tests/unit/msmi/pickup_run.h"

START_TEST(a_message)
{
	struct run run;
	struct p1_envelope envelope;
	struct diag diag = {0};
	const char *text;

	run_init(&run);
	place_put(&run.place, "P1/A.P1",
	    FILE_OF("VERSION:3.00\r\nTO:OTHER/PO2/BOB\r\n"
		    "TO:X400:C=US;A=X;S=Tom\r\nTO:MS:other/po2/bob\r\n"
		    "FROM:ACME/PO1/ALICE\r\nSUBJECT:Hi\r\nPRIORITY:5\r\n"
		    "ATTACHMENTS:a b.doc 4\r\nATTACHMENTS:z 0\r\n"
		    "TEXT:7\r\nHello\r\nABCD\r\n\x1a"));
	run_scan(&run);
	run_end(&run);
	ck_assert(!place_has(&run.place, "P1/A.P1"));
	ck_assert(place_has(&run.place, "sent/removed.A.P1"));
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);

	ck_assert_msg(p1_decode(MTS_MESSAGE,
			  place_get(&run.place, "sent/1.envelope", &run.arena),
			  &run.arena, &envelope, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(envelope.priority, P1_URGENT);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P22);
	ck_assert_str_eq(or_address_format(&envelope.originator.address,
			     OR_STYLE_F401, &run.arena),
	    "S=Alice;O=PO1;P=ACME;A=VIAT;C=DE");
	/* bob was there twice */
	ck_assert_uint_eq(envelope.recipient_count, 2);
	ck_assert_uint_eq(envelope.recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT);
	text = told(&run, "sent/1.content");
	ck_assert_msg(strstr(text,
			  " from=S=Alice;O=PO1;P=ACME;A=VIAT;C=DE"
			  " to=S=Bob;P=BETA;A=ATLAS;C=FR to=S=Tom;A=X;C=US"
			  " subject=Hi importance=2\n"
			  "part 0 ia5-text [Hello\r\n] 0 ia5-text\n"
			  "part 0 file-transfer name=a b.doc size=4 [ABCD]"
			  " 0 file-transfer\n"
			  "part 0 file-transfer name=z size=0 []"
			  " 0 file-transfer\n") != NULL,
	    "%s", text);
	run_fini(&run);
}
END_TEST

START_TEST(plain_text_is_p2)
{
	struct run run;
	struct p1_envelope envelope;

	run_init(&run);
	place_put(&run.place, "P1/A.P1", FILE_OF(HEAD "TEXT:2\r\nHi"));
	run_scan(&run);
	run_end(&run);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE,
		place_get(&run.place, "sent/1.envelope", &run.arena),
		&run.arena, &envelope, NULL),
	    0);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P2);
	ck_assert_int_eq(envelope.priority, P1_NORMAL);
	run_fini(&run);
}
END_TEST

START_TEST(files_of_att)
{
	struct run run;
	const char *text;

	run_init(&run);
	place_put(&run.place, "ATT/BODY.TXT", FILE_OF("gr\xc3\xbcn"));
	place_put(&run.place, "ATT/X.BIN", FILE_OF("\x01\x02"));
	place_put(&run.place, "P1/A.P1",
	    FILE_OF(HEAD "XATTACH:F:\\SHARE\\X.BIN logical name\r\n"
			 "XTEXT:BODY.TXT\r\n"));
	place_put(&run.place, "P1/B.P1",
	    FILE_OF(HEAD "XATTACH:MISSING.BIN\r\nTEXT:0\r\n"));
	run_scan(&run);
	run_end(&run);
	text = told(&run, "sent/1.content");
	ck_assert_ptr_nonnull(strstr(text,
	    "part 0 general-text [gr\xc3\xbcn] 0 general-text\n"
	    "part 0 file-transfer name=logical name size=2 [\x01\x02]"));
	/* files of ATT are the sender's to remove */
	ck_assert(place_has(&run.place, "ATT/X.BIN"));
	ck_assert(place_has(&run.place, "BAD/B.P1"));
	text = told(&run, "sent/2.content");
	ck_assert_ptr_nonnull(strstr(text,
	    "[018] missing attachment file. Message not delivered to:\r\n"
	    "    OTHER/PO2/BOB\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "147-1-4 "));
	run_fini(&run);
}
END_TEST

START_TEST(bad_file_is_reported_and_set_aside)
{
	struct run run;
	struct arena *arena = &run.arena;
	struct p1_envelope envelope;
	const char *text, *why;

	run_init(&run);
	place_put(&run.place, "P1/BAD.P1",
	    FILE_OF("VERSION:3.00\r\nTO:NOSLASH\r\nFROM:ACME/PO1/ALICE\r\n"
		    "SUBJECT:Lost\r\nTEXT:0\r\n"));
	place_put(&run.place, "P1/GOOD.P1", FILE_OF(HEAD "TEXT:0\r\n"));
	run_scan(&run);
	run_end(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
	ck_assert(place_has(&run.place, "BAD/BAD.P1"));
	why =
	    arena_string(arena, place_get(&run.place, "BAD/BAD.P1.why", arena));
	ck_assert_ptr_nonnull(strstr(why, "142-1-2 Bad address: NOSLASH"));
	ck_assert_ptr_nonnull(strstr(why, "event: 2342\n"));
	ck_assert_ptr_nonnull(strstr(why, "was sent a non-delivery report"));
	/* the report goes to the sender, and asks for none itself */
	text = told(&run, "sent/1.content");
	ck_assert_ptr_nonnull(
	    strstr(text, " to=S=Alice;O=PO1;P=ACME;A=VIAT;C=DE"));
	ck_assert_ptr_nonnull(strstr(text, "subject=NDR: Lost"));
	ck_assert_ptr_nonnull(strstr(text,
	    "[002] unknown address. Message not delivered to:\r\n"
	    "    NOSLASH\r\n"));
	ck_assert_int_eq(p1_decode(MTS_MESSAGE,
			     place_get(&run.place, "sent/1.envelope", arena),
			     arena, &envelope, NULL),
	    0);
	ck_assert_uint_eq(envelope.recipients[0].indicators, P1_RESPONSIBILITY);
	/* and the next file was taken */
	ck_assert(place_has(&run.place, "sent/removed.GOOD.P1"));
	run_fini(&run);
}
END_TEST

/* Everything in P1 that is no message is set aside, and nothing else. */
START_TEST(everything_that_is_no_message)
{
	struct run run;
	char path[256];

	run_init(&run);
	place_put(&run.place, "P1/EMPTY.P1", FILE_OF(""));
	place_put(&run.place, "P1/JUNK.P1", FILE_OF("\xff\xfe\x00\x01\n\n\n"));
	place_put(&run.place, "P1/NOFROM.P1",
	    FILE_OF("VERSION:3.00\nTO:A/B/C\nTEXT:0\n"));
	place_put(&run.place, "P1/CUT.P1", FILE_OF(HEAD "TEXT:100\r\nabc"));
	place_put(&run.place, "P1/TWO.P1",
	    FILE_OF(HEAD "TEXT:0\r\n" HEAD "TEXT:0\r\n"));
	place_put(&run.place, "elsewhere", FILE_OF(HEAD "TEXT:0\r\n"));
	snprintf(path, sizeof(path), "%s/P1/LINK.P1", run.place.dir);
	ck_assert_int_eq(symlink("../elsewhere", path), 0);
	snprintf(path, sizeof(path), "%s/P1/DIR.P1", run.place.dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/P1/FIFO.P1", run.place.dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	/* names that are of no message */
	place_put(&run.place, "P1/.hidden", FILE_OF("x"));
	place_put(&run.place, "P1/NEW.TMP", FILE_OF("x"));
	place_put(&run.place, "P1/BOX.0lk", FILE_OF("x"));
	place_put(&run.place, "P1/LOCKP1ID.PBB", FILE_OF("x"));
	place_put(&run.place, "P1/POPULATE.MSM", FILE_OF("x"));
	run_scan(&run);
	run_end(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 4);
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 16);
	ck_assert(place_has(&run.place, "BAD/DIR.P1"));
	ck_assert(place_has(&run.place, "BAD/DIR.P1.why"));
	ck_assert(place_has(&run.place, "BAD/LINK.P1"));
	ck_assert(place_has(&run.place, "elsewhere"));
	/* CUT and TWO have a sender who is told; the others do not */
	ck_assert(place_has(&run.place, "sent/2.content"));
	ck_assert(!place_has(&run.place, "sent/3.content"));
	run_fini(&run);
}
END_TEST

/* link_to_victim - give the victim a second name */
static int
link_to_victim(const struct place *place, const char *path)
{
	char victim[128];

	snprintf(victim, sizeof(victim), "%s/victim", place->dir);
	return link(victim, path);
}

/* A reason is not written through what others put at its name. */
START_TEST(reason_of_others)
{
	struct run run;
	char path[128];

	run_init(&run);
	place_put(&run.place, "P1/A.P1", slice_of_string("junk"));
	place_put(&run.place, "P1/B.P1", slice_of_string("junk"));
	place_put(&run.place, "victim", slice_of_string("precious"));
	snprintf(path, sizeof(path), "%s/BAD/A.P1.why", run.place.dir);
	ck_assert_int_eq(mkfifo(path, 0666), 0);
	snprintf(path, sizeof(path), "%s/BAD/B.P1.why", run.place.dir);
	ck_assert_int_eq(link_to_victim(&run.place, path), 0);
	run_scan(&run);
	run_end(&run);
	ck_assert(place_has(&run.place, "BAD/A.P1"));
	ck_assert(place_has(&run.place, "BAD/B.P1"));
	ck_assert_str_eq(arena_string(&run.arena,
			     place_get(&run.place, "victim", &run.arena)),
	    "precious");
	ck_assert_ptr_nonnull(
	    strstr(arena_string(&run.arena,
		       place_get(&run.place, "BAD/B.P1.why", &run.arena)),
		"file: P1/B.P1"));
	run_fini(&run);
}
END_TEST

START_TEST(same_name_again)
{
	struct run run;

	run_init(&run);
	place_put(&run.place, "BAD/X.P1", FILE_OF("first"));
	place_put(&run.place, "P1/X.P1", FILE_OF("second"));
	run_scan(&run);
	place_put(&run.place, "P1/X.P1", FILE_OF("third"));
	run_scan(&run);
	run_end(&run);
	ck_assert(slice_equal_string(
	    place_get(&run.place, "BAD/X.P1", &run.arena), "first"));
	ck_assert(slice_equal_string(
	    place_get(&run.place, "BAD/X.P1.1", &run.arena), "second"));
	ck_assert(slice_equal_string(
	    place_get(&run.place, "BAD/X.P1.2", &run.arena), "third"));
	ck_assert(place_has(&run.place, "BAD/X.P1.2.why"));
	run_fini(&run);
}
END_TEST

START_TEST(answers)
{
	struct run run;
	const char *why;

	run_init(&run);
	place_put(&run.place, "P1/DUP.P1", FILE_OF(HEAD "TEXT:0\r\n"));
	place_put(&run.place, "P1/REFUSED.P1", FILE_OF(HEAD "TEXT:0\r\n"));
	run_scan(&run);
	ck_assert(!place_has(&run.place, "P1/DUP.P1"));
	ck_assert(!place_has(&run.place, "P1/REFUSED.P1"));
	run_end(&run);
	ck_assert(place_has(&run.place, "sent/removed.DUP.P1"));
	ck_assert(place_has(&run.place, "BAD/REFUSED.P1"));
	why = arena_string(&run.arena,
	    place_get(&run.place, "BAD/REFUSED.P1.why", &run.arena));
	ck_assert_ptr_nonnull(
	    strstr(why, "reason: refused: because the test says so\n"));
	run_fini(&run);
}
END_TEST

/* put_aged - put a file that was written so many seconds ago */
static void
put_aged(struct run *run, const char *name, struct slice octets, int seconds)
{
	const struct timespec then[2] = {
	    {time(NULL) - seconds, 0}, {time(NULL) - seconds, 0}};
	char path[256];

	place_put(&run->place, name, octets);
	snprintf(path, sizeof(path), "%s/%s", run->place.dir, name);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, then, 0), 0);
}

/* waits - tell whether a file of P1 waits after it was turned away */
static bool
waits(const struct run *run, const char *name)
{
	struct stat st;

	ck_assert_int_eq(fstatat(run->pickup->msmi.postoffice.fd[PO_P1], name,
			     &st, AT_SYMLINK_NOFOLLOW),
	    0);
	return pickup_waits(run->pickup, name, st.st_ino);
}

/* Files that must wait are passed over by the next scan, the oldest too. */
START_TEST(unavailable)
{
	struct run run;
	char name[32];

	run_init(&run);
	for (int i = 0; i < LIMITS_FILES + 4; i++) {
		snprintf(name, sizeof(name), "P1/U%02d.P1", i);
		put_aged(&run, name, FILE_OF(HEAD "TEXT:0\r\n"), 1000 - i);
	}
	put_aged(&run, "P1/GOOD.P1", FILE_OF(HEAD "TEXT:0\r\n"), 10);
	run_scan(&run);
	run_scan(&run);
	ck_assert(!place_has(&run.place, "P1/GOOD.P1"));
	ck_assert_uint_eq(place_count(&run.place, "P1"), LIMITS_FILES + 4);
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);
	ck_assert(waits(&run, "U00.P1"));
	/* a file that was taken shows that not all are turned away */
	ck_assert_uint_eq(run.pickup->backoff, 0);
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* set_queue_size - set what the queue holds at most */
static void
set_queue_size(struct run *run, uint64_t size)
{
	struct conf *conf;

	memcpy(&conf, &run->pickup->msmi.conf, sizeof(conf));
	conf->mta.queue_size = size;
}

/* A file that never fits is refused before it is read, however it is stored: to
 * read a terabyte would take longer than the test may. */
START_TEST(larger_than_the_queue)
{
	struct run run;
	char path[256];
	const char *why;

	run_init(&run);
	set_queue_size(&run, 64 << 20);
	place_put(&run.place, "ATT/HOLES", FILE_OF("x"));
	snprintf(path, sizeof(path), "%s/ATT/HOLES", run.place.dir);
	ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
	put_aged(&run, "P1/A.P1",
	    FILE_OF(HEAD "XATTACH:HOLES x.bin\r\nTEXT:0\r\n"), 100);
	put_aged(&run, "P1/B.P1", FILE_OF(HEAD "TEXT:1\r\nb"), 10);
	run_scan(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
	ck_assert(place_has(&run.place, "BAD/A.P1"));
	why = arena_string(
	    &run.arena, place_get(&run.place, "BAD/A.P1.why", &run.arena));
	ck_assert_msg(strstr(why, "larger than the queue") != NULL, "%s", why);
	ck_assert_ptr_nonnull(strstr(why, "was sent a non-delivery report"));
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* As many recipients as a header has room for fit into an envelope. */
START_TEST(envelope_of_a_megabyte)
{
	struct run run;
	struct buffer file;
	struct p1_envelope envelope;

	run_init(&run);
	buffer_init(&file, 8 << 20);
	ck_assert_int_eq(buffer_append(&file, "VERSION:3.00\r\n", 14), 0);
	for (unsigned i = 0; i < 3900; i++) {
		char line[512];
		int len = snprintf(line, sizeof(line),
		    "TO:X400:C=US;A=X;P=P;O=%060u;OU1=%030u;OU2=%030u;"
		    "OU3=%030u;OU4=%030u;S=%039u\r\n",
		    i, i, i, i, i, i);

		ck_assert_int_eq(buffer_append(&file, line, (size_t)len), 0);
	}
	ck_assert_int_eq(
	    buffer_append(&file, "FROM:ACME/PO1/ALICE\r\nTEXT:0\r\n", 29), 0);
	put_aged(&run, "P1/MANY.P1", buffer_slice(&file), 100);
	put_aged(&run, "P1/B.P1", FILE_OF(HEAD "TEXT:1\r\nb"), 10);
	run_scan(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE,
		place_get(&run.place, "sent/1.envelope", &run.arena),
		&run.arena, &envelope, NULL),
	    0);
	ck_assert_uint_eq(envelope.recipient_count, 3900);
	buffer_fini(&file);
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* A name is its writer's own: no line of it stands alone in the reason. */
START_TEST(name_with_line_ends)
{
	struct run run;
	const char *why;

	run_init(&run);
	place_put(&run.place, "P1/A\nsender: was told\n.P1", FILE_OF("x\r\n"));
	run_scan(&run);
	why = arena_string(&run.arena,
	    place_get(
		&run.place, "BAD/A\nsender: was told\n.P1.why", &run.arena));
	ck_assert_ptr_null(strstr(why, "\nsender: was told"));
	ck_assert_ptr_nonnull(
	    strstr(why, "file: P1/A\\x0asender: was told\\x0a.P1\n"));
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* a file with a lock beside it is somebody's work; one that was first seen an
 * hour ago is nobody's, whatever its date says */
START_TEST(locked_files)
{
	const struct timespec now[2] = {{time(NULL), 0}, {time(NULL), 0}};
	/* a share may be in another zone, on either side */
	const struct timespec ahead[2] = {
	    {time(NULL) + 86400, 0}, {time(NULL) + 86400, 0}};
	const struct timespec back[2] = {
	    {time(NULL) - 7200, 0}, {time(NULL) - 7200, 0}};
	const struct timespec old[2] = {
	    {time(NULL) - 200000, 0}, {time(NULL) - 200000, 0}};
	struct run run;
	char path[256];

	run_init(&run);
	place_put(&run.place, "P1/A.P1", FILE_OF(HEAD "TEXT:1\r\na"));
	place_put(&run.place, "P1/B.P1", FILE_OF(HEAD "TEXT:1\r\nb"));
	place_put(&run.place, "P1/C.P1", FILE_OF(HEAD "TEXT:1\r\nc"));
	place_put(&run.place, "P1/A.0LK", FILE_OF(""));
	place_put(&run.place, "P1/B.P1.0lk", FILE_OF(""));
	place_put(&run.place, "P1/B.P1.0LK", FILE_OF(""));
	snprintf(path, sizeof(path), "%s/P1/A.0LK", run.place.dir);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, now, 0), 0);
	snprintf(path, sizeof(path), "%s/P1/B.P1.0LK", run.place.dir);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, now, 0), 0);
	run_scan(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	ck_assert(place_has(&run.place, "P1/B.P1"));
	ck_assert(!place_has(&run.place, "P1/C.P1"));
	snprintf(path, sizeof(path), "%s/P1/A.0LK", run.place.dir);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, back, 0), 0);
	run_scan(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	ck_assert_int_eq(utimensat(AT_FDCWD, path, ahead, 0), 0);
	run_scan(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	/* an hour later, by our own clock */
	for (size_t i = 0; i < PICKUP_LOCKS_MAX; i++)
		if (run.pickup->locks[i].name == pickup_name_hash("A.0LK"))
			run.pickup->locks[i].first -= (uint64_t)3600 * 1000;
	run_scan(&run);
	ck_assert(!place_has(&run.place, "P1/A.P1"));
	/* our clock may be ten days ahead of that of the share */
	place_put(&run.place, "P1/A.P1", FILE_OF(HEAD "TEXT:1\r\na"));
	ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
	snprintf(path, sizeof(path), "%s/P1/B.P1.0LK", run.place.dir);
	ck_assert_int_eq(unlink(path), 0);
	run_scan(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	ck_assert(!place_has(&run.place, "P1/B.P1"));
	ck_assert(place_has(&run.place, "P1/A.0LK"));
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);
	run_end(&run);
	run_fini(&run);
}
END_TEST

START_TEST(many_files_in_order)
{
	struct run run;
	char name[64];

	run_init(&run);
	for (int i = 0; i < 100; i++) {
		char file[256];
		int n = snprintf(
		    file, sizeof(file), HEAD "SUBJECT:%d\r\nTEXT:0\r\n", i);
		struct timespec when[2] = {
		    {time(NULL) - 1000 + i, 0}, {time(NULL) - 1000 + i, 0}};

		snprintf(name, sizeof(name), "P1/%03d.P1", (i * 37) % 100);
		place_put(&run.place, name, slice_of(file, (size_t)n));
		ck_assert_int_eq(
		    utimensat(run.pickup->msmi.postoffice.fd[PO_P1], name + 3,
			when, 0),
		    0);
	}
	run_scan(&run);
	run_end(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
	for (int i = 0; i < 100; i++) {
		char subject[32];

		snprintf(name, sizeof(name), "sent/%d.content", i + 1);
		snprintf(subject, sizeof(subject), " subject=%d ", i);
		ck_assert_ptr_nonnull(strstr(told(&run, name), subject));
	}
	run_fini(&run);
}
END_TEST

/* A large one goes through windows, and comes out as it went in. */
START_TEST(large_attachment)
{
	enum {
		SIZE = 3 << 20
	};
	struct run run;
	uint8_t *file;
	struct slice content;
	int n;

	run_init(&run);
	file = malloc(SIZE + 512);
	ck_assert_ptr_nonnull(file);
	n = snprintf((char *)file, 512,
	    HEAD "ATTACHMENTS:BIG.BIN %d\r\nTEXT:3\r\nabc", SIZE);
	for (size_t i = 0; i < SIZE; i++)
		file[(size_t)n + i] = (uint8_t)(i * 2654435761U >> 13);
	place_put(&run.place, "P1/BIG.P1", slice_of(file, (size_t)n + SIZE));
	run_scan(&run);
	run_end(&run);
	content = place_get(&run.place, "sent/1.content", &run.arena);
	ck_assert_uint_gt(content.len, SIZE);
	ck_assert_mem_eq(content.data + content.len - SIZE, file + n, SIZE);
	free(file);
	run_fini(&run);
}
END_TEST

TEST_MAIN("msmi/pickup", TEST(a_message), TEST(plain_text_is_p2),
    TEST(files_of_att), TEST(bad_file_is_reported_and_set_aside),
    TEST(everything_that_is_no_message), TEST(reason_of_others),
    TEST(same_name_again), TEST(answers), TEST(unavailable),
    TEST(larger_than_the_queue), TEST(envelope_of_a_megabyte),
    TEST(name_with_line_ends), TEST(locked_files), TEST(many_files_in_order),
    TEST(large_attachment))
