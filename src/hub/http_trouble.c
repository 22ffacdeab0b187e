/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http_trouble.h"

static int explain_proxy(const struct http_failure *failure, struct err *err)
{
	if (!failure->connect_status) {
		err_set(err, ERR_NETWORK, "cannot find the proxy");
		return err_hint(err, "check https_proxy and its kin");
	}
	err_set(err, ERR_NETWORK, "the proxy%s%s does not let us through to %s (status %ld)",
		*failure->peer ? " at " : "", failure->peer, failure->host,
		failure->connect_status);
	if (failure->connect_status == 407)
		return err_hint(err, "put name and password for the proxy into https_proxy, or "
				     "the Hub's host into no_proxy");
	return err_hint(err,
			"check https_proxy and its kin, or put the Hub's host into no_proxy");
}

static int explain_connection(const struct http_failure *failure, struct err *err)
{
	if (failure->broke_off)
		err_set(err, ERR_NETWORK, "the connection to %s broke before the answer came",
			failure->host);
	else
		err_set(err, ERR_NETWORK, "cannot connect to %s", failure->host);
	return err_hint(err, "check the network, the proxy variables and HF_ENDPOINT");
}

static int explain_trust(const struct http_failure *failure, struct err *err)
{
	if (!failure->certificate)
		return err_set(err, ERR_NETWORK, "no answer from %s: %s", failure->host,
			       failure->words);
	err_set(err, ERR_NETWORK, "the certificate of %s cannot be trusted: %s", failure->host,
		failure->words);
	return err_hint(err, "check the clock; behind a company's proxy set SSL_CERT_FILE to "
			     "its certificate");
}

static int explain_rest(const struct http_failure *failure, struct err *err)
{
	if (failure->too_long)
		return err_set(err, ERR_NETWORK,
			       "the answer of %s is longer than any sensible one",
			       failure->host);
	return err_set(err, ERR_NETWORK, "no answer from %s: %s", failure->host,
		       failure->words);
}

int http_explain(const struct http_failure *failure, enum http_silence *ret_silence,
		 struct err *err)
{
	bool kept = failure->connect_status && failure->connect_status / 100 != 2;

	*ret_silence = failure->too_long ? HTTP_NO_SENSE
		       : kept            ? HTTP_NO_PROXY
					 : failure->silence;
	switch (*ret_silence) {
	case HTTP_NO_HOST:
		err_set(err, ERR_NETWORK, "cannot find the host %s", failure->host);
		return err_hint(err, "check the spelling and the network (DNS)");
	case HTTP_NO_PROXY:
		return explain_proxy(failure, err);
	case HTTP_NO_CONNECTION:
		return explain_connection(failure, err);
	case HTTP_TIME_OUT:
		err_set(err, ERR_NETWORK, "%s did not answer in time", failure->host);
		return err_hint(err, "try again");
	case HTTP_NO_TRUST:
		return explain_trust(failure, err);
	default:
		return explain_rest(failure, err);
	}
}
