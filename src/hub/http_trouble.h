/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Within the HTTP door: in words, why there is no answer.
 */
#pragma once

#include "hub/http.h"

/* A transfer that failed, as libcurl tells it. Texts are the caller's. */
struct http_failure {
	enum http_silence silence;
	bool too_long;       /* it was we who gave up */
	bool broke_off;      /* of a missing connection: there was one */
	bool certificate;    /* of missing trust: it is the certificate's fault */
	long connect_status; /* what a proxy answered to CONNECT; 0: none was asked */
	const char *words;
	const char *peer; /* the address that was connected to; "" if none was */
	const char *host; /* the one that was meant */
};

/* ERR_NETWORK, with what to check. A proxy that lets nobody through has no code in libcurl. */
int http_explain(const struct http_failure *failure, enum http_silence *ret_silence,
		 struct err *err);
