/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret records: what a store keeps under an id. The token on the first line, then `key=value`
 * lines; the binding to endpoints is sealed in with the token, so that no edit of the catalogue,
 * a rule or a variable can send it elsewhere.
 *
 *	hf_…
 *	endpoint=https://huggingface.co
 *	created=2026-09-30T12:00:00Z
 */
#pragma once

#include "base/secret.h"

/* Makes a record. ERR_FORMAT if it would pass RECORD_MAX. */
int record_make(const struct secret *token, const char *endpoint, int64_t created,
		struct secret *ret, struct err *err) MUST_CHECK;

/*
 * Takes the token out of a record, if it is bound to `endpoint`. A record that is not, that has no
 * binding, or that makes no sense is ERR_DAMAGED: there is no default to fall back on.
 */
int record_open(const struct secret *record, const char *endpoint, struct secret *ret_token,
		struct err *err) MUST_CHECK;

/* When the record was made: seconds since 1970, TIME_UNKNOWN if it does not say. */
int64_t record_created(const struct secret *record);
