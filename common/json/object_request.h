/* SPDX-License-Identifier: ISC */
/*
 * object_request.h - responsibility and the reports that are wanted of a
 * recipient, between the words of the one form and per-recipient-indicators
 * (X.411 12.2.1.1.1.6)
 */
#ifndef FOURPOST_JSON_OBJECT_REQUEST_H
#define FOURPOST_JSON_OBJECT_REQUEST_H

#include "json/json_get.h"
#include "json/json_put.h"

/* object_request_get - read the members as indicators; what is absent is
 * responsible, and non-delivery */
uint32_t object_request_get(const json_t *object);

/* object_request_put - put the members */
void
object_request_put(struct json_put *put, json_t *object, uint32_t indicators);

#endif
