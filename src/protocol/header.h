/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line that gives a downloader its token, on stdout and so through a pipe: neither arguments,
 * which every user can read, nor a file need to hold it.
 */
#pragma once

#include "base/secret.h"

enum header_format {
	HEADER_PLAIN, /* Authorization: Bearer hf_… */
	HEADER_CURL,  /* header = "Authorization: Bearer hf_…", for curl --config */
	HEADER_NETRC, /* machine huggingface.co login alice password hf_… */
	HEADER_FORMAT_COUNT,
};
extern const char *const header_format_names[HEADER_FORMAT_COUNT];

/*
 * Appends the line. `host` (with or without port) and `username` are for netrc only, which knows
 * neither ports nor schemes. ERR_FORMAT for a secret that the format cannot carry: one with a
 * control byte, and in netrc with white space, quote, backslash or `#` at its start.
 */
int header_add(struct secret *ret, enum header_format format, const char *host,
	       const char *username, const struct secret *secret, struct err *err) MUST_CHECK;

/*
 * Writes the line for a URL to stdout. `name` is the explicit token's, or NULL. ERR_USAGE for what
 * is no URL, ERR_NO_TOKEN if no token goes to its host.
 */
int header_write(const char *url, enum header_format format, const char *name,
		 struct err *err) MUST_CHECK;
