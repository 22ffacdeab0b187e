/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of the Hub's API that we make, and what its answers mean.
 *
 * Sources: the Hub's OpenAPI document (paths, statuses), huggingface_hub (`whoami`, the headers
 * X-Error-Code and X-Error-Message, RateLimit).
 */
#pragma once

#include "base/io.h"
#include "core/identity.h"

#define HUB_WAIT_MS 10000

/* What the Hub said of a token; the names stand in JSON. */
enum hub_status {
	HUB_OK,
	HUB_INVALID, /* unknown, deleted or rotated */
	HUB_EXPIRED,
	HUB_UNREACHABLE, /* no answer, or none that says anything about the token */
	HUB_STATUS_COUNT,
};
extern const char *const hub_status_names[HUB_STATUS_COUNT];

/* One question "who is this token?". Zero before; hub_whoami_release() after. */
struct hub_whoami {
	const char *url;            /* of the Hub, without a slash at the end */
	const struct secret *token; /* NULL: not asked; the rest stays as it is */

	enum hub_status status;
	int error; /* 0, ERR_REFUSED, ERR_NETWORK… */
	struct err err;
	char message[300];        /* the Hub's own words, cleaned; "" if none */
	struct identity identity; /* of HUB_OK */
};

void hub_whoami_release(struct hub_whoami *ask);

/* Asks for all, in parallel. 0 if they were asked; what became of each is in it. */
int hub_whoami(struct hub_whoami *asks, size_t count, void (*tick)(void),
	       struct err *err) MUST_CHECK;

/*
 * Kills tokens at the Hub. It needs no authentication, always answers 202, and may be repeated; so
 * only whoami tells that a token is dead.
 */
int hub_revoke(const char *url, const struct secret *const tokens[], size_t count,
	       void (*tick)(void), struct err *err) MUST_CHECK;
