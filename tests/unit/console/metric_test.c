/* SPDX-License-Identifier: ISC */
/*
 * metric_test.c - a look at the suite in the text that Prometheus reads
 */
#include "console/metric.h"

#include <string.h>

#include "tests/unit/test.h"

#define NOW ((int64_t)1796031120000)

static struct snapshot_look look_at;

#define TEXT(n, s)                                                  \
	{                                                           \
		.name = slice_of_string(n), .type = IPC_FIELD_TEXT, \
		.octets = slice_of_string(s)                        \
	}
#define NUMBER(n, i)                                                  \
	{                                                             \
		.name = slice_of_string(n), .type = IPC_FIELD_NUMBER, \
		.number = (i)                                         \
	}
#define TIME(n, i)                                                  \
	{                                                           \
		.name = slice_of_string(n), .type = IPC_FIELD_TIME, \
		.number = (i)                                       \
	}

/* take - take a row into the look */
static void
take(const struct ipc_field *fields, size_t count, const char *key)
{
	const struct ipc_row row = {fields, count};

	ck_assert_int_eq(samples_take(&look_at.links, &row, key), 0);
}

/* metrics - write the metrics, to be freed */
static char *
metrics(void)
{
	struct buffer out;
	char *text;

	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(metric_text(&look_at, &out), 0);
	text =
	    strndup((const char *)buffer_slice(&out).data, buffer_length(&out));
	ck_assert_ptr_nonnull(text);
	buffer_fini(&out);
	return text;
}

/* begin - make a look at two links, of which one has a queue */
static void
begin(void)
{
	const struct ipc_field paris[] = {TEXT("name", "paris"),
	    TEXT("state", "waiting"), NUMBER("queued", 3),
	    NUMBER("messages_out", 10), TIME("next_open", NOW + 90000),
	    NUMBER("rejected", 2), TIME("last_in", NOW - 30000),
	    TIME("last_out", 0), NUMBER("loops", 1), NUMBER("converted", 0),
	    NUMBER("unconverted", 7), NUMBER("recipients", 30),
	    NUMBER("recipients_in", 5), NUMBER("recipients_out", 11),
	    NUMBER("deferred_delivery", 2)};
	const struct ipc_field rome[] = {TEXT("name", "ro\"me\\"),
	    TEXT("state", "idle"), NUMBER("queued", 0),
	    NUMBER("messages_out", 5), TIME("next_open", 0),
	    NUMBER("rejected", 0), TIME("last_in", 0), TIME("last_out", 0),
	    NUMBER("loops", 3), NUMBER("converted", 6),
	    NUMBER("unconverted", 0)};
	const struct ipc_field queue[] = {TEXT("link", "paris"),
	    NUMBER("messages", 3), NUMBER("octets", 4096),
	    TIME("oldest", NOW - 120000)};

	look_at = (struct snapshot_look){.time = NOW, .workers = 4};
	take(paris, 15, "name");
	take(rome, 11, "name");
	take(queue, 4, "link");
	look_at.onward = true;
	look_at.waiting = 17;
	look_at.delay_count = 2;
	look_at.delays[0] = (struct snapshot_delay){"all", 100, 4, 2500};
	look_at.delays[1] = (struct snapshot_delay){"all", 0, 5, 2500};
}

START_TEST(lines)
{
	static const char *const wanted[] = {
	    "# TYPE fourpost_mta_stored_messages gauge\n"
	    "fourpost_mta_stored_messages 3\n",
	    "\nfourpost_mta_transmitted_messages_total 15\n",
	    "\nfourpost_mta_group_stored_messages{group=\"paris\"} 3\n",
	    "\nfourpost_mta_group_stored_volume_octets{group=\"paris\"} "
	    "4096\n",
	    "\nfourpost_mta_group_oldest_message_stored_seconds"
	    "{group=\"paris\"} 120\n",
	    "\nfourpost_mta_group_scheduled_retry_seconds{group=\"paris\"} "
	    "90\n",
	    "\nfourpost_mta_group_state{group=\"paris\",state=\"waiting\"} "
	    "1\n",
	    "\nfourpost_mta_group_rejected_inbound_associations_total"
	    "{group=\"paris\"} 2\n",
	    "\nfourpost_mta_group_last_inbound_activity_seconds"
	    "{group=\"paris\"} 30\n",
	    "\nfourpost_mta_group_loops_detected_total{group=\"paris\"} 1\n",
	    "\nfourpost_mta_loops_detected_total 4\n",
	    "\nfourpost_mta_group_stored_recipients{group=\"paris\"} 30\n",
	    "\nfourpost_mta_received_recipients_total 5\n",
	    "\nfourpost_mta_transmitted_recipients_total 11\n",
	    "\nfourpost_mta_deferred_delivery_messages 2\n",
	    "\nfourpost_mta_successful_converted_messages_total 6\n",
	    "\nfourpost_mta_group_failed_converted_messages_total"
	    "{group=\"paris\"} 7\n",
	    "\nfourpost_mta_failed_converted_messages_total 7\n",
	    "# TYPE fourpost_delay_seconds histogram\n"
	    "fourpost_delay_seconds_bucket{stage=\"all\",le=\"0.1\"} 4\n"
	    "fourpost_delay_seconds_bucket{stage=\"all\",le=\"+Inf\"} 5\n"
	    "fourpost_delay_seconds_sum{stage=\"all\"} 2.500\n"
	    "fourpost_delay_seconds_count{stage=\"all\"} 5\n",
	    "\nfourpost_tracking_database_waiting_pages 17\n",
	    "\nfourpost_up{process=\"qmgr\"} 1\n", "\nfourpost_workers 4\n"};
	char *text;

	begin();
	text = metrics();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		ck_assert_msg(strstr(text, wanted[i]) != NULL,
		    "%s is not in %s", wanted[i], text);
	free(text);
	samples_fini(&look_at.links);
}
END_TEST

/* A link without mail is there, and its queue has no age. */
START_TEST(empty_queue_has_no_age)
{
	char *text;

	begin();
	text = metrics();
	ck_assert_ptr_nonnull(
	    strstr(text, "oldest_message_stored_seconds{group=\"ro\\\"me\\\\"));
	ck_assert_ptr_null(strstr(text, "-1"));
	free(text);
	samples_fini(&look_at.links);
}
END_TEST

/* Links without any activity have no time since the last, rather than 0. */
START_TEST(never_is_not_now)
{
	char *text;

	begin();
	text = metrics();
	ck_assert_ptr_null(
	    strstr(text, "\nfourpost_mta_group_last_outbound_activity"));
	ck_assert_ptr_null(strstr(text,
	    "last_inbound_activity_seconds{group="
	    "\"ro"));
	free(text);
	samples_fini(&look_at.links);
}
END_TEST

/* No zeros of a qmgr that does not answer. */
START_TEST(silence_is_no_zero)
{
	char *text;

	begin();
	strcpy(look_at.failed[ASK_QMGR], "does not answer");
	text = metrics();
	ck_assert_ptr_nonnull(strstr(text, "fourpost_up{process=\"qmgr\"} 0"));
	ck_assert_ptr_null(strstr(text, "fourpost_mta_"));
	free(text);
	samples_fini(&look_at.links);
}
END_TEST

TEST_MAIN("console/metric", TEST(lines); TEST(empty_queue_has_no_age);
	  TEST(never_is_not_now); TEST(silence_is_no_zero))
