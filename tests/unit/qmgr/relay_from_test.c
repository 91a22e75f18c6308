/* SPDX-License-Identifier: ISC */
/*
 * relay_from_test.c - who reaches which address of the Internet: every kind of
 * source, every kind of recipient, and what relay-from says
 */
#include "qmgr/links/link.h"
#include "qmgr/queue/distribute.h"
#include "tests/unit/qmgr/harness.h"

#define HERE "C=DE;A=VIAT;P=ACME"

static const char sections[] =
    "application \"edi\" {\n socket = \"app-edi\"\n group = root\n"
    " address-space = {\"" HERE ";O=EDI\"}\n}\n"
    "list \"staff\" {\n address = \"" HERE ";S=Staff\"\n"
    " owner = \"" HERE ";S=Owner\"\n"
    " members = {\"" HERE ";O=EDI;S=x\"}\n}\n"
    "mixer \"other\" {\n mail-domain = \"x400.example.org\"\n"
    " gateway-address = \"" HERE ";O=OTHER\"\n}\n"
    "mixer \"net\" {\n mail-domain = \"x400.example.net\"\n"
    " gateway-address = \"" HERE ";O=GW\"\n"
    " map = {\"acme.example = " HERE ";O=MAIL\"}\n"
    " address-space = {\"" HERE ";O=GW\", \"" HERE ";O=MAIL\"}\n"
    " relay-from = {%s}\n}\n";

/* Where a message comes from; NULL: submitted on this machine. */
static const char *const sources[] = {NULL, "paris", "msmail/po1",
    "application/edi", "mixer/net", "mixer/other", "list/staff"};

/* Recipients, their link, and whether that depends on relay-from. */
static const struct {
	const char *to, *link;
	bool any;
} recipients[] = {
    /* not through the gateway */
    {HERE ";O=EDI;S=x", "application/edi", false},
    /* a pair, and an O/R address that is whole at mail-domain */
    {HERE ";O=MAIL;G=Jo;S=Doe", "mixer/net", false},
    {HERE ";O=MAIL;OU1=a;OU2=b;S=Doe", "mixer/net", false},
    /* no address of the Internet: the gateway reports on it */
    {HERE ";O=GW;S=Doe", "mixer/net", false},
    {HERE ";O=GW;DDA:OTHER=kim(a)example.org", "mixer/net", false},
    /* any, in each way of writing */
    {HERE ";O=GW;DDA:RFC-822=kim(a)example.org", "mixer/net", true},
    {HERE ";O=GW;DDA:rfc-822=kim(a)example.org", "mixer/net", true},
    {HERE ";O=GW;S=Kim;DDA:RFC-822=kim(a)example.org", "mixer/net", true},
    /* a domain that is a pair, and our own mail-domain, by this detour */
    {HERE ";O=GW;DDA:RFC-822=jo.doe(a)acme.example", "mixer/net", true},
    {HERE ";O=GW;DDA:RFC-822=/S=Doe/C=FR/(a)x400.example.net", "mixer/net",
	true},
    /* beneath a pair rather than gateway-address */
    {HERE ";O=MAIL;DDA:RFC-822=kim(a)example.org", "mixer/net", true},
};

/* decide - decide on a recipient of a message from a source; the link, or NULL
 * and the reason */
static const char *
decide_type(struct harness *h, const char *from, const char *to, int type,
    const char **why)
{
	struct placing placing;
	struct p1_envelope envelope;
	struct distribution d = {.envelope = &envelope,
	    .placing = &placing,
	    .mts_id = "",
	    .from_link =
		from == NULL ? STORE_LINK_NONE : harness_link(h, from)->number,
	    .route_from = ROUTE_ANYWHERE,
	    .arrival = 1};
	const char *link;

	arena_reset(&h->qmgr.arena);
	harness_envelope(h, &envelope, 1, &to);
	envelope.content_type.built_in = type;
	placing_init(&placing);
	ck_assert_int_eq(distribute_init(&h->qmgr, &d), 0);
	ck_assert_int_eq(distribute_decide(&h->qmgr, &d), 0);
	link = d.links[0] == NULL ? NULL : d.links[0]->name;
	*why = "";
	if (link == NULL) {
		ck_assert_uint_eq(d.verdict_count, 1);
		*why = (const char *)d.verdicts[0].text.data;
	}
	placing_fini(&placing);
	return link;
}

/* decide - likewise, on a recipient of an interpersonal message */
static const char *
decide(struct harness *h, const char *from, const char *to, const char **why)
{
	return decide_type(h, from, to, P1_CONTENT_P2, why);
}

/* is_allowed - tell whether a source may reach any address */
static bool
is_allowed(const char *named, const char *from)
{
	/* The program's user is of this machine; who is on a list is in the
	 * configuration. */
	return from == NULL || strcmp(from, "list/staff") == 0 ||
	    strcmp(named, "\"*\"") == 0 || strstr(named, from) != NULL;
}

/* check - check the whole matrix for a value of relay-from */
static void
check(const char *named)
{
	static char conf[8192], text[4096];
	struct harness h;

	(void)snprintf(text, sizeof(text), sections, named);
	(void)snprintf(conf, sizeof(conf), "%s%s", harness_conf, text);
	harness_init_conf(&h, conf);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		for (size_t j = 0;
		     j < sizeof(recipients) / sizeof(recipients[0]); j++) {
			const char *why,
			    *link =
				decide(&h, sources[i], recipients[j].to, &why);
			bool allowed =
			    !recipients[j].any || is_allowed(named, sources[i]);

			ck_assert_msg(allowed == (link != NULL) &&
				(link == NULL ||
				    strcmp(link, recipients[j].link) == 0),
			    "{%s}: from %s to %s: %s%s", named,
			    sources[i] == NULL ? "here" : sources[i],
			    recipients[j].to, link == NULL ? "refused: " : link,
			    why);
			/* The originator, or its postmaster, is to know. */
			if (link == NULL)
				ck_assert_ptr_nonnull(
				    strstr(why, "relay-from"));
		}
	harness_fini(&h);
}

START_TEST(matrix)
{
	check("");
	check("\"paris\"");
	check("\"msmail/po1\"");
	check("\"application/edi\", \"mixer/other\"");
	check("\"nobody\", \"lyon\"");
	check("\"*\"");
}
END_TEST

/* Interpersonal messages alone become messages of the Internet. */
START_TEST(contents)
{
	static char conf[8192], text[4096];
	const char *to = HERE ";O=MAIL;G=Jo;S=Doe", *why;
	struct harness h;

	(void)snprintf(text, sizeof(text), sections, "");
	(void)snprintf(conf, sizeof(conf), "%s%s", harness_conf, text);
	harness_init_conf(&h, conf);
	ck_assert_str_eq(
	    decide_type(&h, NULL, to, P1_CONTENT_P22, &why), "mixer/net");
	ck_assert_ptr_null(decide_type(&h, NULL, to, P1_CONTENT_EDI, &why));
	ck_assert_str_eq(why, "a gateway takes interpersonal messages alone");
	ck_assert_ptr_null(decide_type(&h, NULL, to, P1_CONTENT_OID, &why));
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/relay_from", TEST(matrix); TEST(contents))
