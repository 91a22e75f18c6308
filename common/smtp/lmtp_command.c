/* SPDX-License-Identifier: ISC */
/*
 * lmtp_command.c - the arguments of MAIL and RCPT (RFC 5321 4.1.2, RFC 3461)
 *
 * A path is taken as it stands between < and >: what an address is, is for who
 * maps it.  Here it is printable ASCII with its quotes closed, and no route.
 */
#include "smtp/lmtp_command.h"

#include <strings.h>

#include "smtp/smtp_xtext.h"

static const struct lmtp_reply syntax = {501, "5.5.4", "syntax"};
static const struct lmtp_reply sender = {501, "5.1.7", "no sender address"};
static const struct lmtp_reply mailbox = {501, "5.1.3", "no mailbox address"};
static const struct lmtp_reply unknown = {
    555, "5.5.4", "a parameter that was not announced"};
static const struct lmtp_reply value = {
    501, "5.5.4", "a parameter with a wrong value"};

/* lmtp_command_is - tell whether a text is a word, without regard to case */
bool
lmtp_command_is(struct slice text, const char *word)
{
	return text.len == strlen(word) &&
	    strncasecmp((const char *)text.data, word, text.len) == 0;
}

/* skip - take so many octets and the blanks behind them */
static struct slice
skip(struct slice text, size_t len)
{
	while (len < text.len && text.data[len] == ' ')
		len++;
	return slice_of(text.data + len, text.len - len);
}

/* path_length - find the ">" that ends a path which begins at "<"; 0: none */
static size_t
path_length(struct slice text)
{
	bool quoted = false;

	for (size_t i = 1; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c < ' ' || c > '~')
			return 0;
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '>' && !quoted)
			return i;
	}
	return 0;
}

/* take_path - read "<…>" into a string, and move on; false: it is none */
static bool
take_path(struct slice *text, char path[LMTP_PATH_MAX])
{
	size_t end;

	if (text->len < 2 || text->data[0] != '<')
		return false;
	end = path_length(*text);
	/* A route would have us relay (RFC 5321 appendix C). */
	if (end == 0 || end > LMTP_PATH_MAX || text->data[1] == '@' ||
	    (end + 1 < text->len && text->data[end + 1] != ' '))
		return false;
	memcpy(path, text->data + 1, end - 1);
	path[end - 1] = '\0';
	*text = skip(*text, end + 1);
	return true;
}

/* take_keyword - take "FROM:" or "TO:" and blanks behind it */
static bool
take_keyword(struct slice *text, const char *keyword)
{
	size_t len = strlen(keyword);

	if (text->len < len ||
	    !lmtp_command_is(slice_of(text->data, len), keyword))
		return false;
	*text = skip(*text, len);
	return true;
}

/* take_parameter - take "NAME=VALUE"; false at the end */
static bool
take_parameter(struct slice *text, struct slice *name, struct slice *val)
{
	const uint8_t *end, *sign;
	size_t len;

	if (text->len == 0)
		return false;
	end = memchr(text->data, ' ', text->len);
	len = end == NULL ? text->len : (size_t)(end - text->data);
	sign = memchr(text->data, '=', len);
	*name = slice_of(
	    text->data, sign == NULL ? len : (size_t)(sign - text->data));
	*val = sign == NULL ? slice_of(NULL, 0)
			    : slice_of(sign + 1, len - name->len - 1);
	*text = skip(*text, len);
	return true;
}

/* parse_size - read SIZE; false: it is none */
static bool
parse_size(struct slice val, uint64_t *size)
{
	*size = 0;
	for (size_t i = 0; i < val.len; i++) {
		if (val.data[i] < '0' || val.data[i] > '9')
			return false;
		*size = *size * 10 + (uint64_t)(val.data[i] - '0');
	}
	return val.len > 0 && val.len <= 18;
}

/* mail_parameter - read one parameter of MAIL */
static const struct lmtp_reply *
mail_parameter(struct lmtp_mail *mail, struct slice name, struct slice val)
{
	int len;

	if (lmtp_command_is(name, "SIZE"))
		return parse_size(val, &mail->size) ? NULL : &value;
	if (lmtp_command_is(name, "BODY")) {
		mail->eight_bit = lmtp_command_is(val, "8BITMIME");
		return mail->eight_bit || lmtp_command_is(val, "7BIT") ? NULL
								       : &value;
	}
	if (lmtp_command_is(name, "RET") && mail->ret == LMTP_RET_NONE) {
		mail->ret = lmtp_command_is(val, "FULL") ? LMTP_RET_FULL
		    : lmtp_command_is(val, "HDRS")	 ? LMTP_RET_HDRS
							 : LMTP_RET_NONE;
		return mail->ret != LMTP_RET_NONE ? NULL : &value;
	}
	if (lmtp_command_is(name, "ENVID") && mail->envid_len == 0) {
		len = smtp_xtext_get(val, mail->envid, sizeof(mail->envid));
		mail->envid_len = len > 0 ? (size_t)len : 0;
		return len > 0 ? NULL : &value;
	}
	return &unknown;
}

/* parse_notify - read NOTIFY; 0: it is none */
static unsigned
parse_notify(struct slice val)
{
	static const char *const words[] = {
	    "NEVER", "SUCCESS", "FAILURE", "DELAY"};
	unsigned notify = 0;

	while (val.len > 0) {
		const uint8_t *comma = memchr(val.data, ',', val.len);
		struct slice word = slice_of(val.data,
		    comma == NULL ? val.len : (size_t)(comma - val.data));
		unsigned i = 0;

		while (i < 4 && !lmtp_command_is(word, words[i]))
			i++;
		if (i == 4 || (comma != NULL && word.len + 1 == val.len))
			return 0;
		notify |= 1U << i;
		word.len += comma != NULL;
		val = slice_of(val.data + word.len, val.len - word.len);
	}
	/* RFC 3461 4.1: it stands alone. */
	return (notify & LMTP_NOTIFY_NEVER) != 0 && notify != LMTP_NOTIFY_NEVER
	    ? 0
	    : notify;
}

/* parse_orcpt - read ORCPT, "TYPE;XTEXT" */
static bool
parse_orcpt(struct slice val, struct lmtp_recipient *to)
{
	const uint8_t *sign =
	    val.len == 0 ? NULL : memchr(val.data, ';', val.len);
	size_t type = sign == NULL ? 0 : (size_t)(sign - val.data);
	int len;

	if (type == 0 || type >= sizeof(to->orcpt_type))
		return false;
	len = smtp_xtext_get(slice_of(sign + 1, val.len - type - 1), to->orcpt,
	    sizeof(to->orcpt));
	if (len <= 0)
		return false;
	memcpy(to->orcpt_type, val.data, type);
	to->orcpt_type[type] = '\0';
	to->orcpt_len = (size_t)len;
	return true;
}

/* recipient_parameter - read one parameter of RCPT */
static const struct lmtp_reply *
recipient_parameter(
    struct lmtp_recipient *to, struct slice name, struct slice val)
{
	if (lmtp_command_is(name, "NOTIFY") && to->notify == 0) {
		to->notify = parse_notify(val);
		return to->notify != 0 ? NULL : &value;
	}
	if (lmtp_command_is(name, "ORCPT") && to->orcpt_len == 0)
		return parse_orcpt(val, to) ? NULL : &value;
	return &unknown;
}

/* lmtp_command_mail - read "FROM:<…> …" */
const struct lmtp_reply *
lmtp_command_mail(struct slice arguments, struct lmtp_mail *mail)
{
	const struct lmtp_reply *refused = NULL;
	struct slice name, val;

	memset(mail, 0, sizeof(*mail));
	if (!take_keyword(&arguments, "FROM:"))
		return &syntax;
	if (!take_path(&arguments, mail->from))
		return &sender;
	while (refused == NULL && take_parameter(&arguments, &name, &val))
		refused = mail_parameter(mail, name, val);
	return refused;
}

/* lmtp_command_recipient - read "TO:<…> …" */
const struct lmtp_reply *
lmtp_command_recipient(struct slice arguments, struct lmtp_recipient *to)
{
	const struct lmtp_reply *refused = NULL;
	struct slice name, val;

	memset(to, 0, sizeof(*to));
	if (!take_keyword(&arguments, "TO:"))
		return &syntax;
	if (!take_path(&arguments, to->to) || to->to[0] == '\0')
		return &mailbox;
	while (refused == NULL && take_parameter(&arguments, &name, &val))
		refused = recipient_parameter(to, name, val);
	return refused;
}
