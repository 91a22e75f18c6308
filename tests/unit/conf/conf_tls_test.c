/* SPDX-License-Identifier: ISC */
/*
 * conf_tls_test.c - what must hold between the settings of TLS, and the files
 * that they name
 */
#include "conf/conf_tls.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_compare.h"
#include "conf/conf_pin.h"
#include "tests/unit/conf/conf_fixture.h"
#include "tests/unit/tls/pki.h"

#define MTA    "mta { name = A domain = \"C=DE;A=V\" "
#define LINK   "} link x { remote-mta = B address = b "
#define PAIR   "tls-certificate-file = /c tls-key-file = /k "
#define ENDING "}\n"
#define PIN    "\"sha256/ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\""

static char directory[] = "/tmp/fpXXXXXX";
static struct pki_entity authority, ours, other, weak;
static const char *const names[] = {
    "/ca.pem", "/c.pem", "/k.pem", "/other.pem", "/crl.pem"};

/* put - write a file of the test's directory */
static void
put(const char *name, const char *text, mode_t mode)
{
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* setup - make files of all kinds */
static void
setup(void)
{
	static char crl[4096];

	ck_assert_ptr_nonnull(mkdtemp(directory));
	pki_make(
	    &(struct pki_wish){.name = "CA", .authority = true}, &authority);
	pki_make(
	    &(struct pki_wish){.name = "ours", .issuer = &authority}, &ours);
	pki_make(
	    &(struct pki_wish){.name = "other", .issuer = &authority}, &other);
	pki_revoke(&authority, NULL, crl, sizeof(crl));
	put("/ca.pem", authority.certificate, 0644);
	put("/c.pem", ours.certificate, 0644);
	put("/k.pem", ours.key, 0600);
	put("/other.pem", other.certificate, 0600);
	put("/crl.pem", crl, 0644);
}

/* teardown - remove them */
static void
teardown(void)
{
	char path[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", directory, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(directory);
	pki_free(&authority);
	pki_free(&ours);
	pki_free(&other);
}

/* parse - parse a configuration that names these files */
static struct conf *
parse(const char *certificate, const char *key, const char *ca, const char *crl)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "\n" MTA "tls-certificate-file = \"%s%s\" tls-key-file = \"%s%s\" "
	    "tls-ca-file = \"%s%s\" tls-crl-file = \"%s%s\"}\n",
	    directory, certificate, directory, key, directory, ca, directory,
	    crl);
	return parse_ok(text);
}

START_TEST(go_together)
{
	conf_free(parse_ok(MTA PAIR "listen-tls = \"[::]:1\"" ENDING));
	conf_free(
	    parse_ok(MTA PAIR LINK "tls = require tls-pin = " PIN ENDING));
	conf_free(parse_ok(MTA PAIR "tls-ca-file = /a " LINK
				    "tls = require tls-name = b" ENDING));
	conf_free(
	    parse_ok(MTA LINK PAIR "tls = require tls-pin = " PIN ENDING));
	parse_bad(MTA "tls-key-file = /k" ENDING,
	    "t:1: mta: tls-certificate-file: missing, and there is a "
	    "tls-key-file");
	parse_bad(MTA LINK "tls-certificate-file = /c" ENDING,
	    "t:1: link \"x\": tls-key-file: missing, and there is a "
	    "tls-certificate-file");
	parse_bad(MTA "listen-tls = \"[::]:1\"" ENDING,
	    "t:1: mta: listen-tls: needs tls-certificate-file and "
	    "tls-key-file");
	parse_bad(MTA PAIR "listen-tls = \"[::]:102\"" ENDING,
	    "t:1: mta: listen-tls: an address and port that listen has too");
	parse_bad(MTA "listen-proxy = \"[::]:1\"" ENDING,
	    "t:1: mta: proxy-from: missing: who may say on listen-proxy who "
	    "calls");
	parse_bad(MTA
	    "listen-proxy-tls = \"[::]:1\" proxy-from = \"::1\"" ENDING,
	    "t:1: mta: listen-proxy-tls: needs tls-certificate-file and "
	    "tls-key-file");
	parse_bad(MTA "listen-proxy = \"[::]:102\" proxy-from = \"::1\"" ENDING,
	    "t:1: mta: listen-proxy: an address and port that listen has too");
	conf_free(parse_ok(
	    MTA "listen-proxy = \"[::]:1\" proxy-from = \"::1\"" ENDING));
	parse_bad(MTA "tls-crl-file = /c" ENDING,
	    "t:1: mta: tls-crl-file: needs tls-ca-file");
	parse_bad(MTA PAIR LINK "tls = require" ENDING,
	    "t:1: link \"x\": tls: require needs tls-name or tls-pin");
	parse_bad(MTA LINK "tls = require tls-pin = " PIN ENDING,
	    "t:1: link \"x\": tls: require needs a tls-certificate-file");
	parse_bad(MTA PAIR LINK "tls = require tls-name = b" ENDING,
	    "t:1: link \"x\": tls-name: needs the tls-ca-file of the mta "
	    "section");
}
END_TEST

START_TEST(files_are_read)
{
	struct tls_material material;
	struct diag diag = {0};
	struct conf *conf;

	setup();
	conf = parse("/c.pem", "/k.pem", "/ca.pem", "/crl.pem");
	ck_assert_msg(conf_tls_load(conf, &diag) == 0, "%s", diag_text(&diag));
	material = conf_tls_material(conf, NULL);
	ck_assert(slice_equal_string(material.key, ours.key));
	ck_assert(slice_equal_string(material.certificate, ours.certificate));
	ck_assert(
	    slice_equal_string(material.authorities, authority.certificate));
	ck_assert_uint_gt(material.revocations.len, 0);
	ck_assert_int_gt(conf->mta.tls_certificate.expires, 0);
	conf_free(conf);
	teardown();
}
END_TEST

/* refused - check how the files of a configuration are refused */
static void
refused(struct conf *conf, int code, const char *begin, const char *end)
{
	struct diag diag = {0};
	const char *text;

	ck_assert_int_eq(conf_tls_load(conf, &diag), code);
	text = diag_text(&diag);
	ck_assert_msg(strncmp(text, begin, strlen(begin)) == 0, "%s", text);
	ck_assert_msg(strstr(text, end) != NULL, "%s", text);
	conf_free(conf);
}

START_TEST(files_are_refused)
{
	setup();
	refused(parse("/other.pem", "/k.pem", "/ca.pem", "/crl.pem"), ERR_VALUE,
	    "t:2: tls-certificate-file: ",
	    "the key does not belong to the first certificate");
	refused(parse("/k.pem", "/k.pem", "/ca.pem", "/crl.pem"), ERR_VALUE,
	    "t:2: tls-certificate-file: the certificate: ", "no start line");
	refused(parse("/c.pem", "/other.pem", "/ca.pem", "/crl.pem"), ERR_VALUE,
	    "t:2: tls-certificate-file: the key: ", "");
	refused(parse("/c.pem", "/k.pem", "/crl.pem", "/crl.pem"), ERR_VALUE,
	    "t:2: tls-ca-file: the authorities: ", "no start line");
	refused(parse("/c.pem", "/k.pem", "/ca.pem", "/ca.pem"), ERR_VALUE,
	    "t:2: tls-crl-file: the revocation lists: ", "no start line");
	refused(parse("/none", "/k.pem", "/ca.pem", "/crl.pem"), ERR_IO,
	    "t:2: tls-certificate-file: /tmp/", "No such file");
	/* Workers could not begin with a key that OpenSSL finds too weak. */
	pki_make(
	    &(struct pki_wish){
		.name = "weak", .issuer = &authority, .curve = "P-192"},
	    &weak);
	put("/c.pem", weak.certificate, 0644);
	put("/k.pem", weak.key, 0600);
	refused(parse("/c.pem", "/k.pem", "/ca.pem", "/crl.pem"), ERR_VALUE,
	    "t:2: tls-certificate-file: ", "ee key too small");
	pki_free(&weak);
	put("/k.pem", ours.key, 0644);
	refused(parse("/c.pem", "/k.pem", "/ca.pem", "/crl.pem"), ERR_DENIED,
	    "t:2: tls-key-file: /tmp/", "others can read or write it");
	teardown();
}
END_TEST

/* note - count what changed */
static void
note(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	(void)section;
	(void)name;
	(void)change;
	ck_assert_str_eq(setting->name, "tls-certificate-file");
	++*(int *)context;
}

/* The content of a file counts, not its name. */
START_TEST(content_is_compared)
{
	struct conf *before, *after;
	struct diag diag = {0};
	char two[8192];
	int changes = 0;

	setup();
	before = parse("/c.pem", "/k.pem", "/ca.pem", "/crl.pem");
	after = parse("/c.pem", "/k.pem", "/ca.pem", "/crl.pem");
	ck_assert_int_eq(conf_tls_load(before, &diag), 0);
	(void)snprintf(
	    two, sizeof(two), "%s%s", ours.certificate, authority.certificate);
	put("/c.pem", two, 0644);
	ck_assert_int_eq(conf_tls_load(after, &diag), 0);
	ck_assert_int_eq(conf_compare(before, after, note, &changes), 1);
	ck_assert_int_eq(changes, 1);
	ck_assert_int_eq(conf_compare(before, before, NULL, NULL), 0);
	conf_free(before);
	conf_free(after);
	teardown();
}
END_TEST

START_TEST(pins)
{
	struct buffer out;
	struct diag diag = {0};
	uint8_t pin[TLS_PIN_LEN];
	char text[PKI_PIN_MAX];

	setup();
	/* pins as OpenSSL writes them are read and written alike */
	for (int i = 0; i < 3; i++) {
		pki_pin(i == 0 ? &ours : i == 1 ? &other : &authority, text);
		ck_assert_int_eq(conf_pin_parse(text, pin, &diag), 0);
		buffer_init(&out, 256);
		ck_assert_int_eq(conf_pin_format(pin, &out), 0);
		ck_assert(slice_equal_string(buffer_slice(&out), text));
		buffer_fini(&out);
	}
	teardown();
}
END_TEST

TEST_MAIN("conf/conf_tls", TEST(go_together); TEST(files_are_read);
	  TEST(files_are_refused); TEST(content_is_compared); TEST(pins))
