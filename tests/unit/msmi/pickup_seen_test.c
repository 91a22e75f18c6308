/* SPDX-License-Identifier: ISC */
/*
 * pickup_seen_test.c - files that somebody may still be writing, whatever the
 * clocks say
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/msmi/pickup_run.h"

/* append_to - write to a file of P1 as somebody does whose clock is so many
 * seconds ahead */
static void
append_to(struct run *run, const char *name, struct slice octets, time_t ahead)
{
	const struct timespec dates[2] = {
	    {time(NULL) + ahead, 0}, {time(NULL) + ahead, 0}};
	int fd = openat(run->pickup->msmi.postoffice.fd[PO_P1], name,
	    O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    write(fd, octets.data, octets.len), (ssize_t)octets.len);
	ck_assert_int_eq(futimens(fd, dates), 0);
	close(fd);
}

/* Clocks of whoever writes the files, in seconds ahead of ours. */
static const time_t clocks[] = {0, 864000, -864000, 2, -2};

/* A file that may still be written is left for later, whatever its date. */
START_TEST(young_files)
{
	struct run run;
	uint64_t half = PICKUP_SETTLE / 2;

	run_init(&run);
	append_to(&run, "A.P1", FILE_OF(HEAD "TEXT:0\r\n"), clocks[_i]);
	run_scan_again(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	run_age(&run, half);
	run_scan_again(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	/* The file changes, and is as young as before. */
	append_to(&run, "A.P1", FILE_OF("\r\n"), clocks[_i]);
	run_age(&run, half);
	run_scan_again(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	run_age(&run, PICKUP_SETTLE);
	run_scan_again(&run);
	ck_assert(!place_has(&run.place, "P1/A.P1"));
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 0);
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* look - scan as soon as a file may be whole */
static void
look(struct run *run)
{
	run_scan_again(run);
	run_age(run, PICKUP_SETTLE);
	run_scan_again(run);
}

/* A file that ends too early is waited for as long as it grows now and then,
 * and is set aside when it has not for PICKUP_PATIENCE, whatever its date. */
START_TEST(unfinished_files)
{
	struct run run;

	run_init(&run);
	append_to(&run, "A.P1", FILE_OF(HEAD "TEXT:9\r\n"), clocks[_i]);
	append_to(&run, "B.P1", FILE_OF(HEAD "TEXT:9\r\n"), clocks[_i]);
	for (unsigned i = 0; i < 9; i++) {
		look(&run);
		ck_assert(place_has(&run.place, "P1/A.P1"));
		ck_assert_int_eq(place_has(&run.place, "P1/B.P1"),
		    i * 900 < PICKUP_PATIENCE);
		append_to(&run, "A.P1", FILE_OF("x"), clocks[_i]);
		run_age(&run, 900 - PICKUP_SETTLE);
	}
	look(&run);
	ck_assert(!place_has(&run.place, "P1/A.P1"));
	ck_assert(!place_has(&run.place, "BAD/A.P1"));
	ck_assert(place_has(&run.place, "BAD/B.P1"));
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* Many of them keep no other waiting, and none is forgotten. */
START_TEST(many_unfinished_files)
{
	enum {
		MANY = 300
	};
	struct run run;
	char name[32];

	run_init(&run);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "N%03d.P1", i);
		append_to(&run, name, FILE_OF(HEAD), 0);
	}
	append_to(&run, "GOOD.P1", FILE_OF(HEAD "TEXT:0\r\n"), 864000);
	look(&run);
	ck_assert(!place_has(&run.place, "P1/GOOD.P1"));
	ck_assert_uint_eq(place_count(&run.place, "P1"), MANY);
	append_to(&run, "N000.P1", FILE_OF("TEXT:0\r\n"), 0);
	run_scan(&run);
	ck_assert_uint_eq(place_count(&run.place, "P1"), 0);
	/* each with its reason */
	ck_assert_uint_eq(place_count(&run.place, "BAD"), 2 * (MANY - 1));
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* A file that was renamed to its place is read at once. */
START_TEST(moved_files)
{
	struct run run;

	run_init(&run);
	append_to(&run, "A.P1", FILE_OF(HEAD "TEXT:0\r\n"), 0);
	append_to(&run, "B.P1", FILE_OF(HEAD "TEXT:0\r\n"), 0);
	append_to(&run, "C.P1", FILE_OF(HEAD), 0);
	pickup_moved(run.pickup, "B.P1");
	pickup_moved(run.pickup, "C.P1");
	run_scan_again(&run);
	ck_assert(place_has(&run.place, "P1/A.P1"));
	ck_assert(!place_has(&run.place, "P1/B.P1"));
	/* and waited for like any other when its rest is not there */
	ck_assert(place_has(&run.place, "P1/C.P1"));
	run_end(&run);
	run_fini(&run);
}
END_TEST

/* write_map - write to the map as somebody whose clock is ahead */
static void
write_map(const char *path, const char *line, time_t ahead)
{
	const struct timespec dates[2] = {
	    {time(NULL) + ahead, 0}, {time(NULL) + ahead, 0}};
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, line, strlen(line)), (ssize_t)strlen(line));
	ck_assert_int_eq(futimens(fd, dates), 0);
	close(fd);
}

/* mailboxes - look at the map again, a second later: how many it has */
static size_t
mailboxes(struct msmi *msmi)
{
	msmi->map_looked = 0;
	ck_assert_int_eq(msmi_map_again(msmi), 0);
	return msmi->map.count;
}

/* A map that is being written is read when it changes no more. */
START_TEST(map_being_written)
{
	struct conf_msmail msmail;
	struct msmi *msmi;
	struct run run;
	char path[128];

	run_init(&run);
	msmi = &run.pickup->msmi;
	msmail = *msmi->msmail;
	snprintf(path, sizeof(path), "%s/map", run.place.dir);
	msmail.directory = path;
	msmi->msmail = &msmail;
	write_map(
	    path, "S=A;O=PO1;P=ACME;A=VIAT;C=DE = ACME/PO1/A\n", clocks[_i]);
	ck_assert_uint_eq(mailboxes(msmi), 3);
	write_map(
	    path, "S=B;O=PO1;P=ACME;A=VIAT;C=DE = ACME/PO1/B\n", clocks[_i]);
	ck_assert_uint_eq(mailboxes(msmi), 3);
	ck_assert_uint_eq(mailboxes(msmi), 2);
	ck_assert_uint_eq(mailboxes(msmi), 2);
	close(msmi->map_fd);
	run_end(&run);
	run_fini(&run);
}
END_TEST

#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

TEST_MAIN("msmi/pickup_seen", TEST_LOOP(young_files, CLOCKS),
    TEST_LOOP(unfinished_files, CLOCKS), TEST(many_unfinished_files),
    TEST(moved_files), TEST_LOOP(map_being_written, CLOCKS))
