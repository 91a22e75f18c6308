/* SPDX-License-Identifier: ISC */
/*
 * object_request.c - the reports that are wanted of a recipient
 *
 * Contract in object_request.h.
 */
#include "json/object_request.h"

#include "json/object_shape.h"

/* The places of the words of object_requests and object_mta_requests. */
enum request {
	REQUEST_NONE,
	REQUEST_NON_DELIVERY,
	REQUEST_REPORT,
	REQUEST_AUDITED
};

static const uint32_t originator_bits[] = {[REQUEST_NONE] = 0,
    [REQUEST_NON_DELIVERY] = P1_ORIGINATOR_NON_DELIVERY_REPORT,
    [REQUEST_REPORT] = P1_ORIGINATOR_REPORT};

static const uint32_t mta_bits[] = {[REQUEST_NONE] = 0,
    [REQUEST_NON_DELIVERY] = P1_MTA_NON_DELIVERY_REPORT,
    [REQUEST_REPORT] = P1_MTA_REPORT,
    [REQUEST_AUDITED] = P1_MTA_REPORT | P1_MTA_NON_DELIVERY_REPORT};

/* object_request_get - read the members as indicators */
uint32_t
object_request_get(const json_t *object)
{
	const json_t *responsible = json_object_get(object, "responsible");
	int request = json_get_word(
	    object, "report_request", object_requests, REQUEST_NON_DELIVERY);
	/* X.411: MTAs report to each other at least what the originator
	 * wants. */
	int mta = json_get_word(
	    object, "mta_report_request", object_mta_requests, request);

	return (json_is_false(responsible) ? 0 : P1_RESPONSIBILITY) |
	    originator_bits[request] | mta_bits[mta];
}

/* object_request_put - put the members */
void
object_request_put(struct json_put *put, json_t *object, uint32_t indicators)
{
	enum request request = (indicators & P1_ORIGINATOR_REPORT) != 0
	    ? REQUEST_REPORT
	    : (indicators & P1_ORIGINATOR_NON_DELIVERY_REPORT) != 0
	    ? REQUEST_NON_DELIVERY
	    : REQUEST_NONE;
	enum request mta = REQUEST_NONE;

	for (enum request i = REQUEST_NONE; i <= REQUEST_AUDITED; i++)
		if ((indicators & mta_bits[REQUEST_AUDITED]) == mta_bits[i])
			mta = i;
	if ((indicators & P1_RESPONSIBILITY) != 0)
		json_put_true(put, object, "responsible");
	else
		json_put_false(put, object, "responsible");
	json_put_string(
	    put, object, "report_request", object_requests[request]);
	json_put_string(
	    put, object, "mta_report_request", object_mta_requests[mta]);
}
