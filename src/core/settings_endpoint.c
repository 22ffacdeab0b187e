/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/settings.h"

/*
 * Requests go to the checked origin with the path behind it, never to the text as it was given:
 * two readers of a URL must not find two hosts in it.
 */
static int take_endpoint(const char *url, struct hub_endpoint *ret, struct err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._~%-";
	const char *path;
	size_t size;
	int error = endpoint_of_url(url, ret->origin, err);

	if (error)
		return error;
	path = strstr(url, "://") + 3;
	path += strcspn(path, "/?#");
	size = strspn(path, plain);
	if (path[size])
		return err_set(err, ERR_USAGE, "endpoint has a stray character in its path");
	while (size > 0 && path[size - 1] == '/')
		size--;
	(void)snprintf(ret->url, sizeof(ret->url), "%s%.*s", ret->origin, (int)size, path);
	return 0;
}

int settings_endpoint(const struct settings *settings, const char *option,
		      struct hub_endpoint *ret, struct err *err)
{
	const char *variable = getenv("HF_ENDPOINT");
	struct hub_endpoint endpoint = {.from = ENDPOINT_USUAL};
	const char *url = ENDPOINT_HUB;
	int error;

	if (option) {
		url = option;
		endpoint.from = ENDPOINT_BY_OPTION;
	} else if (variable && *variable) {
		url = variable;
		endpoint.from = ENDPOINT_BY_VARIABLE;
	} else if (text_is_true(getenv("HUGGINGFACE_CO_STAGING"))) {
		url = "https://hub-ci.huggingface.co";
		endpoint.from = ENDPOINT_BY_VARIABLE;
	} else if (*settings->endpoint) {
		url = settings->endpoint;
		endpoint.from = ENDPOINT_BY_SETTING;
	}
	error = take_endpoint(url, &endpoint, err);
	if (error && endpoint.from == ENDPOINT_BY_VARIABLE)
		return err_context(err, "HF_ENDPOINT");
	if (error)
		return error;
	*ret = endpoint;
	return 0;
}

int settings_source_endpoint(char ret_origin[ENDPOINT_SIZE], struct err *err)
{
	struct hub_endpoint endpoint;
	static const struct settings none = {0};
	int error = settings_endpoint(&none, NULL, &endpoint, err);

	if (!error)
		(void)text_copy(ret_origin, ENDPOINT_SIZE, endpoint.origin);
	return error;
}
