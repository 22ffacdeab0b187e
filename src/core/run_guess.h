/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which repositories a command line names beyond doubt. Pure: what exists is asked of the caller.
 *
 *	hf download acme/m1, huggingface-cli upload acme/m1 ., vllm serve acme/m1
 *	--model acme/m1, --model-id, --repo-id, --dataset, --tokenizer, -hf acme/m1:Q4_K_M, --hf-repo
 *	https://huggingface.co/acme/m1/resolve/main/x, hf://datasets/acme/d1/x
 *
 * A wrong guess is worse than none, which leaves the default token. So a value of an option counts
 * only as `namespace/name`; nothing that is a path, looks like a file, or could be the value of an
 * option that is not known here, counts at all.
 *
 * Sources: huggingface_hub's cli/ (download, upload), vLLM's `serve`, llama.cpp's common/arg.cpp.
 */
#pragma once

#include "core/repo.h"

#define RUN_REPOS_MAX 32

struct run_guess {
	struct repo repos[RUN_REPOS_MAX];
	size_t count;
	bool writes; /* the command is an upload */
};

/* `endpoint`: the Hub that URLs must name; `exists`: whether there is such a path. */
void run_guess(char *const words[], size_t count, const char *endpoint,
	       bool (*exists)(const char *path), struct run_guess *ret);
