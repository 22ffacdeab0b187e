/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every answer of the Hub has: its own words, how long a limit lasts, and whether it is one
 * that a Hub gives. And the parts of hub_whoami(), for who asks more than that at once.
 */
#pragma once

#include "base/url.h"
#include "hub/api.h"
#include "hub/http.h"

#define HUB_URL_SIZE (ENDPOINT_URL_MAX + 64)

/* HF_HUB_OFFLINE, huggingface_hub's switch: no network at all. */
bool hub_is_offline(void);

/* ERR_NETWORK, and the way out of it. */
int hub_offline(struct err *err);

/* The Hub's own words, cleaned, tokens masked: of X-Error-Message, else of the body; "" if none. */
void hub_message(const struct http_call *call, char *ret, size_t capacity);

/* Seconds until the limit ends: of what RateLimit calls used up, else Retry-After; 0: not told. */
uint64_t hub_wait_seconds(const struct http_call *call);

/*
 * ERR_NETWORK for an answer that says nothing about the token: a limit, a redirect, a failure,
 * another server. `message` is hub_message()'s.
 */
int hub_no_answer(const struct http_call *call, const char *message, struct err *err);

/* The question of one whoami, and what its answer means. `ask->token` is there. */
void hub_whoami_begin(const struct hub_whoami *ask, char url[HUB_URL_SIZE],
		      struct http_call *call);
int hub_whoami_understand(struct hub_whoami *ask, const struct http_call *call);
