/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where other programs keep tokens in plain text. Read only.
 *
 * Sources: huggingface_hub (`HF_TOKEN_PATH`, `HF_HOME`, and `stored_tokens` beside the token
 * file), git-credential-store(1), netrc(5).
 */
#pragma once

#include "base/secret.h"

/* huggingface_hub's token file, for the caller to free(); NULL where there is no home. */
char *plain_hf_path(void);

/* `stored_tokens`, which stands beside that file wherever that is. */
char *plain_hf_stored_path(void);

/* The files that git-credential-store looks into by itself, as above. */
#define PLAIN_GIT_FILES 2
char *plain_git_path(unsigned number);

/*
 * The token in that file, trimmed. `ret` stays empty if there is no file, or none that could be a
 * token.
 */
int plain_hf_token(struct secret *ret, struct err *err) MUST_CHECK;

/* The text of huggingface_hub's `stored_tokens`; `ret` stays empty if it cannot be read. */
void plain_hf_stored_tokens(struct secret *ret);

/* Calls `found` with the path of every such file that holds the secret. */
void plain_search(const struct secret *secret, void (*found)(const char *path, void *user),
		  void *user);
