/* SPDX-License-Identifier: ISC */
/*
 * conf_setting.c - the table of all settings
 *
 * Names, defaults and semantics of the links' settings are those that
 * administrators of Exchange's X.400 connector know.
 */
#include "conf/conf_setting.h"

#include "conf/conf_application.h"
#include "conf/conf_mixer.h"

#define SECOND 1000ull
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KILO   1024ull
#define MEGA   (1024 * KILO)
#define GIGA   (1024 * MEGA)
#define TERA   (1024 * GIGA)

/*
 * Why the limits: a socket's path has 108 octets, of which the longest of our
 * names takes 43.  Intervals that pace retries are at least 10 ms, or a dead
 * peer would keep a processor busy.
 */
#define RUN_DIRECTORY_MAX 64
#define PATH_LENGTH_MAX	  200
#define PACE_MIN	  10

static const char *const level_choices[] = {[LOG_LEVEL_NONE] = "none",
    [LOG_LEVEL_MINIMUM] = "minimum",
    [LOG_LEVEL_MAXIMUM] = "maximum",
    NULL};

static const char *const mode_choices[] = {
    [CONF_MODE_1988_NORMAL] = "1988-normal",
    [CONF_MODE_1988_X410] = "1988-x410",
    [CONF_MODE_1984] = "1984",
    NULL};

static const char *const dialogue_choices[] = {
    [CONF_DIALOGUE_MONOLOGUE] = "monologue",
    [CONF_DIALOGUE_TWO_WAY_ALTERNATE] = "two-way-alternate",
    NULL};

static const char *const peer_choices[] = {
    [CONF_PEER_THIRD_PARTY] = "third-party",
    [CONF_PEER_FOURPOST] = "fourpost",
    NULL};

static const char *const recovery_choices[] = {
    [CONF_RECOVERY_RESUME] = "resume", [CONF_RECOVERY_NEVER] = "never", NULL};

static const char *const tagging_choices[] = {
    [CONF_TAGGING_IMPLICIT] = "implicit",
    [CONF_TAGGING_EXPLICIT] = "explicit",
    [CONF_TAGGING_AUTO] = "auto",
    NULL};

static const char *const strip_choices[] = {[CONF_STRIP_NO] = "no",
    [CONF_STRIP_YES] = "yes",
    [CONF_STRIP_AUTO] = "auto",
    NULL};

static const char *const strip_bilateral_choices[] = {
    [CONF_STRIP_NO] = "no", [CONF_STRIP_YES] = "yes", NULL};

static const char *const tls_choices[] = {
    [CONF_TLS_NONE] = "none", [CONF_TLS_REQUIRE] = "require", NULL};

static const char *const tls_minimum_choices[] = {
    [TLS_MINIMUM_1_2] = "1.2", [TLS_MINIMUM_1_3] = "1.3", NULL};

static const char *const refused_choices[] = {
    [CONF_REFUSED_REPORT] = "report", [CONF_REFUSED_HOLD] = "hold", NULL};

static const char *const code_page_choices[] = {[CONF_CODE_PAGE_UTF8] = "utf-8",
    [CONF_CODE_PAGE_437] = "437",
    [CONF_CODE_PAGE_850] = "850",
    [CONF_CODE_PAGE_1252] = "1252",
    NULL};

static const char *const priority_choices[] = {[CONF_URGENT] = "urgent",
    [CONF_NORMAL] = "normal",
    [CONF_NON_URGENT] = "non-urgent",
    NULL};

static const char *const reports_choices[] = {
    [CONF_REPORTS_ORIGINATOR] = "originator",
    [CONF_REPORTS_OWNER] = "owner",
    [CONF_REPORTS_NONE] = "none",
    NULL};

/* clang-format off */
#define MTA(...) CONF_SETTING(mta, __VA_ARGS__)
#define LOG_LEVEL(text, category, meaning_)                                 \
	{.name = text, .type = CONF_TYPE_CHOICE,                             \
	    .offset = offsetof(struct conf_mta, log_levels[category]),      \
	    .choices = level_choices, .fallback = "maximum",                 \
	    .meaning = meaning_}
#define LINK(...) CONF_SETTING(link, __VA_ARGS__)
#define CHOICE(...) CONF_CHOICE(link, __VA_ARGS__)
#define PEM_FILE(section, text, field, meaning_)                               \
	{ .name = (text), .type = CONF_TYPE_PEM_FILE,                          \
	  .offset = offsetof(struct section, field), .max = PATH_LENGTH_MAX,   \
	  .fallback = "", .meaning = (meaning_) }
#define MSMAIL(text, type_, field, need_, min_, max_, meaning_)               \
	CONF_SETTING(msmail, text, type_, field, need_, min_, max_, "",        \
	    meaning_)
#define LIST(...) CONF_SETTING(list, __VA_ARGS__)
#define SUBMIT(text, type_, field, max_, meaning_)                            \
	CONF_SETTING(submit, text, type_, field, REQUIRED, 0, max_, "",        \
	    meaning_)
#define CONSOLE(text, type_, field, min_, max_, fallback_, meaning_)          \
	CONF_SETTING(console, text, type_, field, OPTIONAL, min_, max_,        \
	    fallback_, meaning_)
#define PASSWORD_FILE(section, text, field, partner_, meaning_)               \
	{ .name = (text), .type = CONF_TYPE_PASSWORD_FILE,                     \
	  .offset = offsetof(struct section, field), .max = PATH_LENGTH_MAX,   \
	  .fallback = "", .meaning = (meaning_), .partner = (partner_) }

static const struct conf_setting mta_settings[] = {
	MTA("name", STRING, name, REQUIRED, 1, CONF_NAME_MAX, "",
	    "our MTA name, in the bind and in internal trace"),
	MTA("domain", DOMAIN, domain, REQUIRED, 1, 0, "",
	    "our global domain identifier: C, A and perhaps P"),
	PASSWORD_FILE(conf_mta, "password-file", password_file, "password",
	    "file with the password that we bind with"),
	MTA("password", PASSWORD, password, OPTIONAL, 0, CONF_PASSWORD_MAX, "",
	    "the password that we bind with, if no password-file is given"),
	MTA("listen", LISTEN, listen, OPTIONAL, 0, 0, "[::]:102",
	    "addresses and ports on which peers may call"),
	MTA("listen-tls", LISTEN, listen_tls, OPTIONAL, 0, 0, "",
	    "addresses and ports on which peers may call with TLS"),
	MTA("listen-proxy", LISTEN, listen_proxy, OPTIONAL, 0, 0, "",
	    "addresses and ports on which a balancer says who calls"),
	MTA("listen-proxy-tls", LISTEN, listen_proxy_tls, OPTIONAL, 0, 0, "",
	    "likewise, of balancers that pass TLS on"),
	MTA("proxy-from", NETWORKS, proxy_from, OPTIONAL, 0, 0, "",
	    "networks of those balancers"),
	PEM_FILE(conf_mta, "tls-certificate-file", tls_certificate,
	    "our certificate in PEM, and those that lead to its authority"),
	PEM_FILE(conf_mta, "tls-key-file", tls_key,
	    "the key of our certificate, in PEM, without a passphrase"),
	PEM_FILE(conf_mta, "tls-ca-file", tls_authorities,
	    "authorities in PEM whose certificates prove a peer's name"),
	PEM_FILE(conf_mta, "tls-crl-file", tls_revocations,
	    "revocation lists in PEM, one of each of these authorities"),
	{ .name = "tls-minimum", .type = CONF_TYPE_CHOICE,
	  .offset = offsetof(struct conf_mta, tls_minimum),
	  .choices = tls_minimum_choices, .fallback = "1.2",
	  .meaning = "the oldest version of TLS that is spoken" },
	MTA("state-directory", PATH, state_directory, OPTIONAL, 1,
	    PATH_LENGTH_MAX, "/var/lib/fourpost",
	    "where the queue is kept"),
	MTA("run-directory", PATH, run_directory, OPTIONAL, 1,
	    RUN_DIRECTORY_MAX, "/run/fourpost",
	    "where the local sockets and the pid file are"),
	MTA("user", STRING, user, OPTIONAL, 1, CONF_NAME_MAX, "fourpost",
	    "user of qmgr, if started as root"),
	MTA("network-user", STRING, network_user, OPTIONAL, 1, CONF_NAME_MAX,
	    "fourpost-net",
	    "user of what parses strangers' data, if started as root"),
	MTA("console-user", STRING, console_user, OPTIONAL, 1, CONF_NAME_MAX,
	    "fourpost-console",
	    "user of the console, if started as root"),
	MTA("postoffice-group", STRING, postoffice_group, OPTIONAL, 0,
	    CONF_NAME_MAX, "",
	    "group of the workers of postoffices and of the files that they "
	    "make, if started as root; network-user's own if not given"),
	MTA("operator-group", GROUP, operator_group, OPTIONAL, 0,
	    CONF_NAME_MAX, "",
	    "group whose members may look at everything and change it; root "
	    "alone if not given"),
	MTA("viewer-group", GROUP, viewer_group, OPTIONAL, 0, CONF_NAME_MAX,
	    "", "group whose members may look, and change nothing"),
	MTA("queue-size", SIZE, queue_size, OPTIONAL, 4 * MEGA, 64 * TERA,
	    "16G", "how large the queue may grow"),
	MTA("max-associations", NUMBER, max_associations, OPTIONAL, 1, 4000,
	    "200", "associations of all links together, beyond the first of each, "
	    "outgoing and incoming counted apart"),
	MTA("duplicate-memory", INTERVAL, duplicate_memory, OPTIONAL, 0,
	    366 * DAY, "7d",
	    "how long completed transfers are known again"),
	MTA("retry-interval", INTERVAL, retry_interval, OPTIONAL, PACE_MIN,
	    HOUR, "60",
	    "wait for recipients who could not have a message yet; each next "
	    "one twice as long, up to an hour"),
	MTA("deferred-max", INTERVAL, deferred_max, OPTIONAL, 0, 3660 * DAY,
	    "90d", "how far ahead a deferred delivery time may be"),
	MTA("tracking-days", NUMBER, tracking_days, OPTIONAL, 0, 3650, "30",
	    "how many days it is kept what happened to messages; 0: not"),
	MTA("tracking-database", DATABASE, tracking_database, OPTIONAL, 0, 1024,
	    "", "database of PostgreSQL that gets it too, for one search over "
	    "many machines"),
	MTA("postmaster", ADDRESS, postmaster, OPTIONAL, 0, 0, "",
	    "who answers for us; S=Postmaster in our domain if not given"),
	MTA("alternate-recipient", ADDRESS, alternate_recipient, OPTIONAL, 0, 0,
	    "", "who gets messages for addresses of our domain that nobody "
	    "serves, where the originator allows it"),
	MTA("message-lifetime-urgent", INTERVAL,
	    message_lifetime[CONF_URGENT], OPTIONAL, 0, 45 * DAY, "2d",
	    "how long an urgent message is tried; 0: never sent"),
	MTA("message-lifetime-normal", INTERVAL,
	    message_lifetime[CONF_NORMAL], OPTIONAL, 0, 45 * DAY, "7d",
	    "how long a normal message is tried; 0: never sent"),
	MTA("message-lifetime-non-urgent", INTERVAL,
	    message_lifetime[CONF_NON_URGENT], OPTIONAL, 0, 45 * DAY, "10d",
	    "how long a non-urgent message is tried; 0: never sent"),
	MTA("alarm-length", NUMBER, alarm_length, OPTIONAL, 0, UINT32_MAX, "0",
	    "more messages queued in all are an event; 0: none"),
	MTA("alarm-age", INTERVAL, alarm_age, OPTIONAL, 0, 3660 * DAY, "0",
	    "a message that waits for longer is an event; 0: none"),
	MTA("alarm-command", PATH, alarm_command, OPTIONAL, 0,
	    PATH_LENGTH_MAX, "", "program that is run at each of these events"),
	LOG_LEVEL("log-level-service", CATEGORY_SERVICE,
	    "of events on messages, reports and links"),
	LOG_LEVEL("log-level-security", CATEGORY_SECURITY,
	    "of events on callers and requests that were refused"),
	LOG_LEVEL("log-level-resource", CATEGORY_RESOURCE,
	    "of events on limits, room and alarms"),
	LOG_LEVEL("log-level-administration", CATEGORY_ADMINISTRATION,
	    "of events on starts, stops and what administrators change"),
	LOG_LEVEL("log-level-configuration", CATEGORY_CONFIGURATION,
	    "of events on the configuration and certificates"),
	LOG_LEVEL("log-level-internal", CATEGORY_INTERNAL,
	    "of events on faults of ours, of the queue and of tracking"),
	LOG_LEVEL("log-level-interoperability", CATEGORY_INTEROPERABILITY,
	    "of events on what peers do otherwise than the standard"),
	LOG_LEVEL("log-level-interchange", CATEGORY_INTERCHANGE,
	    "of events on postoffices and their files"),
	MTA("route-refresh", INTERVAL, route_refresh, OPTIONAL, 1 * SECOND,
	    1 * DAY, "300",
	    "how often peers of this suite are told all routes again"),
};

static const struct conf_setting link_settings[] = {
	LINK("remote-mta", STRING, remote_mta, REQUIRED, 1, CONF_NAME_MAX, "",
	    "who the peer must say it is; upper and lower case differ"),
	PASSWORD_FILE(conf_link, "remote-password-file",
	    remote_password_file, "remote-password",
	    "file with the password that the peer must give"),
	LINK("remote-password", PASSWORD, remote_password, OPTIONAL, 0,
	    CONF_PASSWORD_MAX, "",
	    "the password that the peer must give, if not in a file"),
	LINK("local-name", STRING, local_name, OPTIONAL, 0, CONF_NAME_MAX, "",
	    "our MTA name on this link, where it differs"),
	PASSWORD_FILE(conf_link, "local-password-file", local_password_file,
	    "local-password",
	    "file with our password on this link, where it differs"),
	LINK("local-password", PASSWORD, local_password, OPTIONAL, 0,
	    CONF_PASSWORD_MAX, "",
	    "our password on this link, where it differs"),
	LINK("address", ENDPOINTS, address, OPTIONAL, 0, 0, "",
	    "hosts and ports to call, tried in order"),
	LINK("remote-addresses", NETWORKS, remote_addresses, OPTIONAL, 0, 0,
	    "", "addresses or networks from where it may call; none: any"),
	LINK("tsel", SELECTOR, tsel, OPTIONAL, 0, CONF_TSEL_MAX, "",
	    "the peer's transport selector, text or 0x hex"),
	LINK("ssel", SELECTOR, ssel, OPTIONAL, 0, CONF_SSEL_MAX, "",
	    "the peer's session selector"),
	LINK("psel", SELECTOR, psel, OPTIONAL, 0, CONF_PSEL_MAX, "",
	    "the peer's presentation selector"),
	LINK("local-tsel", SELECTOR, local_tsel, OPTIONAL, 0, CONF_TSEL_MAX,
	    "", "our transport selector"),
	LINK("local-ssel", SELECTOR, local_ssel, OPTIONAL, 0, CONF_SSEL_MAX,
	    "", "our session selector"),
	LINK("local-psel", SELECTOR, local_psel, OPTIONAL, 0, CONF_PSEL_MAX,
	    "", "our presentation selector"),
	CHOICE("mode", mode, mode_choices, "1988-normal",
	    "protocol: 1988 in normal mode, 1988 in X.410 mode, 1984"),
	CHOICE("dialogue", dialogue, dialogue_choices, "monologue",
	    "one side sends on an association, or both take turns"),
	CHOICE("peer", peer, peer_choices, "third-party",
	    "whether the other side is of this suite"),
	CHOICE("extension-tagging", extension_tagging, tagging_choices,
	    "auto", "how extensions are tagged in what we send"),
	LINK("remote-domain", DOMAIN, remote_domain, OPTIONAL, 0, 0, "",
	    "the peer's global domain identifier: C, A and perhaps P"),
	CHOICE("strip-internal-trace", strip_internal_trace, strip_choices,
	    "auto", "whether internal trace is taken out of what we send; "
	    "auto: where remote-domain is another than ours"),
	CHOICE("strip-bilateral", strip_bilateral, strip_bilateral_choices,
	    "no", "whether per-domain bilateral information is taken out of "
	    "what we send"),
	LINK("address-space", ADDRESS_SPACE, address_space, OPTIONAL, 0, 0,
	    "", "beginnings of O/R addresses that are reached by this link"),
	LINK("address-space-file", PATH, address_space_file, OPTIONAL, 0,
	    PATH_LENGTH_MAX, "", "file with one of these in each line"),
	LINK("learn", ADDRESS_SPACE, learn, OPTIONAL, 0, 0, "",
	    "beginnings of O/R addresses whose routes a peer of this suite may "
	    "tell us"),
	LINK("cost", NUMBER, cost, OPTIONAL, 0, 1000, "10",
	    "of links that match alike, the cheapest is taken"),
	LINK("schedule", SCHEDULE, schedule, OPTIONAL, 0, 0, "always",
	    "when we call: always, never, remote-initiated, or times of the "
	    "week"),
	LINK("associations", NUMBER, associations, OPTIONAL, 1, 1000, "10",
	    "associations at most; the last is for urgent messages and "
	    "reports"),
	LINK("incoming-associations", NUMBER, incoming_associations, OPTIONAL,
	    0, 10000, "0", "associations that the peer may open at most; "
	    "0: one more than associations"),
	LINK("threshold", NUMBER, threshold, OPTIONAL, 1, 1000000, "50",
	    "one more association for each so many messages queued"),
	LINK("open-interval", INTERVAL, open_interval, OPTIONAL, PACE_MIN,
	    7 * DAY, "600", "wait after an association could not be opened"),
	LINK("open-retries", NUMBER, open_retries, OPTIONAL, 0, 1000000,
	    "144", "attempts to open before messages are rerouted or reported"),
	LINK("open-timeout", INTERVAL, open_timeout, OPTIONAL, PACE_MIN,
	    2 * MINUTE, "30", "how long opening an association may take"),
	LINK("transfer-interval", INTERVAL, transfer_interval, OPTIONAL,
	    PACE_MIN, 7 * DAY, "120",
	    "wait after the transfer of a message failed"),
	LINK("transfer-retries", NUMBER, transfer_retries, OPTIONAL, 0, 1000,
	    "2", "further attempts to transfer a message"),
	CHOICE("refused-message", refused_message, refused_choices, "report",
	    "a message whose transfers all failed: report on it or hold it"),
	LINK("association-lifetime", INTERVAL, association_lifetime, OPTIONAL,
	    0, 7 * DAY, "300",
	    "how long an association stays open with nothing to send"),
	LINK("disconnect-timeout", INTERVAL, disconnect_timeout, OPTIONAL,
	    PACE_MIN, 1 * DAY, "120",
	    "how long the peer may take to confirm a release"),
	{ .name = "checkpoint-size", .type = CONF_TYPE_SIZE,
	  .offset = offsetof(struct conf_link, checkpoint_size),
	  .max = 64 * MEGA, .step = KILO, .fallback = "30K",
	  .meaning = "octets between checkpoints; 0: no checkpoints" },
	LINK("window-size", NUMBER, window_size, OPTIONAL, 1, 1000, "5",
	    "checkpoints sent before one must be confirmed"),
	LINK("recovery-timeout", INTERVAL, recovery_timeout, OPTIONAL, 0,
	    7 * DAY, "60",
	    "how long a transfer that was cut can be resumed"),
	CHOICE("recovery", recovery, recovery_choices, "resume",
	    "an association that was lost: recover it, or bind another"),
	LINK("transfer-timeout-urgent", INTERVAL,
	    transfer_timeout[CONF_URGENT], OPTIONAL, PACE_MIN, 7 * DAY, "1000",
	    "how long each 1024 octets of an urgent message may take"),
	LINK("transfer-timeout-normal", INTERVAL,
	    transfer_timeout[CONF_NORMAL], OPTIONAL, PACE_MIN, 7 * DAY, "2000",
	    "how long each 1024 octets of a normal message may take"),
	LINK("transfer-timeout-non-urgent", INTERVAL,
	    transfer_timeout[CONF_NON_URGENT], OPTIONAL, PACE_MIN, 7 * DAY,
	    "3000",
	    "how long each 1024 octets of a non-urgent message may take"),
	LINK("max-size", SIZE, max_size, OPTIONAL, 0, 64 * TERA, "0",
	    "largest message taken or sent; 0: no limit"),
	LINK("max-recipients", NUMBER, max_recipients, OPTIONAL, 0, 32767, "0",
	    "most recipients of a message taken or sent; 0: no limit"),
	CHOICE("least-priority", least_priority, priority_choices,
	    "non-urgent", "messages that are less urgent are not sent"),
	LINK("alarm-length", NUMBER, alarm_length, OPTIONAL, 0, UINT32_MAX, "0",
	    "more messages that wait for this link are an event; 0: none"),
	LINK("alarm-age", INTERVAL, alarm_age, OPTIONAL, 0, 3660 * DAY, "0",
	    "a message that waits for longer is an event; 0: none"),
	LINK("refuse-from", ADDRESS_SPACE, refuse_from, OPTIONAL, 0, 0, "",
	    "beginnings of O/R addresses whose messages are not sent"),
	LINK("accept-from", ADDRESS_SPACE, accept_from, OPTIONAL, 0, 0, "",
	    "beginnings of O/R addresses whose messages alone are sent; all if "
	    "not given"),
	CHOICE("tls", tls, tls_choices, "none",
	    "whether associations of this link must be within TLS"),
	LINK("tls-name", STRING, tls_name, OPTIONAL, 0, TLS_NAME_MAX, "",
	    "the name that the peer's certificate must be for"),
	LINK("tls-pin", PINS, tls_pins, OPTIONAL, 0, 0, "",
	    "keys that prove the peer: sha256/ and a digest in base64"),
	PEM_FILE(conf_link, "tls-certificate-file", tls_certificate,
	    "our certificate when we call, where it differs"),
	PEM_FILE(conf_link, "tls-key-file", tls_key,
	    "the key of that certificate"),
};

static const struct conf_setting msmail_settings[] = {
	MSMAIL("postoffice", PATH, postoffice, REQUIRED, 1, PATH_LENGTH_MAX,
	    "directory of the shadow postoffice"),
	MSMAIL("network", STRING, network, REQUIRED, 1, 10,
	    "network name of the postoffice"),
	MSMAIL("name", STRING, po_name, REQUIRED, 1, 10,
	    "name of the postoffice"),
	MSMAIL("address-space", ADDRESS_SPACE, address_space, OPTIONAL, 0, 0,
	    "beginnings of O/R addresses that are delivered here"),
	MSMAIL("address-space-file", PATH, address_space_file, OPTIONAL, 0,
	    PATH_LENGTH_MAX, "file with one of these in each line"),
	MSMAIL("directory", PATH, directory, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "file with lines O/R address = NETWORK/POSTOFFICE/MAILBOX"),
	MSMAIL("redirect", REDIRECTS, redirect, OPTIONAL, 0, 0,
	    "who gets the messages of somebody else, as ADDRESS -> ADDRESS; "
	    "beside the redirect lines of directory"),
	{ .name = "alarm-length", .type = CONF_TYPE_NUMBER,
	  .offset = offsetof(struct conf_msmail, alarm_length),
	  .max = UINT32_MAX, .fallback = "0",
	  .meaning = "more messages that wait for it are an event; 0: none" },
	{ .name = "alarm-age", .type = CONF_TYPE_INTERVAL,
	  .offset = offsetof(struct conf_msmail, alarm_age),
	  .max = 3660 * DAY, .fallback = "0",
	  .meaning = "a message that waits for longer is an event; 0: none" },
	MSMAIL("refuse-from", ADDRESS_SPACE, refuse_from, OPTIONAL, 0, 0,
	    "beginnings of O/R addresses whose messages are not delivered"),
	MSMAIL("accept-from", ADDRESS_SPACE, accept_from, OPTIONAL, 0, 0,
	    "beginnings of O/R addresses whose messages alone are delivered; "
	    "all if not given"),
	{ .name = "code-page", .type = CONF_TYPE_CHOICE,
	  .offset = offsetof(struct conf_msmail, code_page),
	  .choices = code_page_choices, .fallback = "utf-8",
	  .meaning = "how text is coded in the postoffice's message files" },
};

static const struct conf_setting list_settings[] = {
	LIST("address", ADDRESS, address, REQUIRED, 1, 0, "",
	    "the O/R address of the list"),
	LIST("members", MEMBERS, members, OPTIONAL, 0, 0, "",
	    "O/R addresses of the members, beside those of members-file"),
	LIST("members-file", PATH, members_file, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "", "file with the O/R address of a member in each line"),
	LIST("submit", ADDRESS_SPACE, submit, OPTIONAL, 0, 0, "*",
	    "beginnings of O/R addresses of those who may write to the list"),
	{ .name = "reports", .type = CONF_TYPE_CHOICE,
	  .offset = offsetof(struct conf_list, reports),
	  .choices = reports_choices, .fallback = "originator",
	  .meaning = "who gets the reports on what the list sent on" },
	LIST("owner", ADDRESS, owner, OPTIONAL, 0, 0, "",
	    "the O/R address of who answers for the list, and may write to it"),
};

static const struct conf_setting submit_settings[] = {
	SUBMIT("group", GROUP, group, CONF_NAME_MAX,
	    "group whose members may submit messages and probes"),
	SUBMIT("originators", MEMBERS, originators, 0,
	    "O/R addresses as which alone they may"),
};

static const struct conf_setting console_settings[] = {
	CONSOLE("socket", STRING, socket, 0, CONF_NAME_MAX, "console",
	    "name of a local socket in run-directory, for viewer-group"),
	CONSOLE("listen", LISTEN, listen, 0, 0, "",
	    "addresses and ports on which it can be called, with a token"),
	PASSWORD_FILE(conf_console, "token-file", token_file, "token",
	    "file with the token for listen, 16 to 64 octets"),
	CONSOLE("token", PASSWORD, token, 0, CONF_PASSWORD_MAX, "",
	    "the token for listen, if no token-file is given"),
	PASSWORD_FILE(conf_console, "metrics-token-file", metrics_token_file,
	    "metrics-token", "file with a token for the metrics alone"),
	CONSOLE("metrics-token", PASSWORD, metrics_token, 0, CONF_PASSWORD_MAX,
	    "", "a token for the metrics alone, if no file is given"),
	CONSOLE("host-name", STRING, host_name, 0, 255, "",
	    "name by which browsers call it, beside localhost and addresses"),
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(COUNT(mta_settings) <= 64, "a bit each in struct conf_mta");
_Static_assert(COUNT(link_settings) <= 64, "a bit each in struct conf_link");

static const struct conf_settings sections[] = {
    [CONF_MTA] = {"mta", mta_settings, COUNT(mta_settings),
	sizeof(struct conf_mta), "this MTA; exactly one"},
    [CONF_LINK] = {"link", link_settings, COUNT(link_settings),
	sizeof(struct conf_link), "a peer; its name follows"},
    [CONF_MSMAIL] = {"msmail", msmail_settings, COUNT(msmail_settings),
	sizeof(struct conf_msmail),
	"a Microsoft Mail postoffice; its name follows"},
    [CONF_LIST] = {"list", list_settings, COUNT(list_settings),
	sizeof(struct conf_list), "a distribution list; its name follows"},
    [CONF_SUBMIT] = {"submit", submit_settings, COUNT(submit_settings),
	sizeof(struct conf_submit), "who may submit; its name follows"},
    [CONF_APPLICATION] = {"application", conf_application_settings,
	CONF_APPLICATION_SETTINGS, sizeof(struct conf_application),
	"a program that takes and submits messages; its name follows"},
    [CONF_MIXER] = {"mixer", conf_mixer_settings, CONF_MIXER_SETTINGS,
	sizeof(struct conf_mixer),
	"how addresses of the Internet are mapped; its name follows"},
    [CONF_CONSOLE] = {"console", console_settings, COUNT(console_settings),
	sizeof(struct conf_console), "metrics and a page to look at"},
};

/* conf_settings - return the settings of a section */
const struct conf_settings *
conf_settings(enum conf_section section)
{
	return &sections[section];
}

/* conf_section_is_named - tell whether a section's name follows its kind */
bool
conf_section_is_named(enum conf_section section)
{
	return section != CONF_MTA && section != CONF_CONSOLE;
}

/* conf_setting_find - find the setting of that name, or NULL */
const struct conf_setting *
conf_setting_find(enum conf_section section, const char *name)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->items[i].name, name) == 0)
			return &settings->items[i];
	}
	return NULL;
}

/* conf_setting_is_list - tell whether the value is a list in braces */
bool
conf_setting_is_list(const struct conf_setting *setting)
{
	switch (setting->type) {
	case CONF_TYPE_ADDRESS_SPACE:
	case CONF_TYPE_ENDPOINTS:
	case CONF_TYPE_LISTEN:
	case CONF_TYPE_LISTEN_LOCAL:
	case CONF_TYPE_NETWORKS:
	case CONF_TYPE_MEMBERS:
	case CONF_TYPE_REDIRECTS:
	case CONF_TYPE_PINS:
	case CONF_TYPE_CONTENTS:
	case CONF_TYPE_PAIRS:
	case CONF_TYPE_NAMES:
		return true;
	case CONF_TYPE_STRING:
	case CONF_TYPE_PATH:
	case CONF_TYPE_PASSWORD:
	case CONF_TYPE_PASSWORD_FILE:
	case CONF_TYPE_SELECTOR:
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_INTERVAL:
	case CONF_TYPE_SIZE:
	case CONF_TYPE_CHOICE:
	case CONF_TYPE_SCHEDULE:
	case CONF_TYPE_DOMAIN:
	case CONF_TYPE_ADDRESS:
	case CONF_TYPE_PEM_FILE:
	case CONF_TYPE_GROUP:
	case CONF_TYPE_DATABASE:
		break;
	}
	return false;
}

/* set_field - return the bits that tell which settings a section's text held */
static uint64_t
set_field(enum conf_section section, const void *values)
{
	switch (section) {
	case CONF_MTA:
		return ((const struct conf_mta *)values)->set;
	case CONF_LINK:
		return ((const struct conf_link *)values)->set;
	case CONF_MSMAIL:
		return ((const struct conf_msmail *)values)->set;
	case CONF_LIST:
		return ((const struct conf_list *)values)->set;
	case CONF_SUBMIT:
		return ((const struct conf_submit *)values)->set;
	case CONF_APPLICATION:
		return ((const struct conf_application *)values)->set;
	case CONF_MIXER:
		return ((const struct conf_mixer *)values)->set;
	case CONF_CONSOLE:
		return ((const struct conf_console *)values)->set;
	}
	return 0;
}

/* conf_setting_given - tell whether the section's text held this setting */
bool
conf_setting_given(enum conf_section section,
    const struct conf_setting *setting, const void *values)
{
	size_t index = (size_t)(setting - conf_settings(section)->items);

	return (set_field(section, values) >> index & 1) != 0;
}

/* conf_type_name - return "interval" and the like, for people */
const char *
conf_type_name(enum conf_type type)
{
	static const char *const names[] = {
	    [CONF_TYPE_STRING] = "text",
	    [CONF_TYPE_PATH] = "path",
	    [CONF_TYPE_PASSWORD] = "password",
	    [CONF_TYPE_PASSWORD_FILE] = "path",
	    [CONF_TYPE_SELECTOR] = "selector",
	    [CONF_TYPE_NUMBER] = "number",
	    [CONF_TYPE_INTERVAL] = "interval",
	    [CONF_TYPE_SIZE] = "size",
	    [CONF_TYPE_CHOICE] = "choice",
	    [CONF_TYPE_SCHEDULE] = "schedule",
	    [CONF_TYPE_DOMAIN] = "domain",
	    [CONF_TYPE_ADDRESS] = "O/R address",
	    [CONF_TYPE_ADDRESS_SPACE] = "list of address spaces",
	    [CONF_TYPE_ENDPOINTS] = "list of host:port",
	    [CONF_TYPE_LISTEN] = "list of address:port",
	    [CONF_TYPE_LISTEN_LOCAL] = "list of address:port or /path",
	    [CONF_TYPE_NETWORKS] = "list of address/bits",
	    [CONF_TYPE_MEMBERS] = "list of O/R addresses",
	    [CONF_TYPE_REDIRECTS] = "list of address -> address",
	    [CONF_TYPE_PEM_FILE] = "path",
	    [CONF_TYPE_PINS] = "list of sha256/digest",
	    [CONF_TYPE_GROUP] = "group",
	    [CONF_TYPE_CONTENTS] = "list of content types",
	    [CONF_TYPE_PAIRS] = "list of domain = address space",
	    [CONF_TYPE_NAMES] = "list of names",
	    [CONF_TYPE_DATABASE] = "URL",
	};

	return names[type];
}
