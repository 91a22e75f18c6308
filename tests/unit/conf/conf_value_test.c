/* SPDX-License-Identifier: ISC */
/*
 * conf_value_test.c - every setting: what it takes, what it refuses, where
 *
 * For each row of the table below the text is put on line 4 of a file.
 */
#include "conf/conf_value.h"

#include "tests/unit/conf/conf_fixture.h"

/* The digests of "a" and "b". */
#define PIN_A "\"sha256/ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\""
#define PIN_B "\"sha256/PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=\""

struct setting_case {
	enum conf_section section;
	const char *setting;
	const char *good[4]; /* texts as they stand behind "=" */
	const char *bad[7];
};

static const struct setting_case cases[] = {
    {CONF_MTA, "name",
	{"A", "\"MTA BERLIN\"", "abcdefghijklmnopqrstuvwxyz012345"},
	{"\"\"", "abcdefghijklmnopqrstuvwxyz0123456", "\"M\\x01\"",
	    "\"M\\xc3\\xbc\""}},
    {CONF_MTA, "domain", {"\"C=DE;A=VIAT\"", "\"C=DE;A= ;P=X\""},
	{"\"\"", "\"C=DE\"", "\"A=VIAT;P=X\"", "\"C=DE;A=V;S=X\"", "x",
	    "\"C=DE;A=*\"", "\"C=DE;A=V;P=*\""}},
    {CONF_MTA, "password-file", {"\"\""}, {"relative", "/nonexistent"}},
    {CONF_MTA, "password",
	{"\"\"", "a", "\"a b\\x01\"",
	    "0123456789012345678901234567890123456789012345678901234567890123"},
	{"012345678901234567890123456789012345678901234567890123456789012345"}},
    {CONF_MTA, "listen",
	{"{}", "\"0.0.0.0:102\"", "{\"[::1]:1\", \"127.0.0.1:65535\"}"},
	{"\"localhost:102\"", "\"[::]:0\"", "\"::\"", "\"1.2.3.4:x\"",
	    "{\"127.0.0.1:1\", \"\"}"}},
    {CONF_MTA, "listen-tls", {"{}"},
	{"\"localhost:102\"", "\"[::]:0\"", "{\"127.0.0.1:1\", \"\"}"}},
    {CONF_MTA, "listen-proxy", {"{}"},
	{"\"localhost:102\"", "\"[::]:0\"", "{\"127.0.0.1:1\", \"\"}"}},
    {CONF_MTA, "listen-proxy-tls", {"{}"},
	{"\"localhost:102\"", "\"[::]:0\"", "{\"127.0.0.1:1\", \"\"}"}},
    {CONF_MTA, "proxy-from",
	{"{}", "\"192.0.2.0/24\"", "{\"2001:db8::1\", \"127.0.0.1\"}"},
	{"\"localhost\"", "\"192.0.2.0/33\"", "{\"::1\", \"\"}"}},
    {CONF_MTA, "tls-certificate-file", {"\"\""}, {"a"}},
    {CONF_MTA, "tls-key-file", {"\"\""}, {"a"}},
    {CONF_MTA, "tls-ca-file", {"\"\"", "/nonexistent"}, {"a"}},
    {CONF_MTA, "tls-crl-file", {"\"\""}, {"a"}},
    {CONF_MTA, "tls-minimum", {"1.2", "1.3"}, {"1.1", "1", "\"\""}},
    {CONF_MTA, "state-directory", {"/a"}, {"\"\"", "a", "\"/\\x01\""}},
    {CONF_MTA, "run-directory",
	{"/a",
	    "/123456789012345678901234567890123456789012345678901234567890123"},
	{"\"\"", "a",
	    "/1234567890123456789012345678901234567890123456789012345678901"
	    "234"}},
    {CONF_MTA, "user", {"nobody"}, {"\"\""}},
    {CONF_MTA, "network-user", {"nobody"}, {"\"\""}},
    {CONF_MTA, "postoffice-group", {"\"\"", "mail"},
	{"\"123456789012345678901234567890123\""}},
    {CONF_MTA, "queue-size", {"4M", "4194304", "64T"},
	{"4194303", "65T", "1.5G", "G", "-1", "\"\""}},
    {CONF_MTA, "max-associations", {"1", "4000"},
	{"0", "10001", "1.5", "x", "-1"}},
    {CONF_MTA, "retry-interval", {"0.01", "60s", "1h"}, {"0", "61m"}},
    {CONF_MTA, "duplicate-memory", {"0", "0.5", "366d"}, {"367d", "7w"}},
    {CONF_MTA, "deferred-max", {"0", "0.5", "3660d"}, {"3661d", "7w"}},
    {CONF_MTA, "tracking-days", {"0", "30", "3650"}, {"3651", "-1", "30d"}},
    {CONF_MTA, "tracking-database", {"\"\"", "\"postgresql://u@h:1/d\""},
	{"x", "\"postgresql://u:p@h/d\"", "\"postgresql://u@h\""}},
    {CONF_MTA, "postmaster", {"\"\"", "\"C=DE;A=V;S=X\""}, {"x", "\"S=X\""}},
    {CONF_MTA, "alternate-recipient", {"\"\"", "\"C=DE;A=V;S=X\""},
	{"x", "\"S=X\""}},
    {CONF_MTA, "message-lifetime-urgent", {"0", "0.5", "45d"}, {"45.1d", "x"}},
    {CONF_MTA, "message-lifetime-normal", {"0", "45d"}, {"46d"}},
    {CONF_MTA, "message-lifetime-non-urgent", {"0", "45d"}, {"46d"}},
    {CONF_MTA, "route-refresh", {"1", "1d"}, {"0", "0.9", "25h"}},
    {CONF_LINK, "remote-mta", {"B"},
	{"\"\"", "abcdefghijklmnopqrstuvwxyz0123456"}},
    {CONF_LINK, "remote-password-file", {"\"\""}, {"a", "/nonexistent"}},
    {CONF_LINK, "remote-password", {"\"\"", "a"},
	{"012345678901234567890123456789012345678901234567890123456789012345"}},
    {CONF_LINK, "local-name", {"\"\"", "A"},
	{"abcdefghijklmnopqrstuvwxyz0123456"}},
    {CONF_LINK, "local-password-file", {"\"\""}, {"a", "/nonexistent"}},
    {CONF_LINK, "local-password", {"\"\"", "a"},
	{"012345678901234567890123456789012345678901234567890123456789012345"}},
    {CONF_LINK, "address", {"a", "{\"a:1\", \"[::1]:65535\"}"},
	{"\"a:0\"", "\"a:65536\"", "\"::1\"", "\"\"", "\"a b\""}},
    {CONF_LINK, "remote-addresses",
	{"{}", "192.0.2.1", "{\"192.0.2.0/24\", \"2001:db8::/32\"}"},
	{"a", "192.0.2.0/33", "\"\"", "{192.0.2.1, 192.0.2}"}},
    {CONF_LINK, "tsel",
	{"\"\"", "a", "0x00", "abcdefghijklmnopqrstuvwxyz012345"},
	{"0x", "0x0", "0xzz", "abcdefghijklmnopqrstuvwxyz0123456",
	    "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
	    "1f20"}},
    {CONF_LINK, "ssel", {"0x000102030405060708090a0b0c0d0e0f"},
	{"0x000102030405060708090a0b0c0d0e0f10", "12345678901234567"}},
    {CONF_LINK, "psel", {"0x41"}, {"0x4", "abcdefghijklmnopqrstuvwxyz0123456"}},
    {CONF_LINK, "local-tsel", {"0x41"},
	{"0x4", "abcdefghijklmnopqrstuvwxyz0123456"}},
    {CONF_LINK, "local-ssel", {"0x41"}, {"0x4", "12345678901234567"}},
    {CONF_LINK, "local-psel", {"0x41"},
	{"0x4", "abcdefghijklmnopqrstuvwxyz0123456"}},
    /* The others need remote-domain: conf_test. */
    {CONF_LINK, "mode", {"1988-normal"}, {"1988", "\"\"", "1988-NORMAL"}},
    {CONF_LINK, "dialogue", {"monologue", "two-way-alternate"},
	{"twa", "\"\""}},
    {CONF_LINK, "peer", {"third-party", "fourpost"}, {"exchange"}},
    {CONF_LINK, "extension-tagging", {"implicit", "explicit", "auto"},
	{"\"\""}},
    {CONF_LINK, "remote-domain",
	{"\"\"", "\"C=FR;A=ATLAS\"", "\"C=FR;A= ;P=BNP\""},
	{"\"C=FR\"", "\"C=FR;A=V;S=X\"", "x"}},
    {CONF_LINK, "strip-internal-trace", {"auto", "yes", "no"}, {"\"\""}},
    {CONF_LINK, "strip-bilateral", {"yes", "no"}, {"auto", "\"\""}},
    {CONF_LINK, "address-space",
	{"{}", "\"*\"", "\"C=FR;A=ATLAS\"", "{\"C=FR;A= ;P=BNP\", \"O=X\"}"},
	{"\"\"", "\"C\"", "\"C=FR;Q9=x\""}},
    {CONF_LINK, "learn", {"{}"}, {"\"\"", "\"C\""}},
    {CONF_LINK, "cost", {"0", "1000"}, {"1001", "-1", "x"}},
    {CONF_LINK, "schedule", {"always", "never", "\"Mon-Fri 08:00-18:00\""},
	{"\"\"", "sometimes", "\"Mon 08:01-09:00\""}},
    {CONF_LINK, "associations", {"1", "1000"}, {"0", "1001"}},
    {CONF_LINK, "incoming-associations", {"0", "10000"}, {"-1", "10001"}},
    {CONF_LINK, "threshold", {"1", "1000000"}, {"0", "1000001"}},
    {CONF_LINK, "open-interval", {"0.01", "7d"}, {"0", "0.009", "8d"}},
    {CONF_LINK, "open-retries", {"0", "1000000"}, {"1000001", "1s"}},
    {CONF_LINK, "open-timeout", {"0.01", "2m"}, {"0", "121"}},
    {CONF_LINK, "transfer-interval", {"0.01", "7d"}, {"0", "0.009", "8d"}},
    {CONF_LINK, "transfer-retries", {"0", "1000"}, {"1001"}},
    {CONF_LINK, "refused-message", {"report", "hold"}, {"drop"}},
    {CONF_LINK, "association-lifetime", {"0", "7d"}, {"8d"}},
    {CONF_LINK, "disconnect-timeout", {"0.01", "1d"}, {"0", "25h"}},
    {CONF_LINK, "checkpoint-size", {"0", "1K", "1024", "64M"},
	{"1", "1000", "65M", "1025"}},
    {CONF_LINK, "window-size", {"1", "1000"}, {"0", "1001"}},
    {CONF_LINK, "recovery-timeout", {"0", "7d"}, {"8d"}},
    {CONF_LINK, "recovery", {"resume", "never"}, {"always", "\"\""}},
    {CONF_LINK, "transfer-timeout-urgent", {"0.01", "7d"}, {"0", "8d"}},
    {CONF_LINK, "transfer-timeout-normal", {"0.01", "7d"}, {"0", "8d"}},
    {CONF_LINK, "transfer-timeout-non-urgent", {"0.01", "7d"}, {"0", "8d"}},
    {CONF_LINK, "max-size", {"0", "1", "64T"}, {"65T", "x"}},
    {CONF_LINK, "max-recipients", {"0", "32767"}, {"32768", "-1", "x"}},
    {CONF_MTA, "alarm-length", {"0", "4294967295"}, {"4294967296", "-1", "x"}},
    {CONF_MTA, "log-level-service", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-security", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-resource", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-administration", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-configuration", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-internal", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-interoperability", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "log-level-interchange", {"none", "minimum", "maximum"},
	{"\"\"", "all"}},
    {CONF_MTA, "alarm-command", {"\"\"", "/bin/true"}, {"true"}},
    {CONF_MTA, "alarm-age", {"0", "2h", "3660d"}, {"3661d", "-1", "x"}},
    {CONF_LINK, "alarm-length", {"0", "4294967295"}, {"4294967296", "-1", "x"}},
    {CONF_LINK, "alarm-age", {"0", "2h", "3660d"}, {"3661d", "-1", "x"}},
    {CONF_MSMAIL, "alarm-length", {"0", "4294967295"},
	{"4294967296", "-1", "x"}},
    {CONF_MSMAIL, "alarm-age", {"0", "2h", "3660d"}, {"3661d", "-1", "x"}},
    {CONF_LINK, "least-priority", {"urgent", "normal", "non-urgent"},
	{"\"\"", "low"}},
    {CONF_LINK, "refuse-from", {"{}", "{\"C=DE\", \"C=FR;A=B\"}"},
	{"\"\"", "x"}},
    {CONF_LINK, "accept-from", {"{}", "\"*\""}, {"\"\"", "x"}},
    {CONF_MSMAIL, "refuse-from", {"{}", "\"C=DE\""}, {"\"\"", "x"}},
    {CONF_MSMAIL, "accept-from", {"{}", "\"C=DE\""}, {"\"\"", "x"}},
    {CONF_LINK, "tls", {"none"}, {"\"\"", "optional"}},
    {CONF_LINK, "tls-name", {"\"\"", "mta.example.net"}, {"\"a\\x01\""}},
    {CONF_LINK, "tls-pin", {"{}", PIN_A, "{" PIN_A ", " PIN_B "}"},
	{"\"\"", "md5/AAAA", "sha256/AAAA",
	    /* a bit that is no part of the 32 octets */
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\"",
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAA*AAAAAAAAAAAAAAAAAAAAA=\""}},
    {CONF_LINK, "tls-certificate-file", {"\"\""}, {"a"}},
    {CONF_LINK, "tls-key-file", {"\"\""}, {"a"}},
    {CONF_MTA, "operator-group", {"\"\"", "root", "\"any:1234\""},
	{"\"no such group\"", "\"any:x\"", "\"any:-1\"",
	    "\"any:99999999999\""}},
    {CONF_MTA, "viewer-group", {"\"\"", "root"}, {"nosuchgroup"}},
    {CONF_SUBMIT, "group", {"root"}, {"nosuchgroup"}},
    {CONF_SUBMIT, "originators",
	{"\"C=DE;A=V;S=M\"", "{\"C=DE;A=V;S=M\", \"C=DE;A=V;S=N\"}"},
	{"\"\"", "x", "{\"C=DE;A=V;S=M\", \"S=N\"}"}},
    {CONF_MTA, "console-user", {"nobody"}, {"\"\""}},
    {CONF_CONSOLE, "socket", {"console", "console-2"}, {"\"a\\x01\""}},
    {CONF_CONSOLE, "listen", {"{}"}, {"\"localhost:8400\"", "\"[::1\""}},
    {CONF_CONSOLE, "token-file", {"\"\""}, {"relative", "/nonexistent"}},
    {CONF_CONSOLE, "token", {"\"\"", "0123456789abcdef"}, {}},
    {CONF_CONSOLE, "metrics-token-file", {"\"\""},
	{"relative", "/nonexistent"}},
    {CONF_CONSOLE, "metrics-token", {"\"\"", "0123456789abcdef"}, {}},
    {CONF_CONSOLE, "host-name", {"\"\"", "mta.example.net"}, {"\"a\\x01\""}},
    {CONF_APPLICATION, "path", {"/a"}, {"a"}},
    {CONF_APPLICATION, "socket", {"edi", "edi-2"}, {"\"a\\x01\""}},
    {CONF_APPLICATION, "group", {"\"\"", "root"}, {"nosuchgroup"}},
    {CONF_APPLICATION, "address-space", {"\"C=DE;A=V;O=X\""}, {"\"\"", "x"}},
    {CONF_APPLICATION, "cost", {"0", "1000"}, {"1001", "-1", "x"}},
    {CONF_APPLICATION, "originators", {"{}", "\"*\"", "\"C=DE\""},
	{"\"\"", "x"}},
    {CONF_APPLICATION, "delivered-when", {"answered", "written"},
	{"\"\"", "read"}},
    {CONF_APPLICATION, "answer-timeout", {"1", "10m", "7d"},
	{"0", "0.5", "8d"}},
    {CONF_APPLICATION, "outstanding", {"1", "16"}, {"0", "17", "x"}},
    {CONF_APPLICATION, "contents",
	{"{}", "ipm", "{edi, 35, \"1.2.3\"}", "voice"},
	{"\"\"", "paper", "32768"}},
    {CONF_APPLICATION, "max-size", {"0", "1", "64T"}, {"65T", "x"}},
    {CONF_MIXER, "mail-domain", {"x400.example.net"}, {"\"\"", "\"a\\x01\""}},
    {CONF_MIXER, "gateway-address", {"\"C=DE;A=V;O=GW\""}, {"x", "\"O=GW\""}},
    {CONF_MIXER, "map",
	{"{}", "\"a.example = C=DE;A=V;O=X\"",
	    "{\"a.b=C=DE\", \"c.d = /PRMD=P/ADMD=V/C=DE/\"}"},
	{"\"\"", "\"a.b\"", "\"example = C=DE;A=V\"", "\"a.b = O=X\"",
	    "\"a.b = C=DE;A=V;S=Doe\"", "\"a.b = C=DE;A=*\"",
	    "\"a_b.c = C=DE\""}},
    {CONF_MIXER, "address-space", {"{}", "\"C=DE;A=V;O=GW\""}, {"\"\"", "x"}},
    {CONF_MIXER, "cost", {"0", "1000"}, {"1001", "x"}},
    {CONF_MIXER, "listen-lmtp", {"{}", "\"127.0.0.1:2424\"", "\"[::1]:24\""},
	{"\"localhost:24\"", "\"[::1\"", "\"run/x\""}},
    {CONF_MIXER, "lmtp-from", {"\"192.0.2.0/24\""}, {"\"x\""}},
    {CONF_MIXER, "lmtp-group", {"root"}, {"no-such-group"}},
    {CONF_MIXER, "lmtp-connections", {"1", "1000"}, {"0", "1001", "x"}},
    {CONF_MIXER, "relay", {"\"127.0.0.1:25\"", "\"mail.example.net:25\""},
	{"\"\"", "\"a:x\""}},
    {CONF_MIXER, "relay-from", {"{}", "\"*\"", "{paris, \"msmail/po1\"}"},
	{"\"\""}},
    {CONF_MIXER, "connections", {"1", "100"}, {"0", "101", "x"}},
    {CONF_MIXER, "tls", {"none", "may"}, {"\"\"", "optional"}},
    {CONF_MIXER, "tls-name", {"\"\"", "mx.example.net"}, {"\"a\\x01\""}},
    {CONF_MIXER, "tls-pin", {"{}", PIN_A, "{" PIN_A ", " PIN_B "}"},
	{"\"\"", "md5/AAAA", "sha256/AAAA",
	    /* a bit that is no part of the 32 octets */
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\"",
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
	    "\"sha256/AAAAAAAAAAAAAAAAAAAAA*AAAAAAAAAAAAAAAAAAAAA=\""}},
    {CONF_MIXER, "receipts", {"mdn", "none"}, {"\"\"", "yes"}},
    {CONF_MIXER, "thread-memory", {"0", "90d"}, {"3651d", "x"}},
    {CONF_MIXER, "max-size", {"0", "1", "64T"}, {"65T", "x"}},
    {CONF_MIXER, "foreign-from", {"encapsulate", "keep"}, {"\"\"", "yes"}},
    {CONF_MIXER, "attachments", {"ftbp", "bp14"}, {"\"\"", "bp15"}},
    {CONF_MIXER, "text", {"auto", "ia5"}, {"\"\"", "utf8"}},
    {CONF_MIXER, "unmappable", {"encapsulate", "refuse", "marker"},
	{"\"\"", "drop"}},
    {CONF_MIXER, "max-parts", {"1", "1000"}, {"0", "1001", "x"}},
    {CONF_MIXER, "map-file", {"\"\"", "/a"}, {"relative"}},
    {CONF_MIXER, "users", {"\"\"", "/a"}, {"relative"}},
    {CONF_LIST, "address", {"\"C=DE;A=V;S=L\""}, {"x", "\"S=L\""}},
    {CONF_LIST, "members",
	{"\"C=DE;A=V;S=M\"", "{\"C=DE;A=V;S=M\", \"C=DE;A=V;S=N\"}"},
	{"\"\"", "x", "{\"C=DE;A=V;S=M\", \"S=N\"}"}},
    {CONF_LINK, "address-space-file", {"\"\""}, {"relative"}},
    {CONF_MSMAIL, "address-space-file", {"\"\""}, {"relative"}},
    {CONF_LIST, "members-file", {"\"\""}, {"relative"}},
    {CONF_LIST, "submit", {"\"*\"", "{}", "{\"C=DE\", \"C=FR;A=B\"}"},
	{"\"\"", "x"}},
    {CONF_LIST, "reports", {"originator", "owner", "none"}, {"\"\"", "sender"}},
    {CONF_LIST, "owner", {"\"\"", "\"C=DE;A=V;S=O\""}, {"x", "\"S=O\""}},
    {CONF_MSMAIL, "code-page", {"utf-8", "437", "850", "1252"},
	{"932", "\"\"", "cp850"}},
    {CONF_MSMAIL, "postoffice", {"/a"}, {"\"\"", "a"}},
    {CONF_MSMAIL, "network", {"ABCDEFGHIJ"}, {"\"\"", "ABCDEFGHIJK"}},
    {CONF_MSMAIL, "name", {"P"}, {"\"\"", "ABCDEFGHIJK"}},
    {CONF_MSMAIL, "address-space", {"{}", "\"C=DE;A=V;O=X\""}, {"\"\""}},
    {CONF_MSMAIL, "directory", {"\"\""}, {"a", "/nonexistent"}},
    {CONF_MSMAIL, "redirect", {"{}", "\"C=DE;A=V;S=X -> C=DE;A=V;S=Y\""},
	{"\"\"", "\"C=DE;A=V;S=X\"", "\"C=DE;A=V;S=X -> x\"",
	    "\"x->C=DE;A=V;S=X\"", "\"C=DE;A=V;S=X -> c=de;a=v;s=x\""}},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

/* required - write what else a section needs, on one line */
static const char *
required(enum conf_section section, const char *setting)
{
	static const struct {
		const char *setting;
		enum conf_section section;
		const char *rest;
	} rests[] = {
	    {"name", CONF_MTA, "domain = \"C=DE;A=V\""},
	    {"domain", CONF_MTA, "name = A"},
	    {"", CONF_MTA, "name = A domain = \"C=DE;A=V\""},
	    {"remote-mta", CONF_LINK, "address = a"},
	    {"address", CONF_LINK, "remote-mta = B"},
	    {"", CONF_LINK, "address = a remote-mta = B"},
	    {"address", CONF_LIST, "members = \"C=DE;A=V;S=M\""},
	    {"members", CONF_LIST,
		"address = \"C=DE;A=V;S=L\" owner = "
		"\"C=DE;A=V;S=O\""},
	    {"owner", CONF_LIST,
		"members = \"C=DE;A=V;S=M\" address = "
		"\"C=DE;A=V;S=L\""},
	    {"", CONF_LIST,
		"members = \"C=DE;A=V;S=M\" address = "
		"\"C=DE;A=V;S=L\" owner = \"C=DE;A=V;S=O\""},
	    {"path", CONF_APPLICATION, "originators = \"C=DE\""},
	    {"originators", CONF_APPLICATION,
		"path = /a address-space = \"C=DE\""},
	    {"", CONF_APPLICATION, "path = /a originators = \"C=DE\""},
	    {"mail-domain", CONF_MIXER, "gateway-address = \"C=DE;A=V;O=G\""},
	    {"gateway-address", CONF_MIXER, "mail-domain = a.b"},
	    {"lmtp-from", CONF_MIXER,
		"mail-domain = a.b gateway-address = \"C=DE;A=V;O=G\" "
		"listen-lmtp = \"192.0.2.9:24\""},
	    {"lmtp-group", CONF_MIXER,
		"mail-domain = a.b gateway-address = \"C=DE;A=V;O=G\" "
		"listen-lmtp = \"/run/lmtp\""},
	    {"", CONF_MIXER,
		"mail-domain = a.b gateway-address = \"C=DE;A=V;O=G\""},
	    {"group", CONF_SUBMIT, "originators = \"C=DE;A=V;S=M\""},
	    {"originators", CONF_SUBMIT, "group = root"},
	    {"postoffice", CONF_MSMAIL, "network = N name = P"},
	    {"network", CONF_MSMAIL, "postoffice = /a name = P"},
	    {"name", CONF_MSMAIL, "postoffice = /a network = N"},
	    {"", CONF_MSMAIL, "postoffice = /a network = N name = P"},
	};

	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		if (rests[i].section == section &&
		    (*rests[i].setting == '\0' ||
			strcmp(rests[i].setting, setting) == 0))
			return rests[i].rest;
	}
	return "";
}

/* make_text - write a whole file with the setting on line 4 */
static void
make_text(
    char *text, size_t size, const struct setting_case *c, const char *value)
{
	const char *name = conf_settings(c->section)->name;

	(void)snprintf(text, size, "%s%s%s{ %s\n\n\n%s = %s\n}\n",
	    c->section == CONF_MTA ? ""
				   : "mta { name = A domain = "
				     "\"C=DE;A=V\" } ",
	    name, conf_section_is_named(c->section) ? " x " : " ",
	    required(c->section, c->setting), c->setting, value);
}

START_TEST(taken)
{
	for (size_t i = 0; i < CASES; i++) {
		for (size_t j = 0; j < 4 && cases[i].good[j] != NULL; j++) {
			char text[1024];

			make_text(
			    text, sizeof(text), &cases[i], cases[i].good[j]);
			conf_free(parse_ok(text));
		}
	}
}
END_TEST

START_TEST(refused_on_its_line)
{
	for (size_t i = 0; i < CASES; i++) {
		for (size_t j = 0; j < 7 && cases[i].bad[j] != NULL; j++) {
			struct conf *conf = NULL;
			struct diag diag = {0};
			char text[1024], begin[64];

			make_text(
			    text, sizeof(text), &cases[i], cases[i].bad[j]);
			ck_assert_msg(conf_parse_text(slice_of_string(text),
					  "t", CONF_COMPLETE, &conf, &diag) < 0,
			    "accepted: %s", text);
			/* "directory" is looked at with the whole section */
			if (strcmp(cases[i].bad[j], "/nonexistent") == 0 &&
			    strcmp(cases[i].setting, "directory") == 0)
				continue;
			(void)snprintf(begin, sizeof(begin),
			    "t:4: %s: ", cases[i].setting);
			ck_assert_msg(strncmp(diag_text(&diag), begin,
					  strlen(begin)) == 0,
			    "%s: %s", text, diag_text(&diag));
		}
	}
}
END_TEST

START_TEST(none_is_left_out)
{
	for (int section = CONF_MTA; section < CONF_SECTIONS; section++) {
		const struct conf_settings *settings =
		    conf_settings((enum conf_section)section);

		for (size_t i = 0; i < settings->count; i++) {
			bool found = false;

			for (size_t j = 0; j < CASES; j++) {
				found = found ||
				    ((int)cases[j].section == section &&
					strcmp(cases[j].setting,
					    settings->items[i].name) == 0);
			}
			ck_assert_msg(
			    found, "%s is not tested", settings->items[i].name);
		}
	}
}
END_TEST

START_TEST(reasons)
{
	parse_bad("mta {\nmax-associations = 0 }",
	    "t:2: max-associations: \"0\" is out of range, 1 to 4000");
	parse_bad("mta {\nqueue-size = 1M }",
	    "t:2: queue-size: \"1M\" is out of range, 4M to 64T");
	parse_bad("link x {\nopen-interval = 8d }",
	    "t:2: open-interval: \"8d\" is out of range, 0.01 to 7d");
	parse_bad("link x {\nopen-interval = soon }",
	    "t:2: open-interval: \"soon\" is not an interval, as 600, 0.5, "
	    "90s, 10m, 24h or 7d");
	parse_bad("link x {\nmode = 1992 }",
	    "t:2: mode: \"1992\" is none of 1988-normal, 1988-x410, 1984");
	parse_bad("link x {\ncheckpoint-size = 1000 }",
	    "t:2: checkpoint-size: \"1000\" is not a multiple of 1024");
	parse_bad("link x {\nremote-mta = \"\" }",
	    "t:2: remote-mta: must not be empty");
	parse_bad("link x {\ntsel = 0x1 }",
	    "t:2: tsel: \"0x1\" is not an even number of hexadecimal digits");
	parse_bad("link x {\nssel = 12345678901234567 }",
	    "t:2: ssel: longer than 16 octets");
	/* a password that is refused is not printed */
	parse_bad("link x {\nremote-password = "
		  "012345678901234567890123456789012345678901234567890123456"
		  "78901234 }",
	    "t:2: remote-password: longer than 64 octets");
	/* octets that are not printable are escaped */
	parse_bad("mta {\nname = \"a\\x1b[1m\" }",
	    "t:2: name: \"a\\x1b[1m\" has characters that are not printable "
	    "ASCII");
}
END_TEST

TEST_MAIN("conf/conf_value", TEST(taken); TEST(refused_on_its_line);
	  TEST(none_is_left_out); TEST(reasons))
