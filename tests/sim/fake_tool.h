/* SPDX-License-Identifier: ISC */
/*
 * fake_tool.h - tools: one that submits, one that requests
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_TOOL_H
#define FOURPOST_TESTS_SIM_FAKE_TOOL_H

#include "tests/sim/fake.h"
#include "tests/sim/items.h"

/* tool_submit - submit an item, once */
void tool_submit(struct item *item);

/* tool_request - have a request made, until it is answered */
void tool_request(const char *command, const char *argument);

/* tools_cancel - end those that request something */
void tools_cancel(void);

/* tool_look - have a request made that only shows something */
void tool_look(void);

/* tools_busy - tell whether a tool has not had its answer */
bool tools_busy(void);

#endif
