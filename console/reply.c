/* SPDX-License-Identifier: ISC */
/*
 * reply.c - answers in HTTP, with the headers that every one of them has
 */
#include "console/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/row_json.h"

#define ERROR_MAX 8192

/* The page runs its own script alone, asks this server alone, and is shown in
 * no frame. */
static const struct {
	const char *name, *value;
} headers[] = {
    {"Content-Security-Policy",
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"connect-src 'self'; base-uri 'none'; form-action 'self'; "
	"frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

/* dress - add the headers to an answer */
static struct MHD_Response *
dress(struct MHD_Response *response, const char *type)
{
	if (response == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		(void)MHD_add_response_header(
		    response, headers[i].name, headers[i].value);
	(void)MHD_add_response_header(response, "Content-Type", type);
	return response;
}

/* reply_static - make an answer of octets that stay */
struct MHD_Response *
reply_static(struct slice octets, const char *type)
{
	/* MHD does not write to what is persistent. */
	return dress(
	    MHD_create_response_from_buffer(octets.len,
		(void *)(uintptr_t)octets.data, MHD_RESPMEM_PERSISTENT),
	    type);
}

/* reply_take - make an answer of what a buffer holds */
struct MHD_Response *
reply_take(struct buffer *octets, const char *type)
{
	struct slice slice = buffer_slice(octets);
	struct MHD_Response *response =
	    dress(MHD_create_response_from_buffer_with_free_callback(
		      slice.len, (void *)(uintptr_t)slice.data, free),
		type);
	size_t max = octets->max;

	if (response == NULL)
		buffer_reset(octets);
	else
		/* The memory belongs to the answer now. */
		buffer_init(octets, max);
	return response;
}

/* reply_queue - give an answer */
enum MHD_Result
reply_queue(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response)
{
	enum MHD_Result result;

	/* Without memory the connection is closed. */
	if (response == NULL)
		return MHD_NO;
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* reply_text - give a line of text as the answer */
enum MHD_Result
reply_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
	return reply_queue(connection, status,
	    reply_static(slice_of_string(text), REPLY_TEXT));
}

/* reply_error - give {"error":TEXT} as the answer */
enum MHD_Result
reply_error(
    struct MHD_Connection *connection, unsigned status, const char *text)
{
	enum MHD_Result result = MHD_NO;
	struct buffer out;

	buffer_init(&out, ERROR_MAX);
	if (buffer_append(&out, "{\"error\":", 9) == 0 &&
	    row_json_string(slice_of_string(text), &out) == 0 &&
	    buffer_append(&out, "}\n", 2) == 0)
		result = reply_queue(
		    connection, status, reply_take(&out, REPLY_JSON));
	buffer_fini(&out);
	return result;
}
