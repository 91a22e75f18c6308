/* SPDX-License-Identifier: ISC */
/*
 * request.c - what is asked for by which path
 */
#include "console/request.h"

#include <netinet/in.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "console/metric.h"
#include "console/page.h"
#include "console/query.h"
#include "console/reply.h"

#define STATUS_MAX  ((size_t)64 * 1024 * 1024)
#define UPLOAD_MAX  1024 /* octets of a form */
#define FORM_ROOM   1024
#define COOKIE_ROOM (GUARD_COOKIE_LEN + 96)

enum visit_state {
	VISIT_NEW,     /* the request is not complete, or not looked at yet */
	VISIT_WAITING, /* for the suite; the connection is suspended */
	VISIT_READY    /* the suite has answered */
};

struct visit;

/* A path, and what it needs. */
struct path {
	const char *path;
	const char *method;
	enum guard_want want;
	enum MHD_Result (*answer)(struct visit *visit);
};

/* A request while it is answered. */
struct visit {
	TAILQ_ENTRY(visit) entry;
	struct console_door *door;
	struct MHD_Connection *connection;
	const struct path *path;
	enum visit_state state;
	struct snapshot_waiter waiter;
	bool waits; /* for a snapshot */
	const struct query_kind *kind;
	struct query query;
	struct MHD_PostProcessor *form; /* owned; NULL: none */
	size_t uploaded;
	char token[CONF_PASSWORD_MAX + 2]; /* longer ones are cut */
};

/* on_ready - go on with a request, for the suite has answered */
static void
on_ready(void *arg)
{
	struct visit *visit = arg;

	visit->waits = false;
	visit->state = VISIT_READY;
	MHD_resume_connection(visit->connection);
}

/* wait_for_look - wait for a look at the suite that is new enough: true, there
 * is none yet */
static bool
wait_for_look(struct visit *visit)
{
	struct snapshot *snapshot = &visit->door->console->snapshot;

	if (visit->state == VISIT_READY || snapshot_fresh(snapshot) != NULL)
		return false;
	visit->state = VISIT_WAITING;
	visit->waits = true;
	visit->waiter =
	    (struct snapshot_waiter){.ready = on_ready, .arg = visit};
	MHD_suspend_connection(visit->connection);
	snapshot_wait(snapshot, &visit->waiter);
	return true;
}

/* make_status - write a look as JSON */
static int
make_status(const struct snapshot *snapshot, struct buffer *out)
{
	return snapshot_json(snapshot, snapshot_get(snapshot), out);
}

/* make_metrics - write a look as metrics */
static int
make_metrics(const struct snapshot *snapshot, struct buffer *out)
{
	return metric_text(snapshot_get(snapshot), out);
}

/* reply_look - give a look in one of its forms, which is made once for all who
 * ask */
static enum MHD_Result
reply_look(struct visit *visit, struct console_form *form,
    int (*make)(const struct snapshot *snapshot, struct buffer *out),
    const char *type)
{
	const struct snapshot *snapshot = &visit->door->console->snapshot;
	struct buffer out;

	if (wait_for_look(visit))
		return MHD_YES;
	if (form->response == NULL || form->made != snapshot->made) {
		console_form_forget(form);
		buffer_init(&out, STATUS_MAX);
		if (make(snapshot, &out) == 0)
			form->response = reply_take(&out, type);
		buffer_fini(&out);
		form->made = snapshot->made;
	}
	return form->response == NULL ? MHD_NO
				      : MHD_queue_response(visit->connection,
					    MHD_HTTP_OK, form->response);
}

/* answer_status - give the state of the suite */
static enum MHD_Result
answer_status(struct visit *visit)
{
	return reply_look(
	    visit, &visit->door->console->status, make_status, REPLY_JSON);
}

/* answer_metrics - give the metrics */
static enum MHD_Result
answer_metrics(struct visit *visit)
{
	return reply_look(visit, &visit->door->console->metrics, make_metrics,
	    "text/plain; version=0.0.4; charset=utf-8");
}

/* reply_page - give a part of the page */
static enum MHD_Result
reply_page(struct visit *visit, unsigned status, enum page_part part)
{
	return reply_queue(visit->connection, status,
	    reply_static(page_get(part), page_type(part)));
}

/* answer_page - give the page */
static enum MHD_Result
answer_page(struct visit *visit)
{
	return reply_page(visit, MHD_HTTP_OK, PAGE_PAGE);
}

/* answer_style - give the style */
static enum MHD_Result
answer_style(struct visit *visit)
{
	return reply_page(visit, MHD_HTTP_OK, PAGE_STYLE);
}

/* answer_script - give the script */
static enum MHD_Result
answer_script(struct visit *visit)
{
	return reply_page(visit, MHD_HTTP_OK, PAGE_SCRIPT);
}

/* answer_query - ask the suite, or give its answer */
static enum MHD_Result
answer_query(struct visit *visit)
{
	struct asker *asker = &visit->door->console->asker;

	if (visit->state == VISIT_READY)
		return query_reply(&visit->query, visit->connection);
	visit->query.answered = on_ready;
	visit->query.arg = visit;
	if (!query_start(&visit->query, visit->kind, asker, visit->connection))
		return query_reply(&visit->query, visit->connection);
	visit->state = VISIT_WAITING;
	MHD_suspend_connection(visit->connection);
	return MHD_YES;
}

/* get_headers - get the headers that the guard looks at */
static struct guard_headers
get_headers(struct MHD_Connection *connection)
{
	return (struct guard_headers){.host = MHD_lookup_connection_value(
					  connection, MHD_HEADER_KIND, "Host"),
	    .authorization = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Authorization"),
	    .cookie = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Cookie")};
}

/* note_denied - log that somebody was denied, and from where */
static void
note_denied(const struct visit *visit, const char *reason)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    visit->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *from = info == NULL ? NULL : info->client_addr;
	char address[INET6_ADDRSTRLEN] = "local";

	if (from != NULL && from->sa_family == AF_INET)
		(void)inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)(const void *)from)->sin_addr,
		    address, sizeof(address));
	else if (from != NULL && from->sa_family == AF_INET6)
		(void)inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)(const void *)from)
			 ->sin6_addr,
		    address, sizeof(address));
	LOG_EVENT(EVENT_CONSOLE_DENIED, LOG_STRING("address", address),
	    LOG_STRING("reason", reason));
}

/* go_home - send a browser to the page, with a cookie to keep */
static enum MHD_Result
go_home(struct visit *visit, const char *cookie, const char *age)
{
	struct MHD_Response *response =
	    reply_static(slice_of_string(""), REPLY_TEXT);
	char text[COOKIE_ROOM];

	if (response == NULL)
		return MHD_NO;
	(void)snprintf(text, sizeof(text),
	    GUARD_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s", cookie,
	    age);
	(void)MHD_add_response_header(response, "Set-Cookie", text);
	(void)MHD_add_response_header(response, "Location", "/");
	return reply_queue(visit->connection, MHD_HTTP_SEE_OTHER, response);
}

/* answer_login - give a cookie for a token */
static enum MHD_Result
answer_login(struct visit *visit)
{
	const char *cookie = guard_login(
	    &visit->door->console->guard, slice_of_string(visit->token));

	explicit_bzero(visit->token, sizeof(visit->token));
	if (cookie != NULL)
		return go_home(visit, cookie, "");
	note_denied(visit, "a wrong token");
	return reply_page(visit, MHD_HTTP_UNAUTHORIZED, PAGE_LOGIN);
}

/* answer_logout - take a cookie back */
static enum MHD_Result
answer_logout(struct visit *visit)
{
	struct guard_headers headers = get_headers(visit->connection);

	guard_logout(&visit->door->console->guard, &headers);
	return go_home(visit, "", "; Max-Age=0");
}

static const struct path paths[] = {
    {"/", "GET", GUARD_ALL, answer_page},
    {"/console.css", "GET", GUARD_PUBLIC, answer_style},
    {"/console.js", "GET", GUARD_ALL, answer_script},
    {"/metrics", "GET", GUARD_METRICS, answer_metrics},
    {"/api/status", "GET", GUARD_ALL, answer_status},
    {"/login", "POST", GUARD_PUBLIC, answer_login},
    {"/logout", "POST", GUARD_ALL, answer_logout},
};

static const struct path query_path = {"", "GET", GUARD_ALL, answer_query};

/* find_path - find what answers a path, or NULL */
static const struct path *
find_path(struct visit *visit, const char *url)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(paths[i].path, url) == 0)
			return &paths[i];
	visit->kind = query_find(url);
	return visit->kind == NULL ? NULL : &query_path;
}

/* deny - answer somebody who may not see this */
static enum MHD_Result
deny(struct visit *visit, enum guard_answer why)
{
	struct MHD_Response *response;

	if (why == GUARD_WRONG_HOST) {
		note_denied(visit, "Host names somebody else");
		return reply_text(visit->connection,
		    MHD_HTTP_MISDIRECTED_REQUEST,
		    "Host is neither an address, nor localhost, nor "
		    "host-name\n");
	}
	if (why == GUARD_WRONG_TOKEN)
		note_denied(visit, "a wrong token");
	/* A person gets a form to fill in, a program the reason. */
	if (visit->path != NULL && visit->path->answer == answer_page)
		return reply_page(visit, MHD_HTTP_UNAUTHORIZED, PAGE_LOGIN);
	response = reply_static(
	    slice_of_string("{\"error\":\"a token is needed\"}\n"), REPLY_JSON);
	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	return reply_queue(visit->connection, MHD_HTTP_UNAUTHORIZED, response);
}

/* method_fits - tell whether a path can be asked for by a method */
static bool
method_fits(const struct path *path, const char *method)
{
	return strcmp(path->method, method) == 0 ||
	    (strcmp(path->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* look_at - look at a request that is complete, and answer it or have it
 * answered */
static enum MHD_Result
look_at(struct visit *visit, const char *url, const char *method)
{
	struct console *console = visit->door->console;
	struct guard_headers headers = get_headers(visit->connection);
	enum guard_answer may;

	visit->path = find_path(visit, url);
	/* Names that lead nowhere are told of only to who may see the
	 * rest. */
	may = guard_check(&console->guard, visit->door->kind,
	    visit->path == NULL ? GUARD_ALL : visit->path->want, &headers);
	if (may != GUARD_ALLOWED)
		return deny(visit, may);
	if (visit->path == NULL)
		return reply_text(visit->connection, MHD_HTTP_NOT_FOUND,
		    "there is nothing of that name\n");
	if (!method_fits(visit->path, method))
		return reply_text(visit->connection,
		    MHD_HTTP_METHOD_NOT_ALLOWED, "this can be looked at\n");
	if (visit->uploaded > UPLOAD_MAX)
		return reply_text(visit->connection, MHD_HTTP_CONTENT_TOO_LARGE,
		    "that is too much\n");
	return visit->path->answer(visit);
}

/* on_field - take a part of the field of a form */
static enum MHD_Result
on_field(void *arg, enum MHD_ValueKind kind, const char *key,
    const char *filename, const char *content_type,
    const char *transfer_encoding, const char *data, uint64_t offset,
    size_t size)
{
	struct visit *visit = arg;

	(void)kind;
	(void)filename;
	(void)content_type;
	(void)transfer_encoding;
	if (strcmp(key, "token") != 0 || data == NULL ||
	    offset >= sizeof(visit->token) - 1)
		return MHD_YES;
	if (size > sizeof(visit->token) - 1 - offset)
		size = sizeof(visit->token) - 1 - (size_t)offset;
	memcpy(visit->token + offset, data, size);
	visit->token[offset + size] = '\0';
	return MHD_YES;
}

/* take_upload - take octets of a body, which only the form has use for */
static void
take_upload(struct visit *visit, const char *data, size_t size)
{
	if (visit->uploaded > UPLOAD_MAX)
		return;
	visit->uploaded += size;
	if (visit->uploaded <= UPLOAD_MAX && visit->form != NULL)
		(void)MHD_post_process(visit->form, data, size);
}

/* begin_visit - begin with a request, of which only the header is there */
static struct visit *
begin_visit(struct console_door *door, struct MHD_Connection *connection,
    const char *method)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (visit == NULL)
		return NULL;
	visit->door = door;
	visit->connection = connection;
	/* Another type of body than that of a form is passed over. */
	if (strcmp(method, "POST") == 0)
		visit->form = MHD_create_post_processor(
		    connection, FORM_ROOM, on_field, visit);
	return visit;
}

/* visitor_of - get what is noted of a connection, or NULL */
static struct visitor *
visitor_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

/* request_take - take a request, or a part of it */
enum MHD_Result
request_take(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload_data,
    size_t *upload_data_size, void **visit_out)
{
	struct console_door *door = arg;
	struct visit *visit = *visit_out;
	struct visitor *visitor;

	(void)version;
	if (visit == NULL) {
		*visit_out = begin_visit(door, connection, method);
		return *visit_out == NULL ? MHD_NO : MHD_YES;
	}
	if (*upload_data_size > 0) {
		take_upload(visit, upload_data, *upload_data_size);
		*upload_data_size = 0;
		return MHD_YES;
	}
	if (visit->state == VISIT_READY)
		return visit->path->answer(visit);
	visitor = visitor_of(connection);
	if (visitor != NULL)
		visitors_asked(&door->visitors, visitor);
	return look_at(visit, url, method);
}

/* request_completed - forget a request that was answered, or was not */
void
request_completed(void *arg, struct MHD_Connection *connection, void **visit_in,
    enum MHD_RequestTerminationCode why)
{
	struct console_door *door = arg;
	struct visit *visit = *visit_in;
	struct visitor *visitor = visitor_of(connection);

	(void)why;
	if (visitor != NULL)
		visitors_answered(&door->visitors, visitor);
	if (visit == NULL)
		return;
	if (visit->waits)
		snapshot_leave(&door->console->snapshot, &visit->waiter);
	if (visit->kind != NULL)
		query_end(&visit->query, &door->console->asker);
	if (visit->form != NULL)
		(void)MHD_destroy_post_processor(visit->form);
	free(visit);
	*visit_in = NULL;
}
