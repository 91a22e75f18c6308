/* SPDX-License-Identifier: ISC */
/*
 * label_test.c - what of a heading a message file cannot say
 */
#include "msmi/label.h"
#include "tests/unit/msmi/place.h"

#define ALICE "S=Alice;O=PO1;P=ACME;A=VIAT;C=DE"
#define BOB   "S=Bob;P=BETA;A=ATLAS;C=FR"

struct run {
	struct place place;
	struct msmi msmi;
	struct arena arena;
	struct ipm_heading heading;
	struct ipm_recipient to[2], copy[1];
	struct ipm_descriptor reply[1];
};

/* somebody - make a descriptor with this address and free-form name */
static struct ipm_descriptor
somebody(struct run *run, const char *address, const char *name)
{
	struct ipm_descriptor who = {.free_form = slice_of_string(name)};
	struct or_name or_name = {0};
	struct ber_writer writer;
	struct buffer out;

	ck_assert_int_eq(or_address_parse(slice_of_string(address), &run->arena,
			     &or_name.address, NULL),
	    0);
	buffer_init(&out, 4096);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &or_name);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(
	    arena_slice(&run->arena, buffer_slice(&out), &who.name), 0);
	buffer_fini(&out);
	return who;
}

static void
run_init(struct run *run)
{
	*run = (struct run){0};
	arena_init(&run->arena, 1 << 20);
	place_init(&run->place, &run->msmi);
	ipm_heading_init(&run->heading);
	run->to[0].descriptor = somebody(run, ALICE, "");
	run->heading.primary = (struct ipm_recipients){run->to, 1};
}

static void
run_fini(struct run *run)
{
	place_fini(&run->place, &run->msmi);
	arena_fini(&run->arena);
}

/* expect_from - expect the labels of the heading of a message from somebody */
static void
expect_from(struct run *run, const char *sender, const char *expected)
{
	struct or_address from = {.dda_count = 0};
	struct buffer out;

	buffer_init(&out, LABEL_MAX);
	if (sender != NULL)
		ck_assert_int_eq(or_address_parse(slice_of_string(sender),
				     &run->arena, &from, NULL),
		    0);
	ck_assert_int_eq(label_own(&run->msmi.addressing, &run->heading,
			     sender == NULL ? NULL : &from, &run->arena, &out),
	    0);
	ck_assert_str_eq(
	    arena_string(&run->arena, buffer_slice(&out)), expected);
	buffer_fini(&out);
}

/* expect - check the labels of the heading */
static void
expect(struct run *run, const char *expected)
{
	expect_from(run, NULL, expected);
}

START_TEST(most_have_none)
{
	struct run run;

	run_init(&run);
	run.heading.has_originator = true;
	run.heading.originator = somebody(&run, BOB, "Bob B");
	run.heading.importance = IPM_HIGH;
	expect(&run, "");
	expect_from(&run, BOB, "");
	ck_assert(
	    !label_registered(&run.msmi.addressing, &run.heading, &run.arena));
	run_fini(&run);
}
END_TEST

START_TEST(all_there_are)
{
	struct run run;

	run_init(&run);
	run.to[1].descriptor = somebody(&run, BOB, "Bob B");
	run.heading.primary.count = 2;
	run.copy[0].descriptor = somebody(&run, "C=US;A=X;S=Tom", "");
	run.heading.copy = (struct ipm_recipients){run.copy, 1};
	run.reply[0] = somebody(&run, ALICE, "");
	run.heading.reply_recipients = (struct ipm_descriptors){run.reply, 1};
	run.heading.sensitivity = IPM_PRIVATE;
	run.heading.importance = IPM_HIGH;
	/* a recipient of another postoffice is asked: no receipt here */
	run.to[1].requests = IPM_REQUEST_RN;
	ck_assert(
	    !label_registered(&run.msmi.addressing, &run.heading, &run.arena));
	expect(&run,
	    "To: ACME/PO1/ALICE\r\n"
	    "To: Bob B [OTHER/PO2/BOB]\r\n"
	    "Cc: X400:S=Tom;A=X;C=US\r\n"
	    "Reply-To: ACME/PO1/ALICE\r\n"
	    "Sensitivity: private\r\n");
	run.to[0].requests = IPM_REQUEST_RN;
	ck_assert(
	    label_registered(&run.msmi.addressing, &run.heading, &run.arena));
	expect(&run,
	    "To: ACME/PO1/ALICE\r\n"
	    "To: Bob B [OTHER/PO2/BOB]\r\n"
	    "Cc: X400:S=Tom;A=X;C=US\r\n"
	    "Reply-To: ACME/PO1/ALICE\r\n"
	    "Importance: high\r\n"
	    "Sensitivity: private\r\n");
	run_fini(&run);
}
END_TEST

/* somebody without an address, or with one that cannot be read */
START_TEST(nobody)
{
	struct run run;

	run_init(&run);
	run.copy[0].descriptor.free_form = slice_of_string("No One");
	run.copy[0].descriptor.name = slice_of("\x61\x80\xff", 3);
	run.heading.copy = (struct ipm_recipients){run.copy, 1};
	expect(&run, "Cc: No One []\r\n");
	run_fini(&run);
}
END_TEST

/* The sender's and recipients' names are taken from the heading where FROM and
 * TO of the file do not say them (a list, an agent, an answer). */
START_TEST(who_wrote)
{
	struct run run;

	run_init(&run);
	run.heading.has_originator = true;
	run.heading.originator = somebody(&run, "C=US;A=X;S=Tom", "Tom");
	run.reply[0] = somebody(&run, BOB, "");
	run.heading.authorizing = (struct ipm_descriptors){run.reply, 1};
	run.heading.auto_forwarded = true;
	run.copy[0].descriptor = somebody(&run, ALICE, "");
	run.heading.blind = (struct ipm_recipients){run.copy, 1};
	run.heading.has_replied_to = true;
	run.heading.replied_to.local = slice_of_string("orig-1");
	run.heading.unreadable_fields = 1;
	expect_from(&run, "C=US;A=X;S=List",
	    "From: Tom [X400:S=Tom;A=X;C=US]\r\n"
	    "Authorized-By: OTHER/PO2/BOB\r\n"
	    "Auto-Forwarded: yes\r\n"
	    "Bcc: ACME/PO1/ALICE\r\n"
	    "In-Reply-To: orig-1\r\n"
	    "Fields not readable: 1\r\n");
	run_fini(&run);
}
END_TEST

TEST_MAIN("msmi/label", TEST(most_have_none), TEST(all_there_are), TEST(nobody),
    TEST(who_wrote))
