/* SPDX-License-Identifier: ISC */
/*
 * why.h - what a message waits for, in one sentence
 */
#ifndef FOURPOST_VIEW_WHY_H
#define FOURPOST_VIEW_WHY_H

#include "view/view.h"

/* view_is_active - test whether a message is being worked on */
bool view_is_active(const struct view *view, uint64_t id);

/* why_text - explain what a message waits for */
void why_text(const struct view *view, const struct store_message *message,
    char text[VIEW_TEXT_MAX]);

/* why_brief - say the same in a few words, for a list; "": nothing */
void why_brief(const struct view *view, const struct store_message *message,
    char text[VIEW_TEXT_MAX]);

#define WHY_WHEN_MAX 24

/* why_when - format a local time near now: "14:20", or with its day */
void why_when(int64_t ms, char text[WHY_WHEN_MAX]);

#endif
