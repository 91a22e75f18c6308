/* SPDX-License-Identifier: ISC */
/*
 * metric.c - a look at the suite in the text that Prometheus reads
 */
#include "console/metric.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/version.h"

#define LINE_MAX_OCTETS 512

enum unit {
	UNIT_COUNT, /* the number as it is */
	UNIT_AGE,   /* of a time: seconds since */
	UNIT_SINCE, /* likewise; left out if it never was */
	UNIT_AHEAD  /* of a time: seconds until */
};

struct metric {
	const char *name;
	const char *type;
	enum sample_field field;
	enum unit unit;
	const char *help;
};

/* Of each link, a group in the words of the MTA-MIB. */
static const struct metric of_links[] = {
    {"fourpost_mta_group_received_messages_total", "counter",
	SAMPLE_MESSAGES_IN, UNIT_COUNT, "mtaGroupReceivedMessages"},
    {"fourpost_mta_group_transmitted_messages_total", "counter",
	SAMPLE_MESSAGES_OUT, UNIT_COUNT, "mtaGroupTransmittedMessages"},
    {"fourpost_mta_group_transmitted_reports_total", "counter",
	SAMPLE_REPORTS_OUT, UNIT_COUNT, "reports sent"},
    {"fourpost_mta_group_stored_messages", "gauge", SAMPLE_QUEUED, UNIT_COUNT,
	"mtaGroupStoredMessages; Exchange: Queue Length"},
    {"fourpost_mta_group_stored_volume_octets", "gauge", SAMPLE_OCTETS,
	UNIT_COUNT, "mtaGroupStoredVolume; Exchange: Queued Bytes"},
    {"fourpost_mta_group_stored_recipients", "gauge", SAMPLE_RECIPIENTS,
	UNIT_COUNT, "mtaGroupStoredRecipients"},
    {"fourpost_mta_group_received_recipients_total", "counter",
	SAMPLE_RECIPIENTS_IN, UNIT_COUNT, "mtaGroupReceivedRecipients"},
    {"fourpost_mta_group_transmitted_recipients_total", "counter",
	SAMPLE_RECIPIENTS_OUT, UNIT_COUNT, "mtaGroupTransmittedRecipients"},
    {"fourpost_mta_group_deferred_delivery_messages", "gauge", SAMPLE_DEFERRED,
	UNIT_COUNT, "messages that wait for the time of their originators"},
    {"fourpost_mta_group_received_volume_octets_total", "counter",
	SAMPLE_OCTETS_IN, UNIT_COUNT, "mtaGroupReceivedVolume"},
    {"fourpost_mta_group_transmitted_volume_octets_total", "counter",
	SAMPLE_OCTETS_OUT, UNIT_COUNT, "mtaGroupTransmittedVolume"},
    {"fourpost_mta_group_oldest_message_stored_seconds", "gauge", SAMPLE_OLDEST,
	UNIT_AGE,
	"mtaGroupOldestMessageStored; Exchange: Oldest Message Queued"},
    {"fourpost_mta_group_active_messages", "gauge", SAMPLE_ACTIVE, UNIT_COUNT,
	"messages that are being sent"},
    {"fourpost_mta_group_associations", "gauge", SAMPLE_ASSOCIATIONS,
	UNIT_COUNT, "mtaGroupInboundAssociations and Outbound together"},
    {"fourpost_mta_group_inbound_associations", "gauge", SAMPLE_ASSOCIATIONS_IN,
	UNIT_COUNT, "mtaGroupInboundAssociations"},
    {"fourpost_mta_group_accumulated_inbound_associations_total", "counter",
	SAMPLE_CALLED, UNIT_COUNT, "mtaGroupAccumulatedInboundAssociations"},
    {"fourpost_mta_group_accumulated_outbound_associations_total", "counter",
	SAMPLE_OPENED, UNIT_COUNT, "mtaGroupAccumulatedOutboundAssociations"},
    {"fourpost_mta_group_failed_outbound_associations_total", "counter",
	SAMPLE_OPEN_FAILED, UNIT_COUNT, "mtaGroupFailedOutboundAssociations"},
    {"fourpost_mta_group_rejected_inbound_associations_total", "counter",
	SAMPLE_REJECTED, UNIT_COUNT,
	"mtaGroupRejectedInboundAssociations; Exchange: Inbound Rejected"},
    {"fourpost_mta_group_last_inbound_activity_seconds", "gauge",
	SAMPLE_LAST_IN, UNIT_SINCE, "mtaGroupLastInboundActivity"},
    {"fourpost_mta_group_last_outbound_activity_seconds", "gauge",
	SAMPLE_LAST_OUT, UNIT_SINCE, "mtaGroupLastOutboundActivity"},
    {"fourpost_mta_group_loops_detected_total", "counter", SAMPLE_LOOPS,
	UNIT_COUNT, "mtaGroupLoopsDetected"},
    {"fourpost_mta_group_successful_converted_messages_total", "counter",
	SAMPLE_CONVERTED, UNIT_COUNT, "mtaGroupSuccessfulConvertedMessages"},
    {"fourpost_mta_group_failed_converted_messages_total", "counter",
	SAMPLE_UNCONVERTED, UNIT_COUNT, "mtaGroupFailedConvertedMessages"},
    {"fourpost_mta_group_open_failures", "gauge", SAMPLE_FAILURES, UNIT_COUNT,
	"failed attempts to open an association since the last that worked"},
    {"fourpost_mta_group_scheduled_retry_seconds", "gauge", SAMPLE_NEXT_OPEN,
	UNIT_AHEAD, "mtaGroupScheduledRetry: until the next attempt"},
};

/* Of this MTA: the sums. */
static const struct metric of_mta[] = {
    {"fourpost_mta_received_messages_total", "counter", SAMPLE_MESSAGES_IN,
	UNIT_COUNT, "mtaReceivedMessages; Exchange: Inbound Messages Total"},
    {"fourpost_mta_transmitted_messages_total", "counter", SAMPLE_MESSAGES_OUT,
	UNIT_COUNT,
	"mtaTransmittedMessages; Exchange: Outbound Messages Total"},
    {"fourpost_mta_stored_messages", "gauge", SAMPLE_QUEUED, UNIT_COUNT,
	"mtaStoredMessages; Exchange: Work Queue Length"},
    {"fourpost_mta_stored_volume_octets", "gauge", SAMPLE_OCTETS, UNIT_COUNT,
	"mtaStoredVolume; Exchange: Work Queue Bytes"},
    {"fourpost_mta_stored_recipients", "gauge", SAMPLE_RECIPIENTS, UNIT_COUNT,
	"mtaStoredRecipients; Exchange: Total Recipients Queued"},
    {"fourpost_mta_received_recipients_total", "counter", SAMPLE_RECIPIENTS_IN,
	UNIT_COUNT,
	"mtaReceivedRecipients; Exchange: Total Recipients Inbound"},
    {"fourpost_mta_transmitted_recipients_total", "counter",
	SAMPLE_RECIPIENTS_OUT, UNIT_COUNT,
	"mtaTransmittedRecipients; Exchange: Total Recipients Outbound"},
    {"fourpost_mta_deferred_delivery_messages", "gauge", SAMPLE_DEFERRED,
	UNIT_COUNT, "Exchange: Deferred Delivery Msgs"},
    {"fourpost_mta_received_volume_octets_total", "counter", SAMPLE_OCTETS_IN,
	UNIT_COUNT, "mtaReceivedVolume"},
    {"fourpost_mta_transmitted_volume_octets_total", "counter",
	SAMPLE_OCTETS_OUT, UNIT_COUNT, "mtaTransmittedVolume"},
    {"fourpost_mta_oldest_message_stored_seconds", "gauge", SAMPLE_OLDEST,
	UNIT_AGE, "the age of the oldest message of all links"},
    {"fourpost_mta_loops_detected_total", "counter", SAMPLE_LOOPS, UNIT_COUNT,
	"mtaLoopsDetected; Exchange: Loops Detected"},
    {"fourpost_mta_successful_converted_messages_total", "counter",
	SAMPLE_CONVERTED, UNIT_COUNT,
	"mtaSuccessfulConvertedMessages; Exchange: Successful Conversions"},
    {"fourpost_mta_failed_converted_messages_total", "counter",
	SAMPLE_UNCONVERTED, UNIT_COUNT,
	"mtaFailedConvertedMessages; Exchange: Failed Conversions"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* line - append a formatted line */
static int PRINTF_LIKE(2, 3) line(struct buffer *out, const char *fmt, ...)
{
	char text[LINE_MAX_OCTETS];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(text))
		return ERR_LIMIT;
	return buffer_append(out, text, (size_t)len);
}

/* head - append what a metric is */
static int
head(struct buffer *out, const char *name, const char *type, const char *help)
{
	return line(
	    out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* in_unit - turn a number or a time into what is shown */
static int64_t
in_unit(int64_t value, enum unit unit, int64_t now)
{
	switch (unit) {
	case UNIT_COUNT:
		return value;
	case UNIT_AGE:
	case UNIT_SINCE:
		/* No message is no age. */
		return value == 0 || value > now ? 0 : (now - value) / 1000;
	case UNIT_AHEAD:
		return value <= now ? 0 : (value - now) / 1000;
	}
	return value;
}

/* put_label - copy a text as the value of a label */
static const char *
put_label(const char *text, char label[2 * SAMPLES_NAME_MAX])
{
	char *to = label;

	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return label;
}

/* put_links - append a metric of all links */
static int
put_links(const struct snapshot_look *look, const struct metric *metric,
    struct buffer *out)
{
	char label[2 * SAMPLES_NAME_MAX];
	int rc = head(out, metric->name, metric->type, metric->help);

	for (size_t i = 0; rc == 0 && i < look->links.count; i++) {
		const struct sample *sample = &look->links.items[i];
		int64_t value = sample->values[metric->field];

		/* A zero would look like activity just now. */
		if (metric->unit == UNIT_SINCE && value == 0)
			continue;
		rc = line(out, "%s{group=\"%s\"} %" PRId64 "\n", metric->name,
		    put_label(sample->name, label),
		    in_unit(value, metric->unit, look->time));
	}
	return rc;
}

/* put_sum - append a metric of this MTA */
static int
put_sum(const struct snapshot_look *look, const struct metric *metric,
    struct buffer *out)
{
	int64_t value = metric->unit == UNIT_COUNT
	    ? samples_sum(&look->links, metric->field)
	    : samples_oldest(&look->links, metric->field);
	int rc = head(out, metric->name, metric->type, metric->help);

	return rc != 0 ? rc
		       : line(out, "%s %" PRId64 "\n", metric->name,
			     in_unit(value, metric->unit, look->time));
}

/* put_states - append the state that each link is in */
static int
put_states(const struct snapshot_look *look, struct buffer *out)
{
	char label[2 * SAMPLES_NAME_MAX];
	int rc = head(out, "fourpost_mta_group_state", "gauge",
	    "1 for the state that the link is in");

	for (size_t i = 0; rc == 0 && i < look->links.count; i++) {
		const struct sample *sample = &look->links.items[i];

		if (sample->state[0] != '\0')
			rc = line(out,
			    "fourpost_mta_group_state{group=\"%s\","
			    "state=\"%s\"} 1\n",
			    put_label(sample->name, label), sample->state);
	}
	return rc;
}

/* put_suite - append what is known of the suite as a whole */
static int
put_suite(const struct snapshot_look *look, struct buffer *out)
{
	int rc = head(out, "fourpost_build_info", "gauge", "the release");

	if (rc == 0)
		rc = line(out, "fourpost_build_info{version=\"%s\"} 1\n",
		    version_text());
	if (rc == 0)
		rc = head(out, "fourpost_up", "gauge",
		    "1 if the process answers, else 0");
	for (int server = 0; rc == 0 && server <= ASK_MASTER; server++)
		rc = line(out, "fourpost_up{process=\"%s\"} %d\n",
		    ask_server_name((enum ask_server)server),
		    look->failed[server][0] == '\0');
	if (rc == 0)
		rc = head(out, "fourpost_problems", "gauge",
		    "problems that x4ctl status shows");
	if (rc == 0)
		rc = line(out, "fourpost_problems %zu\n", look->problem_count);
	if (rc == 0)
		rc = head(out, "fourpost_workers", "gauge", "processes");
	if (rc == 0)
		rc = line(out, "fourpost_workers %" PRId64 "\n", look->workers);
	if (rc == 0)
		rc = head(out, "fourpost_worker_restarts", "gauge",
		    "starts after the first, of all processes that run");
	return rc != 0 ? rc
		       : line(out, "fourpost_worker_restarts %" PRId64 "\n",
			     look->restarts);
}

/* put_delay - append a class of a histogram, and its ends after the last */
static int
put_delay(const struct snapshot_delay *delay, struct buffer *out)
{
	char below[32] = "+Inf";
	int rc;

	if (delay->below != 0)
		(void)snprintf(below, sizeof(below), "%" PRId64 ".%" PRId64,
		    delay->below / 1000, delay->below % 1000 / 100);
	rc = line(out,
	    "fourpost_delay_seconds_bucket{stage=\"%s\",le=\"%s\"} %" PRId64
	    "\n",
	    delay->stage, below, delay->count);
	if (rc != 0 || delay->below != 0)
		return rc;
	return line(out,
	    "fourpost_delay_seconds_sum{stage=\"%s\"} %" PRId64 ".%03" PRId64
	    "\nfourpost_delay_seconds_count{stage=\"%s\"} %" PRId64 "\n",
	    delay->stage, delay->total / 1000, delay->total % 1000,
	    delay->stage, delay->count);
}

/* put_delays - append how long messages took, if the tracker knows */
static int
put_delays(const struct snapshot_look *look, struct buffer *out)
{
	int rc = 0;

	if (look->delay_count > 0)
		rc = head(out, "fourpost_delay_seconds", "histogram",
		    "what messages took that were transferred or delivered");
	for (size_t i = 0; rc == 0 && i < look->delay_count; i++)
		rc = put_delay(&look->delays[i], out);
	return rc;
}

/* put_waiting - append how much waits for the database of many machines */
static int
put_waiting(const struct snapshot_look *look, struct buffer *out)
{
	int rc;

	if (!look->onward)
		return 0;
	rc = head(out, "fourpost_tracking_database_waiting_pages", "gauge",
	    "pages of tracking that wait to be written into tracking-database");
	return rc != 0
	    ? rc
	    : line(out,
		  "fourpost_tracking_database_waiting_pages %" PRId64 "\n",
		  look->waiting);
}

/* metric_text - append all metrics of a look */
int
metric_text(const struct snapshot_look *look, struct buffer *out)
{
	int rc = put_suite(look, out);

	if (rc == 0)
		rc = put_delays(look, out);
	if (rc == 0)
		rc = put_waiting(look, out);
	/* Numbers of a silent qmgr are left out: zeros would
	 * look like an empty queue. */
	if (look->failed[ASK_QMGR][0] != '\0')
		return rc;
	for (size_t i = 0; rc == 0 && i < COUNT(of_mta); i++)
		rc = put_sum(look, &of_mta[i], out);
	for (size_t i = 0; rc == 0 && i < COUNT(of_links); i++)
		rc = put_links(look, &of_links[i], out);
	return rc == 0 ? put_states(look, out) : rc;
}
