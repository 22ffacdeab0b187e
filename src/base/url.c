/* SPDX-License-Identifier: Apache-2.0 */
#include "base/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The parts of "scheme://host[:port]", as slices of a lower-case copy. */
struct origin {
	bool tls;
	char host[256]; /* with the brackets of an IPv6 address */
	unsigned port;
};

static int bad(struct err *err, const char *what)
{
	err_set(err, ERR_USAGE, "%s", what);
	return err_hint(err, "an endpoint looks like https://huggingface.co");
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_';
}

/* A name of letters, digits, '-', '_' in labels: no empty label, so no trailing dot either. */
static bool is_name(const char *host)
{
	char before = '.';

	for (; *host; host++) {
		if (!is_host_char(*host) || (*host == '.' && before == '.'))
			return false;
		before = *host;
	}
	return before != '.';
}

static bool is_address_v6(const char *host)
{
	char address[64];
	struct in6_addr parsed;
	size_t size = strlen(host);

	if (size < 4 || size >= sizeof(address) || host[0] != '[' || host[size - 1] != ']')
		return false;
	memcpy(address, host + 1, size - 2);
	address[size - 2] = '\0';
	return inet_pton(AF_INET6, address, &parsed) == 1;
}

static bool is_loopback_host(const char *host)
{
	struct in_addr address;
	struct in6_addr address6;
	char bare[64];

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &address) == 1)
		return (ntohl(address.s_addr) >> 24) == 127;
	if (!is_address_v6(host) || !text_copy(bare, sizeof(bare), host + 1))
		return false;
	bare[strlen(bare) - 1] = '\0';
	return inet_pton(AF_INET6, bare, &address6) == 1 && IN6_IS_ADDR_LOOPBACK(&address6);
}

/* Splits "host[:port]". */
static int read_host(struct origin *origin, const char *host, struct err *err)
{
	const char *end = strchr(host, ']');
	const char *colon = strchr(end ? end : host, ':');
	size_t size = colon ? (size_t)(colon - host) : strlen(host);
	uint64_t port;

	if (size == 0 || size >= sizeof(origin->host))
		return bad(err, "endpoint has no host name");
	for (size_t i = 0; i < size; i++) {
		char c = host[i];

		origin->host[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	origin->host[size] = '\0';
	if (!is_name(origin->host) && !is_address_v6(origin->host))
		return bad(err, "endpoint's host name is not valid");
	origin->port = origin->tls ? 443 : 80;
	if (!colon)
		return 0;
	if (!text_to_number(colon + 1, 65535, &port) || port == 0)
		return bad(err, "endpoint's port is not a number from 1 to 65535");
	origin->port = (unsigned)port;
	return 0;
}

static int write_origin(const struct origin *origin, char ret[ENDPOINT_SIZE], struct err *err)
{
	const char *host = origin->host;
	unsigned usual = origin->tls ? 443 : 80;

	if (!origin->tls && !is_loopback_host(host)) {
		err_set(err, ERR_USAGE, "plain http would show the token to the network");
		return err_hint(err, "use https; plain http is for loopback addresses only");
	}
	if (origin->tls && origin->port == 443 &&
	    (strcmp(host, "hf.co") == 0 || strcmp(host, "www.huggingface.co") == 0))
		host = "huggingface.co";
	(void)snprintf(ret, ENDPOINT_SIZE, "%s://%s", origin->tls ? "https" : "http", host);
	if (origin->port != usual) {
		size_t used = strlen(ret);

		(void)snprintf(ret + used, ENDPOINT_SIZE - used, ":%u", origin->port);
	}
	return 0;
}

int endpoint_of_host(const char *protocol, const char *host, char ret[ENDPOINT_SIZE],
		     struct err *err)
{
	struct origin origin = {0};
	int error;

	if (text_equal_fold(protocol, "https"))
		origin.tls = true;
	else if (!text_equal_fold(protocol, "http"))
		return bad(err, "endpoint is neither https nor http");
	error = read_host(&origin, host, err);
	if (error)
		return error;
	return write_origin(&origin, ret, err);
}

int endpoint_of_url(const char *url, char ret[ENDPOINT_SIZE], struct err *err)
{
	const char *separator = strstr(url, "://");
	char protocol[8];
	char host[ENDPOINT_SIZE];
	size_t size;

	if (strlen(url) > ENDPOINT_URL_MAX)
		return bad(err, "endpoint is too long");
	if (!separator || (size_t)(separator - url) >= sizeof(protocol))
		return bad(err, "endpoint is not a URL");
	memcpy(protocol, url, (size_t)(separator - url));
	protocol[separator - url] = '\0';
	/* Whoever reads a backslash otherwise than we do finds none: it is no part of a host name. */
	size = strcspn(separator + 3, "/?#");
	if (size >= sizeof(host))
		return bad(err, "endpoint's host name is too long");
	memcpy(host, separator + 3, size);
	host[size] = '\0';
	if (strchr(host, '@'))
		return bad(err, "endpoint holds a user name");
	return endpoint_of_host(protocol, host, ret, err);
}

const char *endpoint_host(const char *endpoint)
{
	const char *separator = strstr(endpoint, "://");

	return separator ? separator + 3 : endpoint;
}

bool endpoint_is_hub(const char *endpoint)
{
	return strcmp(endpoint, ENDPOINT_HUB) == 0 ||
	       strcmp(endpoint, "https://hub-ci.huggingface.co") == 0;
}

bool endpoint_is_loopback(const char *endpoint)
{
	struct origin origin = {.tls = text_starts_with(endpoint, "https:")};

	return read_host(&origin, endpoint_host(endpoint), NULL) == 0 &&
	       is_loopback_host(origin.host);
}
