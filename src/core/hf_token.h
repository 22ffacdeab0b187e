/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huggingface_hub's token file: whose token lies in it, and putting another one there.
 *
 * huggingface_hub reads the file on each call, so a new content is in force at once. Beside it lies
 * `stored_tokens`, an INI file with a section per login; a section with a `refresh_token` is an
 * OAuth session that huggingface_hub renews by itself, and then writes into the token file if that
 * still holds the old value. Source: huggingface_hub, utils/_auth.py. `stored_tokens` is only read here.
 */
#pragma once

#include "base/mask.h"
#include "core/hf_section.h"
#include "core/session.h"

enum hf_content {
	HF_NOTHING, /* no file, or an empty one */
	HF_STORED,  /* the value of a stored token */
	HF_FOREIGN, /* another token, or what is none */
	HF_SESSION, /* the token of an OAuth session of huggingface_hub's */
};

struct hf_token {
	char *path;
	struct secret value; /* trimmed */
	enum hf_content content;
	bool exposed;             /* the file can be read by others */
	char masked[MASKED_SIZE]; /* "" if what lies there is no token */
	char name[HF_SECTION_MAX +
		  1]; /* the stored token's, else the section's; "" if unknown */
	char endpoint[ENDPOINT_SIZE]; /* HF_STORED: what the token is bound to */
};

#define HF_TOKEN_NONE        \
	{                    \
		.path = NULL \
	}

/*
 * Looks at the file, and asks the stores of tokens that look the same. ERR_UNSAFE for what is no
 * regular file of ours (a symbolic link too: replacing it would part it from what it leads to);
 * a store's error if it cannot be told whether the token is a stored one. Release in any case.
 */
int hf_token_look(struct hf_token *ret, struct session *session, struct err *err) MUST_CHECK;
void hf_token_release(struct hf_token *file);
#define AUTOHFTOKEN CLEANUP(hf_token_release)

/*
 * Whether it is ours to replace or remove now: a stored token's, of the Hub that variables name. One
 * file serves every Hub; a passing HF_ENDPOINT is no reason to take another one's token away.
 */
bool hf_token_is_ours(const struct hf_token *file, const struct session *session);

/*
 * Replaces the file as a whole, mode 0600, or removes it. A missing folder is made, mode 0700; one
 * that belongs to somebody else is ERR_UNSAFE. The caller holds the catalogue's lock.
 *
 * Only what was looked at is removed: where `value` is not what lies there any more, ERR_BUSY, and
 * the file stays. One that is gone already is no error.
 */
int hf_token_put(const struct hf_token *file, const struct secret *value,
		 struct err *err) MUST_CHECK;
int hf_token_remove(const struct hf_token *file, struct err *err) MUST_CHECK;

/*
 * Removes what a writer that was killed has left beside the file: a token in plain text. Both of the
 * above do it too; this is for those who change nothing. As far as that is possible; no lock is needed.
 */
void hf_token_sweep(void);
