/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git does not say in its question, its process does: what it is about to do, from the command
 * lines of our ancestors, and for which repository, from those or from the remotes of the
 * repository that it runs in.
 *
 * These are hints, used only to choose among tokens that may go to the endpoint anyway. So nothing
 * here is an error; every look is bounded, nothing is waited for, and git is not run.
 *
 * Sources: proc(5), gitremote-helpers(7), git-config(1), gitrepository-layout(5).
 */
#pragma once

#include <sys/types.h>

#include "core/operation.h"
#include "core/repo.h"

#define GIT_ANCESTORS_MAX 16
#define GIT_OTHERS_MAX    1                 /* of those, not git's, one behind the other */
#define GIT_COMMAND_MAX   ((size_t)8 << 10) /* of a command line; what is longer is cut */
#define GIT_CONFIG_MAX    ((size_t)1 << 20)
#define GIT_FOLDERS_MAX   64 /* upward, in search of a repository */

struct git_hints {
	enum operation operation;
	bool has_repo;
	struct repo repo; /* always on the endpoint that was asked about */
};

/* Looks at this process's ancestors, and if `want_repo`, for a repository at all these places. */
void git_hints_find(const char *endpoint, bool want_repo, struct git_hints *ret);

/* ---- the single looks, for tests ---------------------------------------------------------------- */

/* From the process `pid` upward; `proc` is "/proc". Adds what is not known yet. */
void git_hints_of_process(const char *proc, pid_t pid, const char *endpoint,
			  struct git_hints *hints);

/* One command line, its words each ended by a NUL. */
void git_hints_of_command(const char *words, size_t size, const char *endpoint,
			  struct git_hints *hints);

/* The repository of `git_dir`, or NULL: of that folder itself, or of the first `.git` upward. */
bool git_hints_of_folder(const char *folder, const char *git_dir, const char *endpoint,
			 struct repo *ret);

/* The text of a `config` file: the remote `origin`, else the first that is on the endpoint. */
bool git_hints_of_config(const char *text, size_t size, const char *endpoint, struct repo *ret);
