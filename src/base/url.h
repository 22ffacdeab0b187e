/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints: the origin of a Hub, to which tokens are bound. They are compared as text, exactly, so
 * everything depends on each origin having one spelling: lower case, no default port, no user
 * info, no trailing dot, `hf.co` and `www.huggingface.co` written as `huggingface.co`, and nothing
 * else an alias of anything.
 */
#pragma once

#include "base/err.h"

#define ENDPOINT_SIZE    272 /* scheme, a host name of 253, port, NUL */
#define ENDPOINT_URL_MAX ((size_t)2048)
#define ENDPOINT_HUB     "https://huggingface.co"

/* The endpoint of a URL; path, query and fragment do not matter. ERR_USAGE says what is wrong. */
int endpoint_of_url(const char *url, char ret[ENDPOINT_SIZE], struct err *err) MUST_CHECK;

/* The endpoint of git's two attributes, `https` and `host[:port]`. */
int endpoint_of_host(const char *protocol, const char *host, char ret[ENDPOINT_SIZE],
		     struct err *err) MUST_CHECK;

/* "host[:port]" within an endpoint. */
const char *endpoint_host(const char *endpoint);

/* A Hub run by Hugging Face: huggingface.co or its staging twin hub-ci.huggingface.co. */
bool endpoint_is_hub(const char *endpoint);

/* 127.0.0.0/8, ::1 or `localhost`: nobody else can listen there. */
bool endpoint_is_loopback(const char *endpoint);
