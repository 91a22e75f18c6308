/* SPDX-License-Identifier: ISC */
/*
 * route_test.c - which link an address is for
 */
#include "tests/unit/qmgr/harness.h"

/* route - find the name of the link for an address, or the verdict */
static const char *
route(struct harness *h, const char *to, const char *from)
{
	struct or_name name = harness_name(h, to);
	struct link *link = NULL;
	uint32_t number =
	    from == NULL ? ROUTE_ANYWHERE : harness_link(h, from)->number;

	switch (route_find(&h->qmgr, &name.address, number, 0, &link)) {
	case ROUTE_FOUND:
		return link->name;
	case ROUTE_NONE:
		return "none";
	case ROUTE_BACK:
		return "back";
	}
	return "?";
}

/* The vectors: address, where it came from, the link. */
static const struct {
	const char *to, *from, *link;
} vectors[] = {
    {"C=FR;A=ATLAS;S=x", NULL, "paris"},
    {"c=fr;a=atlas;s=x", NULL, "paris"},
    {"C=FR;A=Atlas;P=BNP;S=x", NULL, "paris"},
    {"C=FR;A= ;P=BNP;S=x", NULL, "paris"},
    {"C=FR;A= ;P=OTHER;S=x", NULL, "lyon"},
    {"C=FR;A=ELSE;S=x", NULL, "lyon"},
    {"C=FR;A=ATLAS;P=BNP;O=LYON;S=x", NULL, "lyon"},
    {"C=FR;A=ATLAS;P=BNP;O=LYON;OU1=A;OU2=B;S=x", NULL, "lyon"},
    {"C=FR;A=ATLAS;P=BNP;O=PARIS;S=x", NULL, "paris"},
    {"C=IT;A=GARR;S=x", NULL, "rome"},
    {"C=IT;A=IPT;S=x", NULL, "rome2"},
    {"C=DE;A=VIAT;P=ACME;O=PO1;S=x", NULL, "msmail/po1"},
    {"C=DE;A=VIAT;P=ACME;O=PO2;S=x", NULL, "none"},
    {"C=GB;A=X;S=x", NULL, "none"},
    /* not back where it came from: the next shorter match, if any */
    {"C=FR;A=ATLAS;S=x", "paris", "lyon"},
    {"C=IT;A=GARR;S=x", "rome", "back"},
    {"C=IT;A=IPT;S=x", "rome2", "rome"},
};

START_TEST(longest_match)
{
	struct harness h;

	harness_init(&h);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		ck_assert_msg(strcmp(route(&h, vectors[i].to, vectors[i].from),
				  vectors[i].link) == 0,
		    "%s from %s goes to %s", vectors[i].to,
		    vectors[i].from == NULL ? "nowhere" : vectors[i].from,
		    route(&h, vectors[i].to, vectors[i].from));
	harness_fini(&h);
}
END_TEST

/* A link that is disabled or out of retries gives way; one that waits does
 * not, to a shorter match; if all are out messages wait for the best. */
START_TEST(links_that_are_out)
{
	struct harness h;
	struct link *paris, *lyon;

	harness_init(&h);
	paris = harness_link(&h, "paris");
	lyon = harness_link(&h, "lyon");
	paris->state = LINK_WAITING;
	ck_assert_str_eq(route(&h, "C=FR;A=ATLAS;S=x", NULL), "paris");
	paris->open_failures = paris->policy.open_retries + 1;
	ck_assert_str_eq(route(&h, "C=FR;A=ATLAS;S=x", NULL), "lyon");
	paris->open_failures = 0;
	paris->state = LINK_DISABLED;
	ck_assert_str_eq(route(&h, "C=FR;A=ATLAS;S=x", NULL), "lyon");
	lyon->state = LINK_DISABLED;
	ck_assert_str_eq(route(&h, "C=FR;A=ATLAS;S=x", NULL), "paris");
	harness_fini(&h);
}
END_TEST

/* equal_conf - write links with the same address space, and costs */
static struct conf *
equal_conf(const char *costs[3])
{
	char text[2048] = "mta { name=\"M\" domain=\"C=DE;A=V;P=A\" }\n";
	struct conf *conf;
	struct diag diag = {0};

	for (int i = 0; i < 3; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "link \"l%d\" { remote-mta=\"R%d\" remote-password=\"p\" "
		    "address={\"127.0.0.1:1\"} address-space={\"C=FR\"} "
		    "cost=%s }\n",
		    i, i, costs[i]);
	ck_assert_msg(conf_parse_text(slice_of_string(text), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	return conf;
}

/* Equal matches: not waiting, then the cheapest, then by turns. */
START_TEST(equal_matches)
{
	const char *same[] = {"10", "10", "10"}, *costs[] = {"30", "10", "20"};
	struct harness h;
	struct or_name name;
	struct link *link;
	unsigned seen[3] = {0};
	struct diag diag = {0};

	harness_init(&h);
	ck_assert_int_eq(loop_reload(&h.qmgr, equal_conf(costs), &diag), 0);
	ck_assert_str_eq(route(&h, "C=FR;A=X;S=x", NULL), "l1");
	harness_link(&h, "l1")->state = LINK_WAITING;
	ck_assert_str_eq(route(&h, "C=FR;A=X;S=x", NULL), "l2");
	/* all wait: who is active first, then who was tried least */
	harness_link(&h, "l0")->state = LINK_REMOTE;
	harness_link(&h, "l1")->next_open = 30000;
	harness_link(&h, "l2")->state = LINK_WAITING;
	harness_link(&h, "l2")->next_open = 40000;
	ck_assert_str_eq(route(&h, "C=FR;A=X;S=x", NULL), "l1");
	harness_link(&h, "l1")->next_open = 40000;
	harness_link(&h, "l1")->open_failures = 2;
	harness_link(&h, "l2")->open_failures = 1;
	ck_assert_str_eq(route(&h, "C=FR;A=X;S=x", NULL), "l2");
	harness_link(&h, "l0")->state = LINK_IDLE;
	harness_link(&h, "l1")->state = LINK_IDLE;
	harness_link(&h, "l1")->open_failures = 0;
	harness_link(&h, "l2")->state = LINK_IDLE;
	harness_link(&h, "l2")->open_failures = 0;
	ck_assert_int_eq(loop_reload(&h.qmgr, equal_conf(same), &diag), 0);
	name = harness_name(&h, "C=FR;A=X;S=x");
	for (unsigned i = 0; i < 30; i++) {
		ck_assert_int_eq(route_find(&h.qmgr, &name.address,
				     ROUTE_ANYWHERE, i, &link),
		    ROUTE_FOUND);
		seen[link->name[1] - '0']++;
	}
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(seen[i], 10);
	harness_fini(&h);
}
END_TEST

/* Thousands of address spaces: each is found, and the longest wins. */
START_TEST(many_spaces)
{
	struct harness h;
	size_t size = 1 << 20, len;
	char *text = malloc(size), to[128], from[16];
	struct conf *conf;
	struct diag diag = {0};

	ck_assert_ptr_nonnull(text);
	harness_init(&h);
	len = (size_t)snprintf(text, size,
	    "mta { name=\"M\" domain=\"C=DE;A=V;P=A\" }\n"
	    "link \"all\" { remote-mta=\"R\" remote-password=\"p\" "
	    "address={\"127.0.0.1:1\"} address-space={\"C=FR\"} }\n");
	for (int i = 0; i < 20; i++) {
		len += (size_t)snprintf(text + len, size - len,
		    "link \"l%d\" { remote-mta=\"R%d\" remote-password=\"p\" "
		    "address={\"127.0.0.1:1\"} address-space={",
		    i, i);
		for (int j = 0; j < 200; j++)
			len += (size_t)snprintf(text + len, size - len,
			    "%s\"C=FR;A=ADMD%d;P=PRMD%d\"", j > 0 ? "," : "", i,
			    j);
		len += (size_t)snprintf(text + len, size - len, "} }\n");
	}
	ck_assert_msg(conf_parse_text(slice_of_string(text), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(loop_reload(&h.qmgr, conf, &diag), 0);
	for (int i = 0; i < 20; i++) {
		snprintf(to, sizeof(to), "C=FR;A=admd%d;P=prmd%d;S=x", i,
		    i * 7 % 200);
		snprintf(from, sizeof(from), "l%d", i);
		ck_assert_str_eq(route(&h, to, NULL), from);
		ck_assert_str_eq(route(&h, to, from), "all");
	}
	free(text);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/route", TEST(longest_match), TEST(links_that_are_out),
    TEST(equal_matches), TEST(many_spaces))
