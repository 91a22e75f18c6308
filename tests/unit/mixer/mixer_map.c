/* SPDX-License-Identifier: ISC */
/*
 * mixer_map.c - the map that tests of a gateway's addresses go by
 */
#include "tests/unit/mixer/mixer_map.h"

#include <stdio.h>

#include "tests/unit/test.h"

/* mixer_map_read - read the map of a section mixer */
struct conf *
mixer_map_read(struct address_map *map, const char *more)
{
	char text[2048];
	struct conf *conf = NULL;
	struct diag diag = {0};
	int error;

	(void)snprintf(text, sizeof(text),
	    "mta { name = A domain = \"C=DE;A=V\" }\n"
	    "mixer m { mail-domain = x400.example.net "
	    "gateway-address = \"C=DE;A=VIAT;P=ACME;O=GW\"\n%s }\n",
	    more);
	error = conf_parse_text(
	    slice_of_string(text), "t", CONF_COMPLETE, &conf, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	error = address_map_read(map, &conf->mixers[0], &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	return conf;
}
