/* SPDX-License-Identifier: ISC */
/*
 * mixer_trip.h - messages through a gateway's mapping, for fuzz targets
 */
#ifndef FOURPOST_TESTS_FUZZ_MIXER_TRIP_H
#define FOURPOST_TESTS_FUZZ_MIXER_TRIP_H

#include <stdlib.h>

#include "mixer/message_in.h"
#include "mixer/message_out.h"
#include "mixer/report_out.h"
#include "mixer/status_in.h"

#define TRIP_MAX ((size_t)64 * 1024 * 1024)

/* trip_mapping - get the mapping, which is made once */
static const struct mapping *
trip_mapping(void)
{
	static const char text[] =
	    "mixer m { mail-domain = x400.example.net "
	    "gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\" "
	    "map = {\"acme.example = C=DE;A=VIAT;P=ACME;O=MAIL\"} }";
	static struct address_map map;
	static struct mime_charsets charsets;
	static struct mapping mapping;
	static struct conf *conf; /* the map borrows from it */
	struct diag diag = {0};

	if (mapping.addresses != NULL)
		return &mapping;
	if (conf_parse_text(
		slice_of_string(text), "t", CONF_HANDED, &conf, &diag) != 0 ||
	    address_map_read(&map, &conf->mixers[0], &diag) != 0)
		abort();
	mime_charsets_open(&charsets);
	mapping = (struct mapping){
	    .addresses = &map, .charsets = &charsets, .now = 1796040310};
	return &mapping;
}

/* trip_gather - collect octets */
static int
trip_gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* trip_push - push a message in pieces and end the reading */
static int
trip_push(struct message_in *in, struct slice octets, size_t piece,
    struct message_plan *plan)
{
	int error = 0;

	for (size_t i = 0; i < octets.len && error == 0; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		error = message_in_push(in, slice_of(octets.data + i, n), NULL);
	}
	return error == 0 ? message_in_finish(in, plan, NULL) : error;
}

/* trip_status - make a report or a notification of what a message says to
 * programs; either is written as X.420 and X.411 want it */
static void
trip_status(const struct message_plan *plan)
{
	struct ipm_notification notification;
	struct report report;
	struct arena arena;
	struct buffer out;

	arena_init(&arena, TRIP_MAX);
	buffer_init(&out, TRIP_MAX);
	if (plan->status == MESSAGE_STATUS_DELIVERY &&
	    status_to_report(
		trip_mapping(), plan->status_text, &arena, &report) == 0 &&
	    report_encode(&report, EXTENSION_IMPLICIT, &out) != 0)
		abort();
	if (plan->status == MESSAGE_STATUS_DISPOSITION &&
	    status_to_notification(trip_mapping(), plan->status_text, &arena,
		&notification) == 0 &&
	    ipm_notification_encode(&notification, &out) != 0)
		abort();
	buffer_fini(&out);
	arena_fini(&arena);
}

/* trip_to_x400 - make the content of a message.  What was planned is written,
 * whatever the message is */
static int
trip_to_x400(struct slice octets, size_t piece, struct buffer *content)
{
	const struct mime_limits limits = {.size = UINT64_MAX,
	    .header = MIME_HEADER_MAX,
	    .parts = MIME_PARTS_MAX};
	struct message_plan plan = {.length = 0};
	struct message_in *in;
	int error = message_in_new(trip_mapping(), &limits, &in);

	if (error < 0)
		return error;
	error = trip_push(in, octets, piece, &plan);
	if (error == 0) {
		trip_status(&plan);
		message_in_again(in, trip_gather, content);
		if (trip_push(in, octets, piece, &plan) != 0 ||
		    buffer_length(content) != plan.length)
			abort();
	}
	message_in_free(in);
	return error;
}

/* trip_find_raw - find the forwarded messages that cannot be read */
static void
trip_find_raw(struct slice content, struct ipm_raw *raw)
{
	const struct ipm_handler handler = {.arg = NULL};
	struct ipm_decoder decoder;
	bool again;

	raw->count = 0;
	do {
		ipm_decoder_init(&decoder, &handler, UINT64_MAX);
		decoder.raw = raw;
		again = ipm_decoder_push(&decoder, content, NULL) < 0 &&
		    decoder.unreadable != 0 && raw->count < IPM_RAW_MAX;
		if (again)
			raw->part[raw->count++] = decoder.unreadable;
		ipm_decoder_fini(&decoder);
	} while (again);
}

/* trip_to_internet - make the message of a content */
static int
trip_to_internet(struct slice content, size_t piece, struct buffer *message)
{
	struct message_out *out;
	struct ipm_raw raw;
	int error = 0;

	trip_find_raw(content, &raw);
	if (message_out_new(trip_mapping(), &raw, trip_gather, message, &out) !=
	    0)
		return ERR_NOMEM;
	for (size_t i = 0; i < content.len && error == 0; i += piece) {
		size_t n = content.len - i < piece ? content.len - i : piece;

		error =
		    message_out_push(out, slice_of(content.data + i, n), NULL);
	}
	if (error == 0)
		error = message_out_finish(out, NULL);
	message_out_free(out);
	return error;
}

/* trip_check_lines - check that all lines of a message end in CR LF, and that
 * it ends with a line */
static void
trip_check_lines(struct slice message)
{
	for (size_t i = 0; i < message.len; i++) {
		if (message.data[i] == '\r' &&
		    (i + 1 == message.len || message.data[i + 1] != '\n'))
			abort();
		if (message.data[i] == '\n' &&
		    (i == 0 || message.data[i - 1] != '\r'))
			abort();
		if (message.data[i] == 0)
			abort();
	}
	if (message.len < 2 || message.data[message.len - 1] != '\n')
		abort();
}

#endif
