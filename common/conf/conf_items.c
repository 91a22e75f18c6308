/* SPDX-License-Identifier: ISC */
/*
 * conf_items.c - the items of a list: added, counted, written
 */
#include "conf/conf_items.h"

#include "conf/conf_addresses.h"
#include "conf/conf_append.h"
#include "conf/conf_content.h"
#include "conf/conf_endpoint.h"
#include "conf/conf_network.h"
#include "conf/conf_pair.h"
#include "conf/conf_pin.h"
#include "conf/conf_redirect.h"

/* add_endpoint - add one more host and port */
static int
add_endpoint(const struct conf_setting *setting, const char *text,
    struct arena *arena, struct conf_endpoints *to, struct diag *diag)
{
	struct conf_endpoint one;
	int r = conf_endpoint_parse(text,
	    setting->type == CONF_TYPE_LISTEN		  ? CONF_HOST_NUMERIC
		: setting->type == CONF_TYPE_LISTEN_LOCAL ? CONF_HOST_LOCAL
							  : CONF_HOST_ANY,
	    arena, &one, diag);

	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}

/* add_network - add one more network */
static int
add_network(const char *text, struct arena *arena, struct conf_networks *to,
    struct diag *diag)
{
	struct conf_network one;
	int r = conf_network_parse(text, &one, diag);

	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}

/* add_pin - add one more pin */
static int
add_pin(const char *text, struct arena *arena, struct conf_pins *to,
    struct diag *diag)
{
	uint8_t one[TLS_PIN_LEN];
	int r = conf_pin_parse(text, one, diag);

	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, one, sizeof(one), diag);
}

/* holds_addresses - tell whether the items of a list are addresses or their
 * beginnings */
static bool
holds_addresses(const struct conf_setting *setting)
{
	return setting->type == CONF_TYPE_ADDRESS_SPACE ||
	    setting->type == CONF_TYPE_MEMBERS;
}

/* add_name - add one more name */
static int
add_name(const char *text, struct arena *arena, struct conf_names *to,
    struct diag *diag)
{
	const char *one = arena_string(arena, slice_of_string(text));

	if (one == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (*one == '\0')
		return diag_set(diag, ERR_VALUE, "must not be empty");
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(const char *), diag);
}

/* conf_items_add - add one item to a list */
int
conf_items_add(const struct conf_setting *setting, const char *text,
    struct arena *arena, void *to, struct diag *diag)
{
	if (setting->type == CONF_TYPE_ADDRESS_SPACE)
		return conf_addresses_add(
		    to, CONF_ADDRESS_SPACE, text, arena, diag);
	if (setting->type == CONF_TYPE_MEMBERS)
		return conf_addresses_add(
		    to, CONF_ADDRESS_WHOLE, text, arena, diag);
	if (setting->type == CONF_TYPE_NETWORKS)
		return add_network(text, arena, to, diag);
	if (setting->type == CONF_TYPE_REDIRECTS)
		return conf_redirect_add(to, text, arena, diag);
	if (setting->type == CONF_TYPE_PINS)
		return add_pin(text, arena, to, diag);
	if (setting->type == CONF_TYPE_CONTENTS)
		return conf_content_add(to, text, arena, diag);
	if (setting->type == CONF_TYPE_PAIRS)
		return conf_pair_add(to, text, arena, diag);
	if (setting->type == CONF_TYPE_NAMES)
		return add_name(text, arena, to, diag);
	return add_endpoint(setting, text, arena, to, diag);
}

/* conf_items_clear - make a list empty */
void
conf_items_clear(const struct conf_setting *setting, void *to)
{
	if (holds_addresses(setting))
		*(struct conf_addresses *)to = (struct conf_addresses){0};
	else if (setting->type == CONF_TYPE_NETWORKS)
		*(struct conf_networks *)to = (struct conf_networks){0};
	else if (setting->type == CONF_TYPE_REDIRECTS)
		*(struct conf_redirects *)to = (struct conf_redirects){0};
	else if (setting->type == CONF_TYPE_PINS)
		*(struct conf_pins *)to = (struct conf_pins){0};
	else if (setting->type == CONF_TYPE_CONTENTS)
		*(struct conf_contents *)to = (struct conf_contents){0};
	else if (setting->type == CONF_TYPE_PAIRS)
		*(struct conf_pairs *)to = (struct conf_pairs){0};
	else if (setting->type == CONF_TYPE_NAMES)
		*(struct conf_names *)to = (struct conf_names){0};
	else
		*(struct conf_endpoints *)to = (struct conf_endpoints){0};
}

/* conf_items_count - count the items of a list */
size_t
conf_items_count(const struct conf_setting *setting, const void *from)
{
	if (holds_addresses(setting))
		return ((const struct conf_addresses *)from)->count;
	if (setting->type == CONF_TYPE_NETWORKS)
		return ((const struct conf_networks *)from)->count;
	if (setting->type == CONF_TYPE_REDIRECTS)
		return ((const struct conf_redirects *)from)->count;
	if (setting->type == CONF_TYPE_PINS)
		return ((const struct conf_pins *)from)->count;
	if (setting->type == CONF_TYPE_CONTENTS)
		return ((const struct conf_contents *)from)->count;
	if (setting->type == CONF_TYPE_PAIRS)
		return ((const struct conf_pairs *)from)->count;
	if (setting->type == CONF_TYPE_NAMES)
		return ((const struct conf_names *)from)->count;
	return ((const struct conf_endpoints *)from)->count;
}

/* append_text - append a text */
static int
append_text(const char *text, struct buffer *out)
{
	return buffer_append(out, text, strlen(text));
}

/* conf_items_text - append item n as conf_items_add would read it */
int
conf_items_text(const struct conf_setting *setting, const void *from, size_t n,
    struct buffer *out)
{
	if (holds_addresses(setting))
		return append_text(
		    ((const struct conf_addresses *)from)->items[n].text, out);
	if (setting->type == CONF_TYPE_NETWORKS)
		return conf_network_format(
		    &((const struct conf_networks *)from)->items[n], out);
	if (setting->type == CONF_TYPE_REDIRECTS)
		return append_text(
		    ((const struct conf_redirects *)from)->items[n].text, out);
	if (setting->type == CONF_TYPE_PINS)
		return conf_pin_format(
		    ((const struct conf_pins *)from)->items[n], out);
	if (setting->type == CONF_TYPE_CONTENTS)
		return append_text(
		    ((const struct conf_contents *)from)->items[n].text, out);
	if (setting->type == CONF_TYPE_PAIRS)
		return append_text(
		    ((const struct conf_pairs *)from)->items[n].text, out);
	if (setting->type == CONF_TYPE_NAMES)
		return append_text(
		    ((const struct conf_names *)from)->items[n], out);
	return conf_endpoint_format(
	    &((const struct conf_endpoints *)from)->items[n], out);
}
