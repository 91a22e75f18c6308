/* SPDX-License-Identifier: ISC */
/*
 * conf_test.c - the configuration: one file, one typed and validated struct
 */
#include "conf/conf.h"

#include "mhs/or_address.h"
#include "tests/unit/conf/conf_fixture.h"

START_TEST(defaults)
{
	struct conf *conf = parse_ok(
	    MTA_LINE "link paris { remote-mta = B address = {\"a:103\"} }\n");
	const struct conf_mta *mta = &conf->mta;
	const struct conf_link *link = &conf->links[0];

	ck_assert_str_eq(mta->name, "MTA-A");
	ck_assert_str_eq(mta->domain.text, "C=DE;A=VIAT;P=ACME");
	ck_assert_str_eq(mta->password_file, "");
	ck_assert_uint_eq(mta->password.len, 0);
	ck_assert_uint_eq(mta->listen.count, 1);
	ck_assert_str_eq(mta->listen.items[0].host, "::");
	ck_assert_uint_eq(mta->listen.items[0].port, 102);
	ck_assert_str_eq(mta->state_directory, "/var/lib/fourpost");
	ck_assert_str_eq(mta->run_directory, "/run/fourpost");
	ck_assert_str_eq(mta->user, "fourpost");
	ck_assert_str_eq(mta->network_user, "fourpost-net");
	ck_assert_uint_eq(mta->queue_size, UINT64_C(16) << 30);
	ck_assert_uint_eq(mta->max_associations, 200);
	ck_assert_uint_eq(mta->duplicate_memory, 7 * 86400000ull);
	ck_assert_uint_eq(mta->deferred_max, 90 * 86400000ull);
	ck_assert_uint_eq(mta->message_lifetime[CONF_URGENT], 2 * 86400000ull);
	ck_assert_uint_eq(mta->message_lifetime[CONF_NORMAL], 7 * 86400000ull);
	ck_assert_uint_eq(
	    mta->message_lifetime[CONF_NON_URGENT], 10 * 86400000ull);
	ck_assert_str_eq(link->name, "paris");
	ck_assert_str_eq(link->local_name, "");
	ck_assert_uint_eq(link->remote_addresses.count, 0);
	ck_assert_uint_eq(link->tsel.len, 0);
	ck_assert_int_eq(link->mode, CONF_MODE_1988_NORMAL);
	ck_assert_int_eq(link->dialogue, CONF_DIALOGUE_MONOLOGUE);
	ck_assert_int_eq(link->peer, CONF_PEER_THIRD_PARTY);
	ck_assert_int_eq(link->extension_tagging, CONF_TAGGING_AUTO);
	ck_assert_uint_eq(link->cost, 10);
	ck_assert_int_eq(link->schedule.kind, CONF_SCHEDULE_ALWAYS);
	ck_assert_uint_eq(link->associations, 10);
	ck_assert_uint_eq(link->threshold, 50);
	ck_assert_uint_eq(link->open_interval, 600000);
	ck_assert_uint_eq(link->open_retries, 144);
	ck_assert_uint_eq(link->open_timeout, 30000);
	ck_assert_uint_eq(link->transfer_interval, 120000);
	ck_assert_uint_eq(link->transfer_retries, 2);
	ck_assert_int_eq(link->refused_message, CONF_REFUSED_REPORT);
	ck_assert_uint_eq(link->association_lifetime, 300000);
	ck_assert_uint_eq(link->disconnect_timeout, 120000);
	ck_assert_uint_eq(link->checkpoint_size, 30720);
	ck_assert_uint_eq(link->window_size, 5);
	ck_assert_uint_eq(link->recovery_timeout, 60000);
	ck_assert_uint_eq(link->transfer_timeout[CONF_URGENT], 1000000);
	ck_assert_uint_eq(link->transfer_timeout[CONF_NORMAL], 2000000);
	ck_assert_uint_eq(link->transfer_timeout[CONF_NON_URGENT], 3000000);
	ck_assert_uint_eq(link->max_size, 0);
	conf_free(conf);
}
END_TEST

START_TEST(addresses)
{
	struct conf *conf = parse_ok(MTA_LINE
	    "link paris { remote-mta = B address = a\n"
	    "address-space = {\"C=FR;A=ATLAS\", \"C=FR;A= ;P=BNP\"} }\n"
	    "link rest { remote-mta = C address = b address-space = \"*\" }");
	struct or_address address = {0};
	struct arena arena;
	struct diag diag = {0};
	const struct conf_addresses *spaces = &conf->links[0].address_space;

	arena_init(&arena, 65536);
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("C=FR;A=ATLAS;P=X;S=Doe"), &arena,
		&address, &diag),
	    0);
	ck_assert_uint_eq(spaces->count, 2);
	ck_assert_int_gt(
	    or_address_matches(spaces->items[0].address, &address), 0);
	ck_assert_int_eq(
	    or_address_matches(spaces->items[1].address, &address), -1);
	ck_assert_str_eq(spaces->items[1].text, "C=FR;A= ;P=BNP");
	ck_assert_int_eq(
	    or_address_matches(
		conf->links[1].address_space.items[0].address, &address),
	    0);
	/* the postmaster that was not given */
	memset(&address, 0, sizeof(address));
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("S=Postmaster;C=DE;A=VIAT;P=ACME"),
		&arena, &address, &diag),
	    0);
	ck_assert_int_eq(
	    or_address_compare(conf->mta.postmaster.address, &address), 0);
	arena_fini(&arena);
	conf_free(conf);
}
END_TEST

START_TEST(selectors)
{
	struct conf *conf = parse_ok(MTA_LINE
	    "link x { remote-mta = B address = a tsel = \"0x00ff\"\n"
	    "ssel = \"X400\" psel = \"0X41\" local-tsel = \"0x4142\" }");
	const struct conf_link *link = &conf->links[0];

	ck_assert(slice_equal(link->tsel, slice_of("\0\xff", 2)));
	ck_assert(slice_equal_string(link->ssel, "X400"));
	ck_assert(slice_equal_string(link->psel, "0X41"));
	ck_assert(slice_equal_string(link->local_tsel, "AB"));
	ck_assert_uint_eq(link->local_psel.len, 0);
	conf_free(conf);
}
END_TEST

START_TEST(found_by_name)
{
	struct conf *conf = parse_ok(
	    MTA_LINE "link c { remote-mta = C address = c }\n"
		     "link a { remote-mta = A address = a }\n"
		     "link b-1 { remote-mta = B address = b }\n"
		     "msmail po { postoffice = /a network = N name = P }");

	ck_assert_str_eq(conf_link_find(conf, "a")->remote_mta, "A");
	ck_assert_str_eq(conf_link_find(conf, "b-1")->remote_mta, "B");
	ck_assert_str_eq(conf_link_find(conf, "c")->remote_mta, "C");
	ck_assert_ptr_null(conf_link_find(conf, "d"));
	ck_assert_ptr_null(conf_link_find(conf, "po"));
	ck_assert_str_eq(conf_msmail_find(conf, "po")->po_name, "P");
	ck_assert_ptr_null(conf_msmail_find(conf, "a"));
	conf_free(conf);
}
END_TEST

START_TEST(passwords)
{
	char path[64], text[512];
	struct conf *conf;

	temporary_file(path, "from file\n", 10, 0640);
	(void)snprintf(text, sizeof(text),
	    "mta { name = A domain = \"C=DE;A= \" password-file = \"%s\" }\n"
	    "link x { remote-mta = B address = b remote-password = \"a\\x01\" "
	    "}\nlink y { remote-mta = B address = b local-name = \"L\"\n"
	    "local-password = own }\n",
	    path);
	conf = parse_ok(text);
	ck_assert(slice_equal_string(conf->mta.password, "from file"));
	ck_assert(slice_equal_string(
	    conf_local_password(conf, &conf->links[0]), "from file"));
	ck_assert(slice_equal_string(conf->links[0].remote_password, "a\001"));
	ck_assert_str_eq(conf_local_name(conf, &conf->links[0]), "A");
	ck_assert(slice_equal_string(
	    conf_local_password(conf, &conf->links[1]), "own"));
	ck_assert_str_eq(conf_local_name(conf, &conf->links[1]), "L");
	conf_free(conf);
	(void)unlink(path);
}
END_TEST

START_TEST(bad_passwords)
{
	char path[64], text[512], reason[512];

	parse_bad("mta {\npassword-file = /nonexistent/x }",
	    "t:2: password-file: /nonexistent/x: No such file or directory");
	parse_bad("mta {\npassword-file = x }",
	    "t:2: password-file: \"x\" does not begin with /");
	temporary_file(path, "secret\n", 7, 0644);
	(void)snprintf(text, sizeof(text),
	    MTA_LINE "link x {\n\nremote-password-file = %s }", path);
	(void)snprintf(reason, sizeof(reason),
	    "t:4: remote-password-file: %s: others can read or write it "
	    "(mode 644)",
	    path);
	parse_bad(text, reason);
	ck_assert_int_eq(chmod(path, 0600), 0);
	(void)snprintf(text, sizeof(text),
	    "mta {\npassword = a\npassword-file = %s }", path);
	parse_bad(text, "t:3: password-file: password is given as well");
	(void)snprintf(text, sizeof(text),
	    "mta {\npassword-file = %s\npassword = a }", path);
	parse_bad(text, "t:3: password: password-file is given as well");
	(void)unlink(path);
}
END_TEST

START_TEST(names)
{
	parse_bad(MTA_LINE "link Paris { }",
	    "t:2: link \"Paris\": a name has 1 to 32 of a-z, 0-9 and -");
	parse_bad(MTA_LINE "\nlink '' { }",
	    "t:3: link \"\": a name has 1 to 32 of a-z, 0-9 and -");
	parse_bad(MTA_LINE "msmail a/b { }",
	    "t:2: msmail \"a/b\": a name has 1 to 32 of a-z, 0-9 and -");
	parse_bad(MTA_LINE "link abcdefghijklmnopqrstuvwxyz01234567 { }",
	    "t:2: link \"abcdefghijklmnopqrstuvwxyz01234567\": a name has 1 "
	    "to 32 of a-z, 0-9 and -");
	conf_free(parse_ok(
	    MTA_LINE "link abcdefghijklmnopqrstuvwxyz012345 { remote-mta = B "
		     "address = b }"));
}
END_TEST

START_TEST(missing)
{
	parse_bad("", "t:1: mta: the section is missing");
	parse_bad("\nmta { }", "t:2: mta: name: missing");
	parse_bad("mta { name = A }", "t:1: mta: domain: missing");
	parse_bad(
	    MTA_LINE "link x { }", "t:2: link \"x\": remote-mta: missing");
	parse_bad(MTA_LINE "link x { remote-mta = B }",
	    "t:2: link \"x\": address: missing, and the schedule says that "
	    "we call");
	conf_free(
	    parse_ok(MTA_LINE "link x { remote-mta = B schedule = never }"));
	parse_bad(MTA_LINE "\n\nmsmail x { network = N }",
	    "t:4: msmail \"x\": postoffice: missing");
	parse_bad(MTA_LINE "msmail x { network = N postoffice = /a }",
	    "t:2: msmail \"x\": name: missing");
}
END_TEST

START_TEST(together)
{
	parse_bad(MTA_LINE
	    "link x { remote-mta = B schedule = remote-initiated }",
	    "t:2: link \"x\": schedule: remote-initiated needs dialogue = "
	    "\"two-way-alternate\"");
	conf_free(parse_ok(
	    MTA_LINE "link x { remote-mta = B schedule = remote-initiated\n"
		     "dialogue = two-way-alternate }"));
	parse_bad(MTA_LINE "link x { remote-mta = B address = a mode = 1984 }",
	    "t:2: link \"x\": remote-domain: missing, and modes 1988-x410 and "
	    "1984 need it");
	conf_free(parse_ok(
	    MTA_LINE "link x { remote-mta = B address = a mode = 1984\n"
		     "remote-domain = \"C=FR;A=ATLAS\" }"));
	parse_bad(MTA_LINE
	    "link x { remote-mta = B address = a mode = 1988-x410 psel = p }",
	    "t:2: link \"x\": psel: only mode 1988-normal has presentation "
	    "selectors");
	parse_bad(MTA_LINE
	    "link x { remote-mta = B address = a mode = 1988-x410 }",
	    "t:2: link \"x\": remote-domain: missing, and modes 1988-x410 and "
	    "1984 need it");
	conf_free(parse_ok(
	    MTA_LINE "link x { remote-mta = B address = a mode = 1988-x410\n"
		     "remote-domain = \"C=FR;A=ATLAS\" }"));
	parse_bad(MTA_LINE
	    "link x { remote-mta = B address = b learn = \"*\" }",
	    "t:2: link \"x\": learn: needs peer = \"fourpost\" and mode = "
	    "\"1988-normal\"");
	parse_bad(MTA_LINE "msmail x { postoffice = /a network = N name = P\n"
			   "directory = /nonexistent/m }",
	    "t:2: msmail \"x\": directory: /nonexistent/m: No such file or "
	    "directory");
	parse_bad(MTA_LINE "msmail x { postoffice = /a network = N name = P\n"
			   "directory = /tmp }",
	    "t:2: msmail \"x\": directory: /tmp: not a file");
}
END_TEST

START_TEST(domains)
{
	parse_bad("mta {\ndomain = \"C=DE;A=VIAT;O=X\" }",
	    "t:2: domain: \"C=DE;A=VIAT;O=X\": a domain has C, A and P alone, "
	    "not O");
	parse_bad("mta {\ndomain = \"C=DE;A=\" }",
	    "t:2: domain: \"C=DE;A=\": A is missing (if there is none: "
	    "\"A= \")");
	parse_bad("mta {\ndomain = \"\" }", "t:2: domain: must not be empty");
}
END_TEST

/* a handed text: what is missing has its default, no file is looked at */
START_TEST(handed)
{
	struct conf *conf = parse_handed(slice_of_string(
	    "link x { local-password-file = /nonexistent local-password = p "
	    "}\nmsmail y { directory = /nonexistent }"));

	ck_assert_str_eq(conf->mta.name, "");
	ck_assert_str_eq(conf->mta.domain.text, "");
	ck_assert_ptr_null(conf->mta.domain.address);
	ck_assert_str_eq(conf->links[0].remote_mta, "");
	ck_assert_uint_eq(conf->links[0].open_interval, 600000);
	ck_assert(slice_equal_string(conf->links[0].local_password, "p"));
	ck_assert_str_eq(conf->msmails[0].directory, "/nonexistent");
	conf_free(conf);
}
END_TEST

#define SECRET_LINE "mta { name = X domain = \"C=DE;A=Y\"\npassword = s }\n"

START_TEST(files)
{
	struct conf *conf = NULL;
	struct diag diag = {0};
	char path[64], reason[128];

	temporary_file(path, MTA_LINE, sizeof(MTA_LINE) - 1, 0600);
	ck_assert_int_eq(conf_parse_file(path, &conf, &diag), 0);
	ck_assert_str_eq(conf->file, path);
	conf_free(conf);
	(void)unlink(path);
	temporary_file(path, "mta {\nx = 1 }", 13, 0600);
	ck_assert_int_eq(conf_parse_file(path, &conf, &diag), ERR_SYNTAX);
	(void)snprintf(
	    reason, sizeof(reason), "%s:2: x: no such setting", path);
	ck_assert_str_eq(diag_text(&diag), reason);
	(void)unlink(path);
	/* a file that others can read has no password in it */
	diag_clear(&diag);
	temporary_file(path, SECRET_LINE, sizeof(SECRET_LINE) - 1, 0644);
	ck_assert_int_eq(conf_parse_file(path, &conf, &diag), ERR_DENIED);
	(void)snprintf(reason, sizeof(reason),
	    "%s:2: password: a password in a file that others can read", path);
	ck_assert_int_eq(strncmp(diag_text(&diag), reason, strlen(reason)), 0);
	(void)unlink(path);
	diag_clear(&diag);
	temporary_file(path, SECRET_LINE, sizeof(SECRET_LINE) - 1, 0640);
	ck_assert_int_eq(conf_parse_file(path, &conf, &diag), 0);
	conf_free(conf);
	(void)unlink(path);
	diag_clear(&diag);
	ck_assert_int_eq(
	    conf_parse_file("/nonexistent/c", &conf, &diag), ERR_NOTFOUND);
	ck_assert_str_eq(
	    diag_text(&diag), "/nonexistent/c: No such file or directory");
	diag_clear(&diag);
	ck_assert_int_eq(conf_parse_file("/tmp", &conf, &diag), ERR_IO);
	ck_assert_str_eq(diag_text(&diag), "/tmp: is a directory");
	ck_assert_int_eq(conf_parse_file("/tmp", &conf, NULL), ERR_IO);
}
END_TEST

/* links - write a configuration of so many links; to be freed */
static char *
links(unsigned count, unsigned associations)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(out);
	fprintf(out,
	    "mta { name = A domain = \"C=DE;A=V\"\n"
	    "max-associations = %u }\n",
	    associations);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "link l%u { remote-mta = B%u schedule = never }\n",
		    i, i);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

/* Each accepted configuration has the processes that it needs: a thousand links
 * do. */
START_TEST(processes)
{
	char *text = links(1000, 200);
	struct conf *conf = parse_ok(text);

	ck_assert_uint_eq(conf->link_count, 1000);
	ck_assert_uint_eq(conf_incoming_associations(&conf->links[7]), 11);
	conf_free(conf);
	free(text);
	text = links(1000, 3064);
	conf_free(parse_ok(text));
	free(text);
	text = links(1000, 3065);
	parse_bad(text,
	    "t:1: mta: max-associations: with 1000 links, 0 postoffices "
	    "and 0 applications that needs 8194 processes, more than 8192");
	free(text);
}
END_TEST

TEST_MAIN("conf/conf", TEST(processes), TEST(defaults); TEST(addresses);
	  TEST(selectors); TEST(found_by_name); TEST(passwords);
	  TEST(bad_passwords); TEST(names); TEST(missing); TEST(together);
	  TEST(domains); TEST(handed); TEST(files))
