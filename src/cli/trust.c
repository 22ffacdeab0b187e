/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trust.h"

#include "cli/prompt.h"
#include "cli/ui.h"

static int refuse(const char *origin, struct err *err)
{
	const char *host = endpoint_host(origin);

	err_set(err, ERR_USAGE,
		"HF_ENDPOINT names %s: whoever runs it can read the token, so nothing was sent",
		host);
	return err_hint(err,
			"--endpoint %s for the Hub itself, or --endpoint %s if %s is meant",
			ENDPOINT_HUB, origin, host);
}

int trust_endpoint(struct session *session, const struct session_options *how, struct err *err)
{
	const struct hub_endpoint *endpoint = &session->endpoint;
	struct session_options hub = *how;
	bool yes = false;
	int error;

	if (endpoint->from != ENDPOINT_BY_VARIABLE || endpoint_is_hub(endpoint->origin) ||
	    endpoint_is_loopback(endpoint->origin))
		return 0;
	if (!prompt_possible())
		return refuse(endpoint->origin, err);
	ui_warn("HF_ENDPOINT names %s: whoever runs it can read the token",
		endpoint_host(endpoint->origin));
	error = prompt_yes("Use huggingface.co instead?", true, &yes, err);
	if (error)
		return error;
	if (!yes) {
		error = prompt_yes("Send the token to that host?", false, &yes, err);
		return error || yes ? error : err_set(err, ERR_CANCELLED, "nothing was sent");
	}
	session_release(session);
	hub.endpoint = ENDPOINT_HUB;
	return session_open(session, &hub, err);
}
