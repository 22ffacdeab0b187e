/* SPDX-License-Identifier: Apache-2.0 */
#include "core/credential_files.h"

#include <string.h>

#include "base/text.h"

#define BLANK     " \t\r"
#define HOST_SIZE 256

/* The next line, without its end; NULL behind the last. The text is a secret's: it ends in a NUL. */
static char *next_line(char **next)
{
	char *line = *next;
	char *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	*next = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* ---- netrc ------------------------------------------------------------------------------------ */

struct netrc {
	char *next;
	struct credential now;
	bool open; /* a machine was named */
	credential_found found;
	void *user;
};

/* Up to a quote, with what a backslash stands before. */
static char *quoted_word(char **next)
{
	char *from = *next + 1;
	char *word = from;
	char *to = from;

	while (*from && *from != '"') {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from++;
	}
	*next = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

static void skip_line(char **next)
{
	*next += strcspn(*next, "\n");
}

/* The next word; NULL at the end. Comments begin a line. */
static char *next_word(char **next)
{
	char *word;

	for (;;) {
		*next += strspn(*next, BLANK "\n");
		if (**next != '#')
			break;
		skip_line(next);
	}
	if (!**next)
		return NULL;
	if (**next == '"')
		return quoted_word(next);
	word = *next;
	*next += strcspn(word, BLANK "\n");
	if (**next)
		*(*next)++ = '\0';
	return word;
}

static void end_machine(struct netrc *netrc)
{
	if (netrc->open && netrc->now.password)
		netrc->found(netrc->user, &netrc->now);
	netrc->now = (struct credential) {.host = NULL};
	netrc->open = false;
}

/* A macro goes on to the first empty line. */
static void skip_macro(char **next)
{
	char *end = strstr(*next, "\n\n");

	*next = end ? end + 2 : *next + strlen(*next);
}

static void take_word(struct netrc *netrc, const char *word)
{
	if (strcmp(word, "machine") == 0 || strcmp(word, "default") == 0) {
		end_machine(netrc);
		netrc->open = true;
		if (*word == 'm')
			netrc->now.host = next_word(&netrc->next);
		netrc->open = *word == 'd' || netrc->now.host;
	} else if (strcmp(word, "password") == 0) {
		netrc->now.password = next_word(&netrc->next);
	} else if (strcmp(word, "login") == 0 || strcmp(word, "account") == 0) {
		(void)next_word(&netrc->next);
	} else if (strcmp(word, "macdef") == 0) {
		skip_macro(&netrc->next);
	}
}

void credentials_of_netrc(struct secret *text, credential_found found, void *user)
{
	struct netrc netrc = {.next = text->data, .found = found, .user = user};
	const char *word;

	while (netrc.next && (word = next_word(&netrc.next)) != NULL)
		take_word(&netrc, word);
	end_machine(&netrc);
}

/* ---- URLs ------------------------------------------------------------------------------------- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		int high = *text == '%' ? digit_of(text[1]) : -1;
		int low = high >= 0 ? digit_of(text[2]) : -1;

		*to++ = low >= 0 ? (char)(high << 4 | low) : *text;
		text += low >= 0 ? 2 : 0;
	}
	*to = '\0';
}

bool credential_of_url(char *url, struct credential *ret)
{
	char *separator = strstr(url, "://");
	char *at;
	char *colon;
	char *host;

	if (!separator)
		return false;
	host = separator + 3;
	host[strcspn(host, "/?#")] = '\0';
	at = strrchr(host, '@');
	colon = at ? strchr(host, ':') : NULL;
	if (!colon || colon > at)
		return false;
	*separator = *at = *colon = '\0';
	decode(host);
	decode(colon + 1);
	decode(at + 1); /* git writes the colon before a port so */
	*ret = (struct credential) {
		.scheme = url, .host = at + 1, .password = colon + 1, .user = host};
	return *ret->password != '\0';
}

void credentials_of_git(struct secret *text, credential_found found, void *user)
{
	char *next = text->data;
	char *line;

	while ((line = next_line(&next)) != NULL) {
		struct credential credential;

		line[strcspn(line, "\r")] = '\0';
		if (credential_of_url(line, &credential))
			found(user, &credential);
	}
}

/* ---- .env ------------------------------------------------------------------------------------- */

static bool is_ours(const char *name)
{
	static const char *const names[] = {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN",
					    "HUGGINGFACEHUB_API_TOKEN", "HF_API_TOKEN"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* A value as it stands behind the `=`: in quotes, or up to a blank. */
static char *value_of(char *text)
{
	char quote;

	text += strspn(text, BLANK);
	quote = *text == '"' || *text == '\'' ? *text : '\0';
	if (quote) {
		char end[] = {quote, '\0'};

		text++;
		text[strcspn(text, end)] = '\0';
	} else {
		text[strcspn(text, BLANK)] = '\0';
	}
	return text;
}

void credentials_of_dotenv(struct secret *text, credential_found found, void *user)
{
	char *next = text->data;
	char *line;

	while ((line = next_line(&next)) != NULL) {
		struct credential credential = {.host = NULL};
		char *equals;

		line += strspn(line, BLANK);
		if (text_starts_with(line, "export "))
			line += strspn(line + 7, BLANK) + 7;
		equals = strchr(line, '=');
		if (!equals)
			continue;
		*equals = '\0';
		line[strcspn(line, BLANK)] = '\0';
		credential.name = line;
		credential.password = value_of(equals + 1);
		if (is_ours(line) && *credential.password)
			found(user, &credential);
	}
}

/* ---- docker ----------------------------------------------------------------------------------- */

static int sextet_of(char c)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? (int)(found - letters) : -1;
}

bool credential_of_auth(const char *auth, struct secret *ret)
{
	AUTOSECRET struct secret text = {0};
	uint32_t bits = 0;
	int count = 0;
	const char *colon;

	for (; *auth && *auth != '='; auth++) {
		int value = sextet_of(*auth);
		char byte;

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		byte = (char)(bits >> count & 0xff);
		if (secret_add(&text, &byte, 1))
			return false;
	}
	colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	return colon && colon[1] && !secret_set(ret, colon + 1, strlen(colon + 1));
}

/* ---- for whom --------------------------------------------------------------------------------- */

static void without_port(char *host)
{
	char *colon = strrchr(host, ':');

	if (colon && !strchr(colon, ']'))
		*colon = '\0';
}

bool credential_is_for(const struct credential *credential, const char *endpoint)
{
	const char *scheme = text_starts_with(endpoint, "http:") ? "http" : "https";
	char wanted[HOST_SIZE];
	char other[ENDPOINT_SIZE];

	if (!credential->host)
		return true;
	if (credential->scheme)
		return !endpoint_of_host(credential->scheme, credential->host, other, NULL) &&
		       strcmp(other, endpoint) == 0;
	/* By way of an endpoint, so that aliases and case count for nothing. */
	if (strcmp(scheme, "http") == 0) {
		(void)text_copy(other, sizeof(other), credential->host);
	} else {
		if (endpoint_of_host(scheme, credential->host, other, NULL))
			return false;
		memmove(other, endpoint_host(other), strlen(endpoint_host(other)) + 1);
	}
	(void)text_copy(wanted, sizeof(wanted), endpoint_host(endpoint));
	without_port(wanted);
	without_port(other);
	return text_equal_fold(wanted, other);
}
