/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP door: the only file that knows libcurl.
 *
 * It sends a token to the origin of the URL it is given and nowhere else: redirects are reported,
 * never followed; no netrc, no cookies, no key log; a loopback address never goes through a proxy.
 * Memory that libcurl frees is wiped.
 */
#pragma once

#include "base/io.h"

#define HTTP_BODY_MAX    ((size_t)1 << 20)
#define HTTP_CONNECT_MS  5000
#define HTTP_CONNECTIONS 12
#define HTTP_HEADER_MAX  512

#define HTTP_HEADERS_MAX ((size_t)64 << 10) /* of all headers of an answer */

enum http_silence {
	HTTP_ANSWERED,
	HTTP_NO_HOST,
	HTTP_NO_CONNECTION,
	HTTP_NO_TRUST, /* TLS, or its certificate */
	HTTP_TIME_OUT,
	HTTP_NO_PROXY,
	HTTP_NO_SENSE, /* an answer that breaks off, or is too long */
};

/* One request and what became of it. The answer's texts are as the server sent them: hostile. */
struct http_call {
	/* asked */
	const char *url;            /* NULL: this one is passed over */
	const struct secret *token; /* sent as Bearer; NULL for none */
	const struct secret *body;  /* JSON to POST; NULL for a GET */
	bool head;                  /* HEAD in place of GET: the answer has no body */
	size_t body_max;            /* of the answer; 0: HTTP_BODY_MAX */

	/* answered; zero before the call, http_call_release() after */
	enum http_silence silence; /* why there is no answer */
	int error; /* 0: there is an answer, of any status; else ERR_NETWORK or ERR_NO_MEMORY */
	struct err err;
	long status;
	struct secret answer;
	char error_code[64];                 /* X-Error-Code */
	char error_message[HTTP_HEADER_MAX]; /* X-Error-Message */
	char retry_after[32];
	char rate_limit[128];
	char location[HTTP_HEADER_MAX];
	char request_id[128];
	char date[40];
	char commit[64]; /* X-Repo-Commit: of every download, redirects and misses too */
};

void http_call_release(struct http_call *call);

/*
 * Performs the calls, in parallel, until all have ended or the deadline has passed. `tick` (may be
 * NULL) is called about ten times a second while it waits.
 */
int http_perform(struct http_call *calls, size_t count, deadline_ms deadline,
		 void (*tick)(void), struct err *err) MUST_CHECK;
