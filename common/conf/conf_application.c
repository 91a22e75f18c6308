/* SPDX-License-Identifier: ISC */
/*
 * conf_application.c - the settings of an application
 */
#include "conf/conf_application.h"

#define HOUR		UINT64_C(3600000)
#define SECOND		UINT64_C(1000)
#define PATH_LENGTH_MAX 200
#define SIZE_MAX_	(UINT64_C(64) << 40)

static const char *const delivered_choices[] = {
    [CONF_DELIVERED_ANSWERED] = "answered",
    [CONF_DELIVERED_WRITTEN] = "written",
    NULL};

/* clang-format off */
#define ROW(text, type_, field, min_, max_, fallback_, meaning_)              \
	CONF_SETTING(application, text, type_, field, OPTIONAL, min_, max_,    \
	    fallback_, meaning_)

const struct conf_setting
    conf_application_settings[CONF_APPLICATION_SETTINGS] = {
	ROW("path", PATH, path, 0, PATH_LENGTH_MAX, "",
	    "directory in which messages are exchanged"),
	ROW("socket", STRING, socket, 0, CONF_NAME_MAX, "",
	    "name of a local socket in run-directory, to which the program "
	    "connects"),
	ROW("group", GROUP, group, 0, CONF_NAME_MAX, "",
	    "group of the program, which may use the directory and the "
	    "socket"),
	ROW("address-space", ADDRESS_SPACE, address_space, 0, 0, "",
	    "beginnings of O/R addresses whose messages the program gets"),
	ROW("cost", NUMBER, cost, 0, 1000, "10",
	    "ways of lower cost are preferred"),
	ROW("originators", ADDRESS_SPACE, originators, 0, 0, "",
	    "beginnings of O/R addresses as which it may submit; those of "
	    "address-space if not given"),
	CONF_CHOICE(application, "delivered-when", delivered_when,
	    delivered_choices, "answered",
	    "whether the program must answer for each message"),
	ROW("answer-timeout", INTERVAL, answer_timeout, SECOND, 168 * HOUR,
	    "10m", "time for the answer, from when the program took the "
	    "message"),
	ROW("outstanding", NUMBER, outstanding, 1, 16, "16",
	    "messages that may be given out and not answered, by the "
	    "directory and by each connection"),
	ROW("contents", CONTENTS, contents, 0, 0, "",
	    "content types that the program takes: ipm, edi, a number or an "
	    "OID; any if not given"),
	ROW("max-size", SIZE, max_size, 0, SIZE_MAX_, "0",
	    "longest content that the program takes; 0: any"),
};
/* clang-format on */
