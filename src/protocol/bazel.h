/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential helper protocol of EngFlow's specification, as Bazel speaks it: one command,
 * `get`; `{"uri":"…"}` on stdin, `{"headers":{…},"expires":"…"}` on stdout. Source:
 * EngFlow/credential-helper-spec; com.google.devtools.build.lib.authandtls.credentialhelper.
 *
 * Bazel asks for each file, and again for each hop of a redirect. A failure fails the build, so a
 * URI that is none of ours gets the answer "no headers"; the specification would rather have it
 * fail. Content hosts are never ours: their URLs are signed, and refuse a second authorization.
 */
#pragma once

#include "core/repo.h"

#define BAZEL_INPUT_MS  5000
#define BAZEL_INPUT_MAX ((size_t)64 << 10)

/* ERR_FORMAT for what is no such request. `ret_uri` is the caller's to free(). */
int bazel_request_parse(const char *text, size_t size, char **ret_uri,
			struct err *err) MUST_CHECK;

/*
 * Serves one command on stdin and stdout. `name` is the explicit token's, or NULL. Returns 0 or an
 * error to report; stdout gets a whole answer or nothing.
 */
int bazel_serve(const char *command, const char *name, struct err *err) MUST_CHECK;
