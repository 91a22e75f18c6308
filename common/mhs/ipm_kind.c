/* SPDX-License-Identifier: ISC */
/*
 * ipm_kind.c - the kinds of body parts (X.420 7.3)
 *
 * Contract in ipm_decode.h and ipm_part.h.
 */
#include "mhs/ipm_oid.h"
#include "mhs/ipm_part.h"

/* ipm_kind_name - name a kind, in the words of X.420 */
const char *
ipm_kind_name(enum ipm_kind kind)
{
	static const char *const name[] = {
	    [IPM_KIND_IA5_TEXT] = "ia5-text",
	    [IPM_KIND_GENERAL_TEXT] = "general-text",
	    [IPM_KIND_TELETEX] = "teletex",
	    [IPM_KIND_FILE] = "file-transfer",
	    [IPM_KIND_BILATERALLY] = "bilaterally-defined",
	    [IPM_KIND_MESSAGE] = "message",
	    [IPM_KIND_G3_FACSIMILE] = "g3-facsimile",
	    [IPM_KIND_G4_CLASS1] = "g4-class1",
	    [IPM_KIND_VIDEOTEX] = "videotex",
	    [IPM_KIND_ENCRYPTED] = "encrypted",
	    [IPM_KIND_MIXED_MODE] = "mixed-mode",
	    [IPM_KIND_NATIONALLY] = "nationally-defined",
	    [IPM_KIND_OTHER] = "other",
	};

	return name[kind];
}

/* ipm_part_kind - find the kind of an extended body by the last arc of its
 * type */
enum ipm_kind
ipm_part_kind(int type)
{
	switch (type) {
	case IPM_ET_IA5_TEXT:
		return IPM_KIND_IA5_TEXT;
	case IPM_ET_G3_FACSIMILE:
		return IPM_KIND_G3_FACSIMILE;
	case IPM_ET_G4_CLASS1:
		return IPM_KIND_G4_CLASS1;
	case IPM_ET_TELETEX:
		return IPM_KIND_TELETEX;
	case IPM_ET_VIDEOTEX:
		return IPM_KIND_VIDEOTEX;
	case IPM_ET_ENCRYPTED:
		return IPM_KIND_ENCRYPTED;
	case IPM_ET_MESSAGE:
		return IPM_KIND_MESSAGE;
	case IPM_ET_MIXED_MODE:
		return IPM_KIND_MIXED_MODE;
	case IPM_ET_BILATERALLY:
		return IPM_KIND_BILATERALLY;
	case IPM_ET_NATIONALLY:
		return IPM_KIND_NATIONALLY;
	case IPM_ET_GENERAL_TEXT:
		return IPM_KIND_GENERAL_TEXT;
	case IPM_ET_FILE:
		return IPM_KIND_FILE;
	default:
		return IPM_KIND_OTHER;
	}
}
