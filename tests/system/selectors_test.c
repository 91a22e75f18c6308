/* SPDX-License-Identifier: ISC */
/*
 * selectors_test.c - which link a caller is, by the selectors that it calls
 *
 * Two links of one remote name and password, each with a transport selector of
 * its own, and both with the same session and presentation selectors.  The
 * test calls, over the real stack.
 */
#include <stdlib.h>
#include <string.h>

#include "osi/cotp.h"
#include "osi/presentation.h"
#include "osi/session.h"
#include "tests/system/raw_peer.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

static struct suite tested;

/* configure - write the configuration, with more in both links */
static void
configure(const char *more)
{
	char sections[1024];

	snprintf(sections, sizeof(sections),
	    "link \"day\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=YY\"}"
	    " schedule = \"never\" local-tsel = \"DAY\" %s }\n"
	    "link \"night\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=ZZ\"}"
	    " schedule = \"never\" local-tsel = \"0x4e00\" %s }\n",
	    more, more);
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", "", sections);
}

/* refused - call, and be refused by this layer with this reason */
static void
refused(
    const struct raw_called *called, enum association_layer layer, int reason)
{
	struct raw_call call;

	ck_assert_int_eq(raw_try(&call, tested.port, called), ERR_REFUSED);
	ck_assert_int_eq(call.association.failure.layer, layer);
	ck_assert_int_eq(call.association.failure.reason, reason);
	raw_hang_up(&call);
}

/* associations - count those that a link has open */
static json_int_t
associations(const char *link)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL), *row;
	json_int_t count = -1;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));

		if (name != NULL && strcmp(name, link) == 0)
			count = json_integer_value(
			    json_object_get(row, "associations"));
	}
	json_decref(rows);
	return count;
}

/* Each layer refuses what is no link's, and the bind what is another's. */
START_TEST(layers_and_links)
{
	struct raw_called day = {.tsel = "DAY", .ssel = "S", .psel = "P"};
	struct raw_called called;
	struct raw_call call;

	suite_begin("selectors");
	configure("local-ssel = \"S\" local-psel = \"P\"");
	suite_start(&tested);
	called = day;
	called.tsel = "NONE";
	refused(&called, ASSOCIATION_LAYER_TRANSPORT, COTP_REASON_ADDRESS);
	called.tsel = NULL;
	refused(&called, ASSOCIATION_LAYER_TRANSPORT, COTP_REASON_ADDRESS);
	called = day;
	called.ssel = "T";
	refused(&called, ASSOCIATION_LAYER_SESSION, SESSION_REFUSED_SELECTOR);
	called = day;
	called.psel = "Q";
	refused(&called, ASSOCIATION_LAYER_PRESENTATION,
	    PRESENTATION_REFUSED_ADDRESS);
	ck_assert_int_eq(raw_try(&call, tested.port, &day), 0);
	ck_assert_int_eq(associations("day"), 1);
	ck_assert_int_eq(associations("night"), 0);
	raw_release(&call);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* The running suite learns of other selectors. */
START_TEST(learned_by_reload)
{
	struct raw_called called = {.tsel = "DAY", .ssel = "S"};
	struct raw_call call;
	char *conf;
	size_t length;

	suite_begin("selectors-reload");
	configure("local-ssel = \"S\"");
	suite_start(&tested);
	ck_assert_int_eq(raw_try(&call, tested.port, &called), 0);
	raw_release(&call);
	called.ssel = "U";
	refused(&called, ASSOCIATION_LAYER_SESSION, SESSION_REFUSED_SELECTOR);
	ck_assert_int_eq(suite_shell(NULL,
			     "sed -i 's/local-ssel = .S./local-ssel = \"U\"/' "
			     "'%s'",
			     tested.conf),
	    0);
	conf = suite_read(tested.conf, &length);
	ck_assert_ptr_nonnull(conf);
	ck_assert_ptr_nonnull(strstr(conf, "local-ssel = \"U\""));
	free(conf);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(raw_try(&call, tested.port, &called), 0);
	raw_release(&call);
	called.ssel = "S";
	refused(&called, ASSOCIATION_LAYER_SESSION, SESSION_REFUSED_SELECTOR);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/selectors", TEST_LONG(layers_and_links, 60);
	  TEST_LONG(learned_by_reload, 60))
