/* SPDX-License-Identifier: Apache-2.0 */
#include "core/checkup.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define DAY ((int64_t)86400)

/* ---- values of variables ---------------------------------------------------------------------- */

const char *checkup_token(const struct secret *value)
{
	const char *text = secret_text(value);
	char first = *text;
	char last = value->size ? text[value->size - 1] : '\0';

	if (first == '"' || first == '\'' || last == '"' || last == '\'')
		return "quotes are a part of its value";
	if (strncasecmp(text, "bearer ", 7) == 0)
		return "it begins with the word Bearer";
	if (strpbrk(text, " \t"))
		return "white space is in it";
	return NULL;
}

static bool is_proxy_scheme(const char *text, size_t size)
{
	static const char *const schemes[] = {"http",    "https",  "socks",  "socks4",
					      "socks4a", "socks5", "socks5h"};

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (strlen(schemes[i]) == size && strncasecmp(schemes[i], text, size) == 0)
			return true;
	}
	return false;
}

/* Host and port; what stands in brackets may hold colons. */
static const char *host_problem(const char *host)
{
	const char *end = *host == '[' ? strchr(host, ']') : NULL;
	const char *port;
	uint64_t number;

	if (*host == '[' && !end)
		return "the bracket of its address is not closed";
	port = strchr(end ? end : host, ':');
	if (!*host || port == host)
		return "no host is in it";
	if (host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789-._~:[]%")])
		return "its host has a character that no host has";
	if (!port)
		return NULL;
	if (!text_to_number(port + 1, 65535, &number) || number == 0)
		return "its port is no number from 1 to 65535";
	return NULL;
}

/* The length of "SCHEME://"; 0 if there is none: what else stands before :// may be of a password. */
static size_t scheme_length(const char *value)
{
	size_t size = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+-.");

	return size && strncmp(value + size, "://", 3) == 0 ? size + 3 : 0;
}

const char *checkup_proxy(const char *value, char ret[PROXY_SHOWN_SIZE])
{
	size_t scheme = scheme_length(value);
	const char *rest = value + scheme;
	size_t authority = strcspn(rest, "/?#");
	/* The last one of all: a password that is not encoded may hold what ends a host. */
	const char *at = strrchr(rest, '@');
	const char *host = at ? at + 1 : rest;
	char name[PROXY_SHOWN_SIZE];
	int size = snprintf(name, sizeof(name), "%.*s", (int)strcspn(host, "/?#"), host);

	(void)snprintf(ret, PROXY_SHOWN_SIZE, "%.*s%s%.120s", scheme < 20 ? (int)scheme : 0,
		       value, at ? "****@" : "", name);
	if (size < 0 || (size_t)size >= sizeof(name))
		return "it is too long";
	if (scheme && !is_proxy_scheme(value, scheme - 3))
		return "its scheme is none of a proxy's (http, https, socks4, socks5...)";
	if (at && (size_t)(at - rest) > authority)
		return "what stands before its last @ has one of / ? #: in a password they are "
		       "%2F, %3F and %23";
	return host_problem(name);
}

/* ---- versions and times ----------------------------------------------------------------------- */

bool checkup_version(const char *text, unsigned ret[3])
{
	static const char digits[] = "0123456789";

	text += strcspn(text, digits);
	for (size_t i = 0; i < 3; i++) {
		char number[12];
		size_t size = strspn(text, digits);
		uint64_t value = 0;

		(void)snprintf(number, sizeof(number), "%.*s", (int)size, text);
		if (size >= sizeof(number) ||
		    (!text_to_number(number, UINT32_MAX, &value) && i == 0))
			return false;
		ret[i] = (unsigned)value;
		text += size;
		text += *text == '.' && text[1] >= '0' && text[1] <= '9';
	}
	return true;
}

bool checkup_is_version(const unsigned version[3], unsigned major, unsigned minor,
			unsigned patch)
{
	if (version[0] != major)
		return version[0] > major;
	if (version[1] != minor)
		return version[1] > minor;
	return version[2] >= patch;
}

bool checkup_http_date(const char *text, int64_t *ret_seconds)
{
	static const char example[] = "Sun, 06 Nov 1994 08:49:37 GMT";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char plain[TIME_TEXT_SIZE];
	char month[4];
	const char *found;

	if (strlen(text) != strlen(example) || strcmp(text + 25, " GMT") != 0 ||
	    text[3] != ',' || text[7] != ' ' || text[11] != ' ' || text[16] != ' ')
		return false;
	(void)snprintf(month, sizeof(month), "%.3s", text + 8);
	found = strstr(months, month);
	if (!found || (found - months) % 3)
		return false;
	(void)snprintf(plain, sizeof(plain), "%.4s-%02u-%.2sT%.8sZ", text + 12,
		       (unsigned)(found - months) / 3 % 12 + 1, text + 5, text + 17);
	return time_from_text(plain, ret_seconds);
}

enum checkup_life checkup_life(int64_t expires, int64_t now, int64_t *ret_days)
{
	*ret_days = 0;
	if (expires == TIME_UNKNOWN)
		return LIFE_LONG;
	if (expires <= now)
		return LIFE_OVER;
	*ret_days = (expires - now) / DAY;
	return expires - now <= CHECKUP_SOON_DAYS * DAY ? LIFE_ENDS_SOON : LIFE_LONG;
}

/* ---- files ------------------------------------------------------------------------------------ */

enum checkup_fault checkup_file(const struct stat *status, enum checkup_kind kind, uid_t user)
{
	bool folder = kind == CHECKUP_FOLDER || kind == CHECKUP_PUBLIC_FOLDER;
	bool public = kind == CHECKUP_PUBLIC_FILE || kind == CHECKUP_PUBLIC_FOLDER;

	if (folder ? !S_ISDIR(status->st_mode) : !S_ISREG(status->st_mode))
		return FAULT_KIND;
	if (status->st_uid != user && !(kind == CHECKUP_PUBLIC_FILE && status->st_uid == 0))
		return FAULT_OWNER;
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return FAULT_WRITE;
	return !public && (status->st_mode & 077) ? FAULT_READ : FAULT_NONE;
}

/* A vault's own key, as backends/file_key.c names it: vault-01234567.key. */
static bool is_key_of_vault(const char *name)
{
	static const char start[] = "vault-";

	if (strncmp(name, start, strlen(start)) != 0)
		return false;
	name += strlen(start);
	return strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".key.new") == 0;
}

bool checkup_is_temporary(const char *name)
{
	/* Of file_replace(). Others that end in the same are somebody's own. */
	static const char *const ours[] = {"catalogue.new", "vault.new",
					   "vault.key.new", "outcomes.new",
					   "last.new",      "secret-service.silent.new"};
	static const char mark[] = ".hftoken-";
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strcmp(name, ours[i]) == 0)
			return true;
	}
	if (*name != '.')
		return is_key_of_vault(name);
	for (const char *at = name + 1; (at = strstr(at, mark)) != NULL; at++)
		found = at;
	if (!found || found == name)
		return false;
	found += strlen(mark);
	return strspn(found, "0123456789abcdef") == 16 && !found[16];
}

enum finding_level checkup_space(uint64_t bytes_left, uint64_t files, uint64_t files_left)
{
	/* What the largest catalogue and vault want, each beside its new version; then what a usual one does. */
	const uint64_t comfortable = (uint64_t)64 << 20;
	const uint64_t needed = (uint64_t)256 << 10;

	if (bytes_left < needed || (files && files_left < 4))
		return FINDING_ERROR;
	return bytes_left < comfortable || (files && files_left < 64) ? FINDING_WARNING
								      : FINDING_OK;
}

/* ---- records ---------------------------------------------------------------------------------- */

static void judge_record(const char *store, const char *id, const struct catalogue *catalogue,
			 bool seen[], checkup_found found, void *user)
{
	char token_id[TOKEN_ID_SIZE];
	const struct token *token;
	uint64_t revision;

	if (!store_is_id(id) || !text_to_number(id + TOKEN_ID_SIZE, UINT32_MAX, &revision))
		return;
	(void)text_copy(token_id, sizeof(token_id), id);
	token = catalogue_find_id(catalogue, token_id);
	if (!token)
		found(user, RECORD_ORPHAN, id, NULL);
	else if (token->revision == revision && strcmp(token->store, store) == 0)
		seen[token - catalogue->tokens] = true;
	else
		found(user, revision < token->revision ? RECORD_SHADOW : RECORD_LATER, id,
		      token);
}

int checkup_records(const char *store, const char *ids, const struct catalogue *catalogue,
		    checkup_found found, void *user)
{
	AUTOFREE bool *seen = calloc(catalogue->count + 1, sizeof(*seen));
	char id[RECORD_ID_SIZE];

	if (!seen)
		return err_no_memory(NULL);
	for (const char *line = ids; *line;) {
		size_t size = strcspn(line, "\n");

		(void)snprintf(id, sizeof(id), "%.*s", (int)size, line);
		judge_record(store, id, catalogue, seen, found, user);
		line += size + (line[size] == '\n');
	}
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];

		if (seen[i] || strcmp(token->store, store) != 0)
			continue;
		(void)snprintf(id, sizeof(id), "%s.%u", token->id, token->revision);
		found(user, RECORD_MISSING, id, token);
	}
	return 0;
}
