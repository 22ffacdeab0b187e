/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: `key = value` lines in the file `settings` of the settings folder, and for a whole
 * machine in /etc/hftoken/settings, which loses to the user's. `#` begins a comment line.
 */
#pragma once

#include "base/buf.h"
#include "base/url.h"
#include "core/store.h"
#include "core/token.h"

enum environment_setting { ENVIRONMENT_DEFAULT, ENVIRONMENT_FIRST, ENVIRONMENT_IGNORE };

/* A setting of one token: `cache.NAME`. */
struct settings_cache {
	char token[TOKEN_NAME_MAX + 1];
	unsigned seconds;
};
#define SETTINGS_CACHES 32

struct settings {
	char store[STORE_NAME_MAX + 1];       /* "auto": the ladder chooses */
	enum environment_setting environment; /* when HF_TOKEN is used */
	char endpoint[ENDPOINT_URL_MAX + 1];  /* a URL; "" if not set */
	unsigned cache; /* seconds that a used secret is kept; 0: not at all */
	struct settings_cache caches[SETTINGS_CACHES];
	size_t cache_count;
	bool caches_lost; /* there are more: tokens that are not among these are not kept */
	bool git_adopt;   /* a token that git's user has typed is kept */
	bool hf_follow;   /* huggingface_hub's token file follows the default token */
};

extern const struct settings settings_usual; /* where nothing is set */

/* Told about lines that make no sense; `where` is file and line number. May be NULL. */
typedef void (*settings_warning)(const char *where, const char *what);

/*
 * Reads both files; a missing one is empty. What makes no sense is warned about and left out; but a
 * `cache` that makes none is off, since it was to be something else than usual.
 */
int settings_load(struct settings *ret, settings_warning warn, struct err *err) MUST_CHECK;

/*
 * One setting in the user's file. `get` gives the value in force, the default included, for the
 * caller to free(). `set` checks the value and keeps comments and other lines as they are; `unset`
 * removes it. ERR_USAGE for a key that does not exist or a value it cannot have.
 */
int settings_get(const struct settings *settings, const char *key, char **ret,
		 struct err *err) MUST_CHECK;
int settings_set(const char *key, const char *value, struct err *err) MUST_CHECK;
int settings_unset(const char *key, struct err *err) MUST_CHECK;

/*
 * How many seconds the token's secret may be kept in memory once it was used: HFTOKEN_CACHE, else
 * `cache.NAME`, else `cache`.
 */
unsigned settings_cache_seconds(const struct settings *settings, const char *token);

/*
 * A token's own settings follow its new name in two steps, so that they hold whichever name it has:
 * copied to the new one before that is in force, and taken from the old one after.
 */
int settings_copy_token(const struct settings *settings, const char *from, const char *to,
			struct err *err) MUST_CHECK;
int settings_forget_token(const struct settings *settings, const char *token,
			  struct err *err) MUST_CHECK;

/* For settings_draft.c: the text of a folder's file, empty where there is none; one line changed. */
int settings_read_file(const char *folder, struct buf *ret, struct err *err) MUST_CHECK;
void settings_edit_text(char *text, const char *key, const char *value, struct buf *ret);

/* The keys, in the order of the manual; NULL behind the last. Those of single tokens come besides. */
extern const char *const settings_keys[];

/*
 * The Hub in force: `option` (may be NULL), else HF_ENDPOINT, else the staging Hub if
 * HUGGINGFACE_CO_STAGING is true, else the setting, else huggingface.co.
 */
struct hub_endpoint {
	char origin[ENDPOINT_SIZE];
	char url[ENDPOINT_SIZE + ENDPOINT_URL_MAX]; /* origin and path, no slash at the end */
	enum {
		ENDPOINT_BY_OPTION,
		ENDPOINT_BY_VARIABLE,
		ENDPOINT_BY_SETTING,
		ENDPOINT_USUAL
	} from;
};
/*
 * The Hub that the environment's token and huggingface_hub's files are for: the one that its
 * variables name, else huggingface.co. Options and settings of ours mean nothing to them.
 */
int settings_source_endpoint(char ret_origin[ENDPOINT_SIZE], struct err *err) MUST_CHECK;

int settings_endpoint(const struct settings *settings, const char *option,
		      struct hub_endpoint *ret, struct err *err) MUST_CHECK;
