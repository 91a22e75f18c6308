/* SPDX-License-Identifier: ISC */
/*
 * conf_dump_test.c - a configuration written back as text
 */
#include "conf/conf_dump.h"

#include "conf/conf_compare.h"
#include "tests/unit/conf/conf_fixture.h"

/* Every kind of value, and what is hard to quote. */
#define RICH                                                                   \
	"mta { name = 'MTA \"A\" \\\\ $x ${y}' domain = \"C=DE;A= ;P=ACME\"\n" \
	"password = \"a\\x01\\\"\\\\\\${HOME}'\\xff\\xc3\\xbc\\n\"\n"          \
	"listen = {\"[::1]:102\", \"127.0.0.1:1102\"}\n"                       \
	"state-directory = '/var/lib/a b' run-directory = /run/x\n"            \
	"queue-size = 5000000 duplicate-memory = 0.25\n"                       \
	"postmaster = \"C=DE;A= ;P=ACME;S=Boss\"\n"                            \
	"message-lifetime-normal = 36h }\n"                                    \
	"link paris { remote-mta = P address = {\"a.b:1\", \"[2001:db8::1]\"}" \
	"remote-password = 'se cret' local-name = L local-password = lp\n"     \
	"remote-addresses = {192.0.2.0/24, 2001:db8::/33, 10.0.0.1}\n"         \
	"tsel = 0x00ff ssel = text local-tsel = \"\"\n"                        \
	"mode = 1988-x410 dialogue = two-way-alternate peer = fourpost\n"      \
	"extension-tagging = explicit cost = 0\n"                              \
	"remote-domain = \"C=FR;A= ;P=BNP\" strip-bilateral = yes\n"           \
	"strip-internal-trace = no\n"                                          \
	"address-space = {\"C=FR;A=ATLAS\", \"C=FR;A= ;P=BNP\", \"*\"}\n"      \
	"schedule = \"Mon-Fri 08:00-18:00, Sat 22:15-02:00\"\n"                \
	"associations = 50 threshold = 1 open-interval = 0.5\n"                \
	"checkpoint-size = 0 window-size = 1 max-size = 1500M }\n"             \
	"link b { remote-mta = B schedule = never psel = \"0x3078\" }\n"
#define MSMAIL                                                          \
	"msmail po1 { postoffice = /srv/po network = ACME name = PO1\n" \
	"address-space = {\"C=DE;A= ;P=ACME;O=PO1\"} }\n"

/* rich - parse the text above */
static struct conf *
rich(void)
{
	return parse_ok(RICH MSMAIL);
}

/* dump - dump as text, which the caller frees */
static struct buffer
dump(
    const struct conf *conf, enum conf_secrets secrets, enum conf_extent extent)
{
	struct buffer out;

	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(conf_dump(conf, secrets, extent, &out), 0);
	return out;
}

/* contains - tell whether the text holds a string */
static bool
contains(const struct buffer *text, const char *what)
{
	struct slice all = buffer_slice(text);

	return memmem(all.data, all.len, what, strlen(what)) != NULL;
}

START_TEST(parses_back_to_the_same)
{
	struct conf *conf = rich();
	enum conf_extent extents[] = {CONF_EXTENT_SET, CONF_EXTENT_ALL};

	for (size_t i = 0; i < 2; i++) {
		struct buffer once =
		    dump(conf, CONF_SECRETS_INLINE, extents[i]);
		struct conf *again = parse_handed(buffer_slice(&once));
		struct buffer twice =
		    dump(again, CONF_SECRETS_INLINE, extents[i]);

		ck_assert_int_eq(conf_compare(conf, again, NULL, NULL), 0);
		ck_assert(
		    slice_equal(buffer_slice(&once), buffer_slice(&twice)));
		ck_assert(slice_equal(conf->mta.password, again->mta.password));
		ck_assert_str_eq(again->mta.name, "MTA \"A\" \\ $x ${y}");
		ck_assert_uint_eq(again->links[0].address_space.count, 3);
		ck_assert_str_eq(
		    again->links[0].address_space.items[2].text, "*");
		/* the text is whole by itself, too */
		buffer_fini(&twice);
		conf_free(again);
		ck_assert_int_eq(buffer_append(&once, "", 1), 0);
		conf_free(parse_ok((const char *)buffer_slice(&once).data));
		buffer_fini(&once);
	}
	conf_free(conf);
}
END_TEST

START_TEST(secrets_from_files)
{
	char path[64], text[512];
	struct conf *conf, *again;
	struct buffer out;

	temporary_file(path, "from file\n", 10, 0600);
	(void)snprintf(text, sizeof(text),
	    "mta { name = A domain = \"C=DE;A= \" password-file = \"%s\" }\n",
	    path);
	conf = parse_ok(text);
	out = dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET);
	ck_assert(contains(&out, "\tpassword = \"from file\"\n"));
	ck_assert(!contains(&out, "password-file"));
	again = parse_handed(buffer_slice(&out));
	ck_assert(slice_equal_string(again->mta.password, "from file"));
	ck_assert_int_eq(conf_compare(conf, again, NULL, NULL), 0);
	conf_free(again);
	buffer_fini(&out);
	out = dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_SET);
	ck_assert(contains(&out, "password-file = \"/tmp/"));
	ck_assert(!contains(&out, "from file"));
	buffer_fini(&out);
	conf_free(conf);
	(void)unlink(path);
}
END_TEST

START_TEST(without_secrets)
{
	struct conf *conf = rich();
	struct buffer out = dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_ALL);

	ck_assert(!contains(&out, "\tpassword = "));
	ck_assert(!contains(&out, "-password = "));
	ck_assert(!contains(&out, "se cret"));
	ck_assert(contains(&out, "\tmode = \"1988-x410\"\n"));
	ck_assert(contains(&out, "\topen-retries = \"144\"\n"));
	buffer_fini(&out);
	out = dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_SET);
	ck_assert(!contains(&out, "open-retries"));
	ck_assert(contains(&out, "\topen-interval = \"0.5\"\n"));
	buffer_fini(&out);
	conf_free(conf);
}
END_TEST

START_TEST(a_link_for_its_worker)
{
	struct conf *conf = rich(), *worker;
	struct conf_link expected = conf->links[0];
	struct buffer out;

	buffer_init(&out, 65536);
	ck_assert_int_eq(conf_dump_link(conf, &conf->links[0], &out), 0);
	ck_assert_uint_lt(buffer_length(&out), 4096);
	ck_assert(!contains(&out, "remote-password"));
	ck_assert(!contains(&out, "se cret"));
	worker = parse_handed(buffer_slice(&out));
	ck_assert_uint_eq(worker->link_count, 1);
	ck_assert_str_eq(worker->mta.name, conf->mta.name);
	ck_assert_uint_eq(worker->mta.password.len, 0);
	ck_assert_str_eq(conf_local_name(worker, &worker->links[0]), "L");
	expected.remote_password = slice_of(NULL, 0);
	expected.address_space = (struct conf_addresses){0};
	ck_assert_str_eq(expected.name, worker->links[0].name);
	ck_assert(values_equal(CONF_LINK, &expected, &worker->links[0]));
	conf_free(worker);
	buffer_reset(&out);
	/* our own password, where the link has none of its own */
	ck_assert_int_eq(conf_dump_link(conf, &conf->links[1], &out), 0);
	worker = parse_handed(buffer_slice(&out));
	ck_assert(slice_equal(conf_local_password(worker, &worker->links[0]),
	    conf->mta.password));
	ck_assert_str_eq(
	    conf_local_name(worker, &worker->links[0]), conf->mta.name);
	conf_free(worker);
	buffer_fini(&out);
	conf_free(conf);
}
END_TEST

START_TEST(a_postoffice_for_its_worker)
{
	struct conf *conf = rich(), *worker;
	struct buffer out;

	buffer_init(&out, 65536);
	ck_assert_int_eq(conf_dump_msmail(conf, &conf->msmails[0], &out), 0);
	worker = parse_handed(buffer_slice(&out));
	ck_assert_uint_eq(worker->link_count, 0);
	ck_assert_uint_eq(worker->msmail_count, 1);
	ck_assert_str_eq(conf->msmails[0].name, worker->msmails[0].name);
	ck_assert(
	    values_equal(CONF_MSMAIL, &conf->msmails[0], &worker->msmails[0]));
	ck_assert_str_eq(worker->mta.postmaster.text, "C=DE;A= ;P=ACME;S=Boss");
	ck_assert_uint_eq(worker->mta.password.len, 0);
	ck_assert(!contains(&out, "password"));
	conf_free(worker);
	buffer_fini(&out);
	conf_free(conf);
}
END_TEST

START_TEST(postmaster_that_is_derived)
{
	struct conf *conf = parse_ok(MTA_LINE MSMAIL), *worker;
	struct buffer out;

	buffer_init(&out, 65536);
	ck_assert_int_eq(conf_dump_msmail(conf, &conf->msmails[0], &out), 0);
	worker = parse_handed(buffer_slice(&out));
	ck_assert_str_eq(
	    worker->mta.postmaster.text, conf->mta.postmaster.text);
	ck_assert_ptr_nonnull(worker->mta.postmaster.address);
	conf_free(worker);
	buffer_fini(&out);
	conf_free(conf);
}
END_TEST

START_TEST(no_room)
{
	struct conf *conf = rich();
	struct buffer whole = dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_SET);
	size_t len = buffer_length(&whole);

	for (size_t max = 0; max <= len; max++) {
		struct buffer out;

		buffer_init(&out, max);
		ck_assert_int_eq(
		    conf_dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_SET, &out),
		    max < len ? ERR_LIMIT : 0);
		buffer_fini(&out);
	}
	buffer_fini(&whole);
	conf_free(conf);
}
END_TEST

TEST_MAIN("conf/conf_dump", TEST(parses_back_to_the_same);
	  TEST(secrets_from_files); TEST(without_secrets);
	  TEST(a_link_for_its_worker); TEST(a_postoffice_for_its_worker);
	  TEST(postmaster_that_is_derived); TEST(no_room))
