/* SPDX-License-Identifier: ISC */
/*
 * handed.c - the settings that master hands a process at its start
 */
#include "worker/handed.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"

/* handed_conf - read the settings and close the descriptor */
struct conf *
handed_conf(const struct worker *worker)
{
	int fd = WORKER_LISTEN_FD + (int)worker->listen_count, rc = 0;
	struct diag diag = {0};
	struct conf *conf = NULL;
	struct buffer text;

	buffer_init(&text, CONF_FILE_MAX);
	while (rc == 0) {
		uint8_t *room;
		ssize_t n;

		rc = buffer_reserve(&text, BUFSIZ, &room);
		n = rc == 0 ? read(fd, room, BUFSIZ) : -1;
		if (n < 0)
			fatal(EX_CONFIG, "no configuration from master");
		if (n == 0)
			break;
		buffer_commit(&text, (size_t)n);
	}
	(void)close(fd);
	rc = conf_parse_text(
	    buffer_slice(&text), "configuration", CONF_HANDED, &conf, &diag);
	if (rc != 0)
		fatal(EX_CONFIG, "%s", diag_text(&diag));
	/* Tokens may stand in it. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.capacity);
	buffer_fini(&text);
	category_levels(conf->mta.log_levels);
	return conf;
}
