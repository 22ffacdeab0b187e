/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two formats of the file `stored_tokens`, in which huggingface_hub keeps its tokens by name.
 *
 * The Python library writes an INI file and reads it with configparser, interpolation off:
 *
 *	[oauth-alice]
 *	hf_token = hf_oauth_…
 *	refresh_token = hf_oauth__refresh_…
 *	expires_at = 1790000000
 *
 * The Rust CLI, hfrs, writes JSON into the same path:
 *
 *	{"tokens":{"work":{"token":"hf_…"}},"active":"work"}
 *
 * where `active` names the token that lies in the token file; null or no such member is none.
 * Neither can read the other's. Sources: huggingface_hub's utils/_auth.py, Python's configparser,
 * hfrs' util/token.rs.
 */
#pragma once

#include "base/secret.h"

#define HF_STORED_MAX  ((size_t)1 << 20) /* bytes of the file */
#define HF_ENTRIES_MAX 256
#define HF_NAME_MAX    ((size_t)64)

/* Texts lie in the file's own text, cut in place. */
struct hf_entry {
	const char *name;
	bool has_name; /* it can be shown and typed; else the entry is not for our users */
	const char *token;
	int64_t expires; /* seconds since 1970, or TIME_UNKNOWN */
	bool refreshes;  /* a session: the program that keeps it renews it */
	size_t start;    /* where the entry stands in the file: a section, a member */
	size_t end;
};

struct hf_stored {
	struct hf_entry entries[HF_ENTRIES_MAX];
	size_t count;
	size_t unusable; /* entries without a token or a name to show, or too many */

	const char *active;  /* JSON: the name there; NULL if there is none */
	size_t active_start; /* where that stands in the file, with its quotes */
	size_t active_end;
};

/*
 * Reads either format; the text is cut up, and must live as long as the entries. ERR_FORMAT for
 * what its own program would not read: a line that is none, a section or key that is there twice;
 * the message names the line, and never what stands in it. An empty text has no entries.
 */
int hf_stored_parse(struct secret *text, struct hf_stored *ret, struct err *err) MUST_CHECK;

/* Whether nothing seems to be missing at the end. */
bool hf_stored_is_whole(const char *text, size_t size);

/* The formats, once hf_stored_parse() knows which it is and that it is text. */
int hf_ini_parse(char *text, struct hf_stored *ret, struct err *err) MUST_CHECK;
int hf_json_parse(char *text, struct hf_stored *ret, struct err *err) MUST_CHECK;

/* Takes an entry; counts it as unusable if it lacks a token (NULL) or a name to show. */
void hf_stored_add(struct hf_stored *stored, const struct hf_entry *entry);
