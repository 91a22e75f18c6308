/* SPDX-License-Identifier: ISC */
/*
 * conf.h - the configuration: one file, one typed and validated struct
 *
 *	struct conf *conf;
 *	struct diag diag = {0};
 *
 *	if (conf_parse_file(path, &conf, &diag) < 0)
 *		errx(EX_CONFIG, "%s", diag_text(&diag));
 *	link = conf_link_find(conf, "paris");
 *	conf_free(conf);
 *
 * A configuration that parses is right in itself: every value is in range,
 * what is needed is there, password files were read.  It is never changed
 * afterwards; everything in it, strings and slices too, lives until
 * conf_free.  Strings are never NULL: empty where nothing was given.
 *
 * Errors read FILE:LINE: SETTING: REASON and name the first thing wrong, or
 * with conf_check_file all that is wrong; FILE may be one that was included.
 * What each setting means stands in fourpost.conf(5) and in conf_setting.c.
 */
#ifndef FOURPOST_CONF_CONF_H
#define FOURPOST_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/category.h"
#include "base/error.h"
#include "base/slice.h"
#include "smtp/smtp_tls.h"
#include "tls/tls_identity.h"
#include "tls/tls_material.h"

#define CONF_DEFAULT_FILE     "/etc/fourpost/fourpost.conf"
#define CONF_FILE_MAX	      (16u * 1024 * 1024) /* octets of a file */
#define CONF_FILES_MAX	      10000 /* that one includes, in all */
#define CONF_LINKS_MAX	      4096
#define CONF_MSMAILS_MAX      1024
#define CONF_CONNECTIONS_MAX  32   /* to the socket of an application */
#define CONF_WORKERS_MAX      8192 /* processes that it may need; conf_check */
#define CONF_LISTS_MAX	      1024 /* distribution lists */
#define CONF_SUBMITS_MAX      256  /* sections of who may submit */
#define CONF_APPLICATIONS_MAX 1024
#define CONF_MIXERS_MAX	      256
#define CONF_VALUES_MAX	      4096   /* values of most settings */
#define CONF_MEMBERS_MAX      100000 /* of a list; redirections; spaces */
#define CONF_NAMES_MAX	      (8u * 1024 * 1024) /* octets of all of these */
/* Octets of the address spaces of a postoffice, which its workers get in one
 * record. */
#define CONF_SPACES_MAX		32768
#define CONF_NAME_MAX		32 /* of a link, a postoffice, an MTA */
#define CONF_CONSOLE_LISTEN_MAX 4
#define CONF_PASSWORD_MAX	64
#define CONF_TOKEN_MIN		16 /* octets; a port is open to guessing */
#define CONF_TSEL_MAX		32
#define CONF_SSEL_MAX		16 /* X.225 */
#define CONF_PSEL_MAX		32
#define CONF_QUARTERS_WEEK	672
#define CONF_ERRORS_MAX		100 /* of one file that are told */

struct or_address; /* mhs/or_address.h */

/* The kinds of sections. */
enum conf_section {
	CONF_MTA,
	CONF_LINK,
	CONF_MSMAIL,
	CONF_LIST,
	CONF_SUBMIT,
	CONF_CONSOLE,
	CONF_APPLICATION,
	CONF_MIXER
};

#define CONF_SECTIONS (CONF_MIXER + 1)

/* Rank of a priority, index of the arrays below (as ipc_job.priority). */
enum conf_priority {
	CONF_URGENT,
	CONF_NORMAL,
	CONF_NON_URGENT,
	CONF_PRIORITY_COUNT
};

enum conf_mode {
	CONF_MODE_1988_NORMAL,
	CONF_MODE_1988_X410,
	CONF_MODE_1984,
};

enum conf_dialogue {
	CONF_DIALOGUE_MONOLOGUE,
	CONF_DIALOGUE_TWO_WAY_ALTERNATE,
};

enum conf_peer {
	CONF_PEER_THIRD_PARTY,
	CONF_PEER_FOURPOST
};

enum conf_strip {
	CONF_STRIP_NO,
	CONF_STRIP_YES,
	CONF_STRIP_AUTO
};

enum conf_recovery {
	CONF_RECOVERY_RESUME,
	CONF_RECOVERY_NEVER
};

enum conf_tagging {
	CONF_TAGGING_IMPLICIT,
	CONF_TAGGING_EXPLICIT,
	CONF_TAGGING_AUTO
};

enum conf_refused {
	CONF_REFUSED_REPORT,
	CONF_REFUSED_HOLD
};

enum conf_schedule_kind {
	CONF_SCHEDULE_ALWAYS,
	CONF_SCHEDULE_NEVER,
	CONF_SCHEDULE_REMOTE_INITIATED,
	CONF_SCHEDULE_TIMES,
};

enum conf_tls {
	CONF_TLS_NONE,
	CONF_TLS_REQUIRE
};

/* When we call; see conf_schedule.h for whether that is now. */
struct conf_schedule {
	enum conf_schedule_kind kind;
	/* TIMES: bit n%8 of octet n/8, n in quarters since Monday 00:00 */
	uint8_t quarters[CONF_QUARTERS_WEEK / 8];
};

/* "host:port", "[v6]:port", "host" (port 102) */
struct conf_endpoint {
	const char *host; /* a name, or an address without brackets */
	uint16_t port;
};

struct conf_endpoints {
	struct conf_endpoint *items;
	size_t count;
};

/* An address or "address/bits"; IPv4 stands as ::ffff:a.b.c.d, bits + 96. */
struct conf_network {
	uint8_t address[16]; /* the bits beyond are 0 */
	uint8_t bits;	     /* 0-128 */
};

struct conf_networks {
	struct conf_network *items;
	size_t count;
};

/* A file in PEM; see conf_tls.h for who reads it. */
struct conf_pem {
	const char *path;    /* empty: none */
	struct slice octets; /* empty: not read */
	int64_t issued;	     /* revocation lists that were read: s since 1970 */
	int64_t expires;     /* likewise, and of a certificate */
};

/* SHA-256 of the SubjectPublicKeyInfo of keys. */
struct conf_pins {
	uint8_t (*items)[TLS_PIN_LEN];
	size_t count;
};

/* An O/R address, or the beginning of one (an address space, a domain). */
struct conf_address {
	const char *text;		  /* as given */
	const struct or_address *address; /* NULL if text is empty */
};

struct conf_addresses {
	struct conf_address *items;
	size_t count;
	size_t from_file; /* the last so many stand in a file of their own */
};

/* A redirection of somebody's messages: "ADDRESS -> ADDRESS". */
struct conf_redirect {
	const char *text; /* as given */
	const struct or_address *from, *to;
};

struct conf_redirects {
	struct conf_redirect *items;
	size_t count;
	size_t from_file; /* the last so many stand in the map */
};

/* A group of the system. */
struct conf_group {
	const char *name; /* empty: none */
	uint32_t id;	  /* as it was when the file was read */
};

/* All intervals are milliseconds, all sizes octets. */
struct conf_mta {
	const char *name;	      /* 1-32, printable ASCII */
	struct conf_address domain;   /* C, A and perhaps P; nothing else */
	const char *password_file;    /* empty: none */
	struct slice password;	      /* 0-64 octets, of the file or inline */
	struct conf_endpoints listen; /* hosts are numeric */
	struct conf_endpoints listen_tls;
	struct conf_endpoints listen_proxy, listen_proxy_tls;
	struct conf_networks proxy_from;	  /* see conf_network_match */
	struct conf_pem tls_certificate, tls_key; /* both or neither */
	struct conf_pem tls_authorities, tls_revocations;
	enum tls_minimum tls_minimum;
	enum log_level log_levels[EVENT_CATEGORIES];
	const char *state_directory; /* absolute, as all paths */
	const char *run_directory;
	const char *user; /* used only if started as root */
	const char *network_user;
	const char *console_user;
	const char *postoffice_group; /* or empty */
	struct conf_group operator_group, viewer_group;
	uint64_t queue_size;
	uint32_t max_associations;
	uint64_t duplicate_memory;
	uint64_t retry_interval; /* ms */
	uint32_t tracking_days;
	const char *tracking_database; /* a URL of PostgreSQL, or empty */
	uint64_t deferred_max;
	uint32_t alarm_length;		/* messages queued; 0: no alarm */
	uint64_t alarm_age;		/* ms; 0: no alarm */
	const char *alarm_command;	/* or empty */
	struct conf_address postmaster; /* default: domain;S=Postmaster */
	struct conf_address alternate_recipient; /* address NULL: none */
	uint64_t message_lifetime[CONF_PRIORITY_COUNT];
	uint64_t route_refresh;
	uint64_t set; /* bit n: setting n of this section was given */
	unsigned line;
};

struct conf_link {
	const char *name; /* [a-z0-9-]{1,32}, unique */
	const char *remote_mta;
	const char *remote_password_file;
	struct slice remote_password;
	const char *local_name; /* empty: as mta; use conf_local_name */
	const char *local_password_file;
	struct slice local_password; /* use conf_local_password */
	struct conf_endpoints address;
	struct conf_networks remote_addresses; /* see conf_network_match */
	struct slice tsel, ssel, psel;
	struct slice local_tsel, local_ssel, local_psel;
	enum conf_mode mode;
	enum conf_dialogue dialogue;
	enum conf_peer peer;
	enum conf_tagging extension_tagging;
	struct conf_address remote_domain; /* address NULL: not known */
	enum conf_strip strip_internal_trace;
	enum conf_strip strip_bilateral;     /* not auto */
	struct conf_addresses address_space; /* those of the file too */
	const char *address_space_file;	     /* or empty */
	struct conf_addresses learn; /* only from a peer of this suite */
	uint32_t cost;
	struct conf_schedule schedule;
	uint32_t associations;
	uint32_t incoming_associations; /* use conf_incoming_associations */
	uint32_t threshold;
	uint64_t open_interval;
	uint32_t open_retries;
	uint64_t open_timeout;
	uint64_t transfer_interval;
	uint32_t transfer_retries;
	enum conf_refused refused_message;
	uint64_t association_lifetime;
	uint64_t disconnect_timeout;
	uint64_t checkpoint_size; /* octets, a multiple of 1024; 0: none */
	uint32_t window_size;
	uint64_t recovery_timeout;
	enum conf_recovery recovery;
	uint64_t transfer_timeout[CONF_PRIORITY_COUNT]; /* per 1024 octets */
	uint64_t max_size;				/* 0: no limit */
	uint32_t max_recipients;			/* 0: no limit */
	enum conf_priority least_priority; /* less urgent: not sent */
	uint32_t alarm_length;		   /* as conf_mta's */
	uint64_t alarm_age;
	struct conf_addresses refuse_from; /* originators */
	struct conf_addresses accept_from; /* none: all */
	enum conf_tls tls;
	const char *tls_name; /* empty: none */
	struct conf_pins tls_pins;
	struct conf_pem tls_certificate, tls_key; /* use conf_tls_material */
	uint64_t set;
	unsigned line;
};

enum conf_code_page {
	CONF_CODE_PAGE_UTF8,
	CONF_CODE_PAGE_437,
	CONF_CODE_PAGE_850,
	CONF_CODE_PAGE_1252
};

struct conf_msmail {
	const char *name;	/* of the section: [a-z0-9-]{1,32}, unique */
	const char *postoffice; /* directory */
	const char *network;	/* 1-10 */
	const char *po_name;	/* 1-10, setting "name" */
	struct conf_addresses address_space; /* those of the file too */
	const char *address_space_file;	     /* or empty */
	const char *directory; /* file that maps addresses; empty: none */
	struct conf_redirects redirect;	   /* those of the map too */
	struct conf_addresses refuse_from; /* originators */
	struct conf_addresses accept_from; /* none: all */
	enum conf_code_page code_page;
	uint64_t set;
	unsigned line;
	uint32_t alarm_length; /* as conf_mta's */
	uint64_t alarm_age;
};

/* A list's policy: who gets the reports on what it sent on (X.411 14.3.10). */
enum conf_reports {
	CONF_REPORTS_ORIGINATOR,
	CONF_REPORTS_OWNER,
	CONF_REPORTS_NONE
};

struct conf_list {
	const char *name; /* of the section: [a-z0-9-]{1,32}, unique */
	struct conf_address address;
	struct conf_addresses members; /* those of members_file too */
	const char *members_file;      /* or empty */
	struct conf_addresses submit;  /* prefixes of who may write to it */
	enum conf_reports reports;
	struct conf_address owner; /* address NULL: none */
	uint64_t set;
	unsigned line;
};

/* A section submit: its group may submit as its originators. */
struct conf_submit {
	const char *name; /* of the section: [a-z0-9-]{1,32}, unique */
	struct conf_group group;
	struct conf_addresses originators; /* whole addresses */
	uint64_t set;
	unsigned line;
};

/* When a message that was given to an application counts as delivered. */
enum conf_delivered {
	CONF_DELIVERED_ANSWERED, /* its program has said so */
	CONF_DELIVERED_WRITTEN	 /* its files are in the directory */
};

/* A content type that an application takes. */
struct conf_content {
	const char *text; /* as given */
	int built_in;	  /* P1_CONTENT_*; P1_CONTENT_OID: oid */
	struct slice oid; /* contents of the OBJECT IDENTIFIER */
};

struct conf_contents {
	struct conf_content *items;
	size_t count;
};

struct conf_application {
	const char *name;	 /* of the section: [a-z0-9-]{1,32}, unique */
	const char *path;	 /* its directory; empty: none */
	const char *socket;	 /* its name in the run directory; likewise */
	struct conf_group group; /* of its program */
	struct conf_addresses address_space;
	uint32_t cost;
	/* beginnings of the addresses as which it may submit; none: those of
	 * its address space */
	struct conf_addresses originators;
	enum conf_delivered delivered_when;
	uint64_t answer_timeout; /* ms */
	uint32_t outstanding;
	struct conf_contents contents; /* none: any; see conf_content.h */
	uint64_t max_size;	       /* 0: no limit */
	uint64_t set;
	unsigned line;
};

/* A domain of the Internet, and the O/R addresses that it stands for:
 * "DOMAIN = BEGINNING". */
struct conf_pair {
	const char *text; /* as given */
	const char *domain;
	const struct or_address *prefix; /* C, A, P, O, OU1 to OU4 alone */
};

struct conf_pairs {
	struct conf_pair *items;
	size_t count;
};

/* Names of links, "application/NAME", "msmail/NAME"; "*" is all of them. */
struct conf_names {
	const char **items;
	size_t count;
};

/* How a gateway maps addresses of the Internet (RFC 2156). */
/* The field From of a message whose author of the Internet comes back. */
enum conf_foreign_from {
	CONF_FOREIGN_ENCAPSULATE, /* an address at mail-domain, and Reply-To */
	CONF_FOREIGN_KEEP
};

/* The body parts that attachments become. */
enum conf_attachments {
	CONF_ATTACHMENTS_FTBP,
	CONF_ATTACHMENTS_BP14 /* bilaterally-defined */
};

enum conf_text_form {
	CONF_TEXT_AUTO, /* ia5-text, else general text */
	CONF_TEXT_IA5	/* ia5-text alone */
};

/* The fate of a body part that MIME has no type for. */
enum conf_unmappable {
	CONF_UNMAPPABLE_ENCAPSULATE,
	CONF_UNMAPPABLE_REFUSE,
	CONF_UNMAPPABLE_MARKER
};

/* Whether receipts are passed on, and asked for. */
enum conf_receipts {
	CONF_RECEIPTS_MDN,
	CONF_RECEIPTS_NONE
};

struct conf_mixer {
	const char *name;	 /* of the section: [a-z0-9-]{1,32}, unique */
	const char *mail_domain; /* of addresses that are whole O/R addresses */
	struct conf_address gateway_address; /* O/R, of all of the Internet */
	struct conf_pairs map;
	const char *map_file; /* empty: none */
	const char *users;    /* file; empty: none */
	struct conf_addresses address_space;
	uint32_t cost;
	struct conf_endpoints listen_lmtp; /* hosts are numeric, or paths */
	struct conf_networks lmtp_from;
	struct conf_group lmtp_group; /* empty: none */
	uint32_t lmtp_connections;
	struct conf_endpoints relay;
	enum smtp_tls tls;
	const char *tls_name; /* empty: the host of relay */
	struct conf_pins tls_pins;
	struct conf_names
	    relay_from; /* whose messages reach all of the Internet */
	uint32_t connections;
	uint64_t max_size; /* octets, 0: no limit */
	enum conf_foreign_from foreign_from;
	enum conf_attachments attachments;
	enum conf_text_form text;
	enum conf_unmappable unmappable;
	enum conf_receipts receipts;
	uint32_t max_parts;
	uint64_t thread_memory; /* ms */
	uint64_t set;
	unsigned line;
};

/* The section console; without it there is none. */
struct conf_console {
	const char *socket; /* its name in the run directory; empty: none */
	struct conf_endpoints listen; /* hosts are numeric */
	const char *token_file;
	struct slice token; /* who connects to listen shows it */
	const char *metrics_token_file;
	struct slice metrics_token; /* for the metrics alone; empty: none */
	const char *host_name; /* by which browsers may call it; or empty */
	uint64_t set;
	unsigned line; /* 0: no console */
};

struct conf {
	struct conf_mta mta;
	struct conf_link *links; /* in the order of the file */
	size_t link_count;
	struct conf_msmail *msmails;
	size_t msmail_count;
	struct conf_list *lists;
	size_t list_count;
	struct conf_submit *submits;
	size_t submit_count;
	struct conf_application *applications;
	size_t application_count;
	struct conf_mixer *mixers;
	size_t mixer_count;
	struct conf_console console;
	const char *file; /* its name, for messages */
	/* private */
	const struct conf_link **links_sorted;
	const struct conf_msmail **msmails_sorted;
	const struct conf_place *places; /* of files that were included */
	size_t place_count;
	struct arena arena;
};

/* How complete a text must be. */
enum conf_completeness {
	/* what an administrator wrote: all that is needed must be there, the
	 * files that it names are looked at */
	CONF_COMPLETE,
	/* likewise, in a file that others can read or write: no password may
	 * stand in it */
	CONF_SHARED,
	/* what another process handed us by conf_dump: sections and settings
	 * may be missing (then they have their defaults), passwords stand
	 * inline, no file is looked at */
	CONF_HANDED,
};

/*
 * conf_parse_file - read and validate a configuration file
 *
 * On success *conf is the caller's, to be freed with conf_free.  ERR_NOTFOUND,
 * ERR_IO (the file, or one that it names), ERR_SYNTAX, ERR_VALUE, ERR_LIMIT,
 * ERR_DENIED (others can read a password file, or
 * a password that stands in this one), ERR_NOMEM.
 */
int conf_parse_file(
    const char *path, struct conf **conf, struct diag *diag) WARN_UNUSED;

/* The errors of a file, in the order of its lines. */
struct conf_errors {
	struct {
		unsigned line;
		struct diag diag;
	} items[CONF_ERRORS_MAX];
	size_t count;
};

/*
 * conf_check_file - read and validate a file, telling all that is wrong
 *
 * As conf_parse_file, but what cannot be understood is passed over; on error
 * errors->count is at least 1.
 */
int conf_check_file(const char *path, struct conf **conf,
    struct conf_errors *errors) WARN_UNUSED;

/* conf_parse_text - read and validate a text; name stands for FILE in errors */
int conf_parse_text(struct slice text, const char *name,
    enum conf_completeness completeness, struct conf **conf,
    struct diag *diag) WARN_UNUSED;

/* conf_free - give back everything, with passwords wiped; NULL is allowed */
void conf_free(struct conf *conf);

/* conf_where - find the file that a line of a section is in, and its line
 * there */
const char *
conf_where(const struct conf *conf, unsigned line, unsigned *file_line);

/* conf_link_find - find the link of that name, or NULL */
const struct conf_link *
conf_link_find(const struct conf *conf, const char *name);

/* conf_msmail_find - find the postoffice of that name, or NULL */
const struct conf_msmail *
conf_msmail_find(const struct conf *conf, const char *name);

/* conf_list_find - find the distribution list of that name, or NULL */
const struct conf_list *
conf_list_find(const struct conf *conf, const char *name);

/* conf_submit_find - find the submit section of that name, or NULL */
const struct conf_submit *
conf_submit_find(const struct conf *conf, const char *name);

/* conf_application_find - find the application of that name, or NULL */
const struct conf_application *
conf_application_find(const struct conf *conf, const char *name);

/* conf_mixer_find - find the section mixer of that name, or NULL */
const struct conf_mixer *
conf_mixer_find(const struct conf *conf, const char *name);

/* conf_incoming_associations - tell how many the peer may open: by default
 * as many as we may, and one for x4ping */
uint32_t conf_incoming_associations(const struct conf_link *link);

/* conf_local_name - return the name that we bind with on a link; borrows */
const char *
conf_local_name(const struct conf *conf, const struct conf_link *link);

/* conf_tls_expectation - return what the peer of a link must prove; borrows */
struct tls_expectation conf_tls_expectation(const struct conf_link *link);

/* conf_local_password - return the password that we bind with on a link;
 * borrows */
struct slice
conf_local_password(const struct conf *conf, const struct conf_link *link);

#endif
