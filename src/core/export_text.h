/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text in which `hftoken export` hands tokens to `hftoken import -` on another machine: one
 * block of `key=value` lines for each, ended by an empty line (base/lines.h).
 *
 *	hftoken-export 1
 *	name=work
 *	endpoint=https://huggingface.co
 *	account=alice
 *	kind=fine-grained
 *	default=yes
 *	expires=2027-01-01T00:00:00Z
 *	token=hf_…
 *
 *	end count=1 check=9a3f51c2e07b4d18
 *
 * `account`, `kind`, `default` and `expires` may be missing; unknown keys are passed over. `endpoint`
 * is the binding that was sealed in with the secret. The last line counts the blocks and has the
 * checksum (base/checksum.h) of all bytes before it, so that a pipe that was cut off anywhere is
 * noticed. A reader refuses a larger number in the first line.
 *
 * The refresh token of a session is no part of it: that has one owner.
 */
#pragma once

#include "base/secret.h"
#include "core/token.h"

#define EXPORT_MAX        ((size_t)1 << 20) /* bytes of the text */
#define EXPORT_TOKENS_MAX 1024

/* Texts lie in the export's own text, cut in place. */
struct export_token {
	const char *name;     /* legal */
	const char *endpoint; /* in its one spelling */
	const char *account;  /* "" if unknown */
	const char *token;
	enum token_kind kind;
	int64_t expires; /* or TIME_UNKNOWN */
	bool is_default; /* of that endpoint */
};

struct exported {
	struct export_token *tokens;
	size_t count;
};

void exported_release(struct exported *exported);
#define AUTOEXPORTED CLEANUP(exported_release)

/* Writing: begin, add each, end. ERR_FORMAT where a limit would be passed. */
int export_begin(struct secret *text, struct err *err) MUST_CHECK;
int export_add(struct secret *text, const struct token *token, const struct secret *secret,
	       bool is_default, struct err *err) MUST_CHECK;
int export_end(struct secret *text, size_t count, struct err *err) MUST_CHECK;

/*
 * Reads a whole export, or nothing. ERR_FORMAT: it is none. ERR_DAMAGED: it is cut off, changed, or
 * makes no sense; an empty text is one, since whoever should have written it has failed. ERR_TOO_NEW.
 * The text is cut up and must live as long as the result. Messages show none of it.
 */
int export_parse(struct secret *text, struct exported *ret, struct err *err) MUST_CHECK;
