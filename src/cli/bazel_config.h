/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bazel's .bazelrc as far as credential helpers go: one line for each host,
 *
 *	common --credential_helper=huggingface.co=bazel-credential-hftoken
 *
 * under a comment of ours. Other lines stay as they are; they may hold passwords, so the text is a
 * secret.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"

#define BAZEL_CONFIG_MAX ((size_t)1 << 20)
#define BAZEL_HELPER     "bazel-credential-hftoken"

/*
 * Has Bazel ask `program` for that host. `ret_before` is set if it did already. ERR_FAILED if
 * another helper is named for the host, unless `force`: the last line wins.
 */
int bazel_config_wire(struct secret *text, const char *host, const char *program, bool force,
		      bool *ret_before, struct err *err) MUST_CHECK;

/* Takes all lines of ours out again; how many hosts that were. */
int bazel_config_unwire(struct secret *text, size_t *ret_count, struct err *err) MUST_CHECK;

/*
 * Calls `found` for each helper that a line names for a host exactly; `program` as Bazel will start
 * it, without quotes. Texts live for the call.
 */
typedef void (*bazel_helper_found)(void *user, const char *host, const char *program);
int bazel_config_each(const struct secret *text, bazel_helper_found found, void *user,
		      struct err *err) MUST_CHECK;
