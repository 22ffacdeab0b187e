/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a token that somebody hands to us is sent anywhere.
 */
#pragma once

#include "core/session.h"

/*
 * A variable is easily set by a page of instructions, and whoever runs the host that it names can
 * read the token. So a host in HF_ENDPOINT that is neither Hugging Face's nor this machine must be
 * named on the command line, or agreed to; without a terminal it is ERR_USAGE. Where the user wants
 * huggingface.co instead, the session is opened anew for that.
 */
int trust_endpoint(struct session *session, const struct session_options *how,
		   struct err *err) MUST_CHECK;
