/* SPDX-License-Identifier: ISC */
/*
 * conf_mixer.c - the settings of a section mixer
 */
#include "conf/conf_mixer.h"

#define PATH_LENGTH_MAX 200
#define DOMAIN_MAX	255
#define SIZE_MAX_	(UINT64_C(64) << 40)
#define MEMORY_MAX	(UINT64_C(3650) * 86400 * 1000) /* ms */

static const char *const foreign_choices[] = {"encapsulate", "keep", NULL};
static const char *const attachment_choices[] = {"ftbp", "bp14", NULL};
static const char *const text_choices[] = {"auto", "ia5", NULL};
static const char *const unmappable_choices[] = {
    "encapsulate", "refuse", "marker", NULL};
static const char *const receipt_choices[] = {"mdn", "none", NULL};
static const char *const tls_choices[] = {[SMTP_TLS_NONE] = "none",
    [SMTP_TLS_MAY] = "may",
    [SMTP_TLS_REQUIRE] = "require",
    NULL};

/* clang-format off */
#define ROW(text, type_, field, need_, min_, max_, meaning_)                  \
	CONF_SETTING(mixer, text, type_, field, need_, min_, max_, "",         \
	    meaning_)
#define WITH(text, type_, field, min_, max_, fallback_, meaning_)             \
	CONF_SETTING(mixer, text, type_, field, OPTIONAL, min_, max_,          \
	    fallback_, meaning_)
#define CHOICE(...) CONF_CHOICE(mixer, __VA_ARGS__)

const struct conf_setting conf_mixer_settings[CONF_MIXER_SETTINGS] = {
	ROW("mail-domain", STRING, mail_domain, REQUIRED, 1, DOMAIN_MAX,
	    "domain of addresses whose local part is a whole O/R address"),
	ROW("gateway-address", ADDRESS, gateway_address, REQUIRED, 0, 0,
	    "O/R address beneath which addresses of the Internet are"),
	ROW("map", PAIRS, map, OPTIONAL, 0, 0,
	    "domains and the beginnings of O/R addresses that they stand for"),
	ROW("map-file", PATH, map_file, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "file with more of these, in the syntax of RFC 2156 or RFC 2163"),
	ROW("users", PATH, users, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "file of single addresses and the O/R addresses that they are"),
	WITH("address-space", ADDRESS_SPACE, address_space, 0, 0, "",
	    "beginnings of O/R addresses whose messages go to the Internet"),
	WITH("cost", NUMBER, cost, 0, 1000, "10",
	    "ways of lower cost are preferred"),
	WITH("listen-lmtp", LISTEN_LOCAL, listen_lmtp, 0, 0, "",
	    "addresses and ports, or paths of local sockets, on which messages "
	    "are taken by LMTP"),
	WITH("lmtp-from", NETWORKS, lmtp_from, 0, 0, "",
	    "networks, beside this host, from where messages are taken by "
	    "LMTP"),
	ROW("lmtp-group", GROUP, lmtp_group, OPTIONAL, 0, 0,
	    "group that may connect to the local sockets"),
	WITH("lmtp-connections", NUMBER, lmtp_connections, 1, 1000, "50",
	    "connections that may be open there"),
	WITH("relay", ENDPOINTS, relay, 0, 0, "127.0.0.1:25",
	    "host and port of the SMTP server that gets messages"),
	CHOICE("tls", tls, tls_choices, "none",
	    "whether messages go there within TLS: never, if it offers it, or "
	    "only if it proves who it is"),
	WITH("tls-name", STRING, tls_name, 0, TLS_NAME_MAX, "",
	    "the name that its certificate must be for; the host of relay if "
	    "not given"),
	WITH("tls-pin", PINS, tls_pins, 0, 0, "",
	    "keys that prove it: sha256/ and a digest in base64"),
	WITH("relay-from", NAMES, relay_from, 0, 0, "",
	    "links, application/NAME and msmail/NAME whose messages may go to "
	    "any address of the Internet; \"*\": all"),
	WITH("connections", NUMBER, connections, 1, 100, "5",
	    "connections to it at most"),
	WITH("max-size", SIZE, max_size, 0, SIZE_MAX_, "0",
	    "longest message that is taken by LMTP; 0: any"),
	CHOICE("foreign-from", foreign_from, foreign_choices, "encapsulate",
	    "what From says of an author of the Internet who comes back"),
	CHOICE("attachments", attachments, attachment_choices, "ftbp",
	    "body part that an attachment becomes"),
	CHOICE("text", text, text_choices, "auto",
	    "character sets of texts that come from the Internet"),
	CHOICE("unmappable", unmappable, unmappable_choices, "encapsulate",
	    "what becomes of a body part that MIME has no type for"),
	CHOICE("receipts", receipts, receipt_choices, "mdn",
	    "whether receipts are asked for and passed on"),
	WITH("max-parts", NUMBER, max_parts, 1, 1000, "1000",
	    "parts that a message of the Internet may have"),
	WITH("thread-memory", INTERVAL, thread_memory, 0, MEMORY_MAX, "90d",
	    "for how long identifiers that were cut are remembered"),
};
/* clang-format on */
