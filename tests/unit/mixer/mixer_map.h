/* SPDX-License-Identifier: ISC */
/*
 * mixer_map.h - the map that tests of a gateway's addresses go by
 */
#ifndef FOURPOST_TESTS_UNIT_MIXER_MIXER_MAP_H
#define FOURPOST_TESTS_UNIT_MIXER_MIXER_MAP_H

#include "mixer/address_map.h"

/* mixer_map_read - read the map of a section mixer with these settings more
 * than mail-domain and gateway-address; the configuration must outlive it */
struct conf *mixer_map_read(struct address_map *map, const char *more);

#endif
