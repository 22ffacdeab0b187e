/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's configuration as far as credential helpers go, as git itself reads it.
 *
 * For one URL git runs every `credential.helper` and `credential.<url>.helper` that matches, in the
 * order of its files (system, global, local, worktree, command line); an empty value cuts off those
 * before it. See gitcredentials(7).
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "cli/git_section.h"

enum git_scope { GIT_GLOBAL, GIT_LOCAL };

struct git_helper {
	const char *key;    /* "credential.https://huggingface.co.helper" */
	const char *value;  /* as in the configuration */
	const char *scope;  /* "global", "local"… */
	const char *origin; /* "file:/home/alice/.gitconfig" */
};

#define GIT_HELPERS_MAX 64
struct git_helpers {
	struct buf text; /* owns the texts below */
	struct git_helper list[GIT_HELPERS_MAX];
	size_t count;
};

void git_helpers_release(struct git_helpers *helpers);
#define AUTOHELPERS CLEANUP(git_helpers_release)

/* The helpers that git would run for an endpoint, in order. ERR_FAILED without a usable git. */
int git_helpers_for(const char *endpoint, struct git_helpers *ret, struct err *err) MUST_CHECK;

/* The same from `text`, which has the form of git config --list -z --show-scope --show-origin. */
int git_helpers_read(struct git_helpers *helpers, const char *endpoint,
		     struct err *err) MUST_CHECK;

/* Whether git asks us first for that endpoint; UNKNOWN without a usable git. */
enum tristate git_asks_us(const char *endpoint);

/* Whether git tells a helper the path of what it asks for (useHttpPath); UNKNOWN without a git. */
enum tristate git_sends_path(const char *endpoint);

/*
 * All of git's configuration, in its order. A value is NULL where a key has none. Values may hold
 * passwords; they are wiped afterwards. ERR_FAILED without a usable git. The scope is git's word:
 * "system", "global", "local", "worktree", "command".
 */
typedef void (*git_config_found)(void *user, const char *scope, const char *origin,
				 const char *key, const char *value);
int git_config_each(git_config_found found, void *user, struct err *err) MUST_CHECK;

/* Whether a helper's value is git's own `store`. */
bool git_helper_is_store(const char *value);

/*
 * The file in `store --file PATH`, `~` expanded, for the caller to free(); NULL if it names none, or
 * one that is not absolute. False without memory.
 */
bool git_store_path(const char *value, char **ret) MUST_CHECK;

/* The configuration file of the repository that we are in, for the caller to free(). */
int git_config_local(char **ret, struct err *err) MUST_CHECK;
