/* SPDX-License-Identifier: ISC */
/*
 * assembly.h - what of an interpersonal message stands where in a file
 *
 * A file says how long its text and attachments are before they come, and a
 * message does not.  So its content is read twice: the first time everything
 * is measured and named, the second time each octet goes to its place.  Both
 * times the same decisions are made in the same order.
 *
 *   text                  labels (label.h), and the first text of the message
 *                         itself
 *   TEXTn.TXT             any further text
 *   GENERAL-TEXTn.BIN     the octets of a text in a character set that is not
 *                         known, besides the text with marks
 *   name of the file      a file, under a name that is safe
 *   FILEn.BIN             a file without a name, a bilaterally defined body
 *   MESSAGEn.TXT          heading and texts of a forwarded message
 *   MESSAGEn.BER          a forwarded message that cannot be read
 *   G3-FACSIMILEn.BER …   any other body, as BER
 */
#ifndef FOURPOST_MSMI_ASSEMBLY_H
#define FOURPOST_MSMI_ASSEMBLY_H

#include "mhs/ipm_decode.h"
#include "msmi/address.h"
#include "msmi/mmff.h"

#define ASSEMBLY_NAME_MAX 64 /* octets of an attachment's name */

struct assembly_target {
	uint64_t size;	 /* measured */
	uint64_t done;	 /* written */
	uint64_t offset; /* in the file */
};

struct assembly {
	const struct addressing *addressing;
	struct arena *arena;
	struct assembly_target target[1 + MMFF_ATTACHMENTS_MAX];
	struct mmff_attachment attachment[MMFF_ATTACHMENTS_MAX];
	size_t targets; /* the text is the first */
	bool writing;
	/* 0 or an error that ends it; octets of a target, in order */
	int (*write)(void *arg, uint64_t offset, struct slice octets);
	void *arg;
	const struct or_address *sender; /* of the envelope, or NULL */
	struct slice subject;
	enum ipm_importance importance;
	bool registered; /* somebody here is asked for a receipt */
	/* of the pass under way */
	size_t created;
	size_t current;
	size_t original; /* the target of a text's own octets */
	size_t of_level[IPM_LEVELS];
	bool has_text;
	bool is_text;		    /* what comes is UTF-8, to be coded */
	struct code_page_rest rest; /* of it */
	struct line_end line_end;   /* of it */
	struct buffer lines;
	struct buffer coded;
	unsigned texts, files, messages, others;
};

/* assembly_init - begin with nothing measured */
void assembly_init(struct assembly *assembly,
    const struct addressing *addressing, struct arena *arena);

/* assembly_fini - give back its memory */
void assembly_fini(struct assembly *assembly);

/* assembly_handler - make the handler for a decoder of the content */
struct ipm_handler assembly_handler(struct assembly *assembly);

/*
 * assembly_write - begin to write what was measured
 *
 * header is the length of what stands before the text.
 */
void assembly_write(struct assembly *assembly, uint64_t header,
    int (*write)(void *arg, uint64_t offset, struct slice octets), void *arg);

/* assembly_text, assembly_attach - put text, or begin another target of this
 * name, without a decoder; assembly_data takes octets of that target */
int assembly_text(struct assembly *assembly, struct slice text) WARN_UNUSED;
int assembly_attach(struct assembly *assembly, const char *name) WARN_UNUSED;
int assembly_data(struct assembly *assembly, struct slice octets) WARN_UNUSED;

/*
 * assembly_safe_name - make a name that is no path and that any system takes
 *
 * What comes before the last / \ or : is dropped, what is no letter for DOS
 * becomes _, a dot in front too, and the first letter of a device's name.
 * False if nothing is left.
 */
bool assembly_safe_name(struct slice name, char safe[ASSEMBLY_NAME_MAX + 1]);

#endif
