/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens for a Hub that lie in plain text where git and curl look first. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/git_config.h"
#include "cli/setup.h"
#include "cli/status.h"

/* ---- git's configuration ---------------------------------------------------------------------- */

struct search {
	struct doctor *doctor;
	struct findings *findings;
	const struct setup_endpoints *endpoints;
	/* Addresses (a line each: origin, key, address) of which one value may be the only copy. */
	struct buf precious;
};

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

/* The Hub that the URL has a password for, or NULL; `ret_stored`: a store gives that password. */
static const char *hub_of(const struct search *search, const char *url, bool *ret_stored)
{
	AUTOSECRET struct secret copy = {0};
	struct credential credential;
	const char *hub = NULL;

	*ret_stored = false;
	if (secret_set(&copy, url, strlen(url)) || !credential_of_url(copy.data, &credential))
		return NULL;
	for (size_t i = 0; i < search->endpoints->count; i++) {
		const char *endpoint = search->endpoints->list[i];

		if (!credential_is_for(&credential, endpoint))
			continue;
		hub = endpoint;
		*ret_stored |= doctor_is_stored(search->doctor, credential.password, endpoint);
	}
	return hub;
}

/* The same URL without user and password; the new one is all that is ever shown. */
static char *without_user(const char *url)
{
	const char *host = strstr(url, "://");
	const char *at;
	char *ret;

	if (!host)
		return NULL;
	host += strlen("://");
	at = memrchr(host, '@', strcspn(host, "/?#"));
	return at && asprintf(&ret, "%.*s%s", (int)(host - url), url, at + 1) >= 0 ? ret : NULL;
}

static bool is_remote(const char *key)
{
	return text_starts_with(key, "remote.") &&
	       (ends_in(key, ".url") || ends_in(key, ".pushurl"));
}

static void put_line(struct buf *ret, const char *origin, const char *key, const char *plain)
{
	buf_printf(ret, "%s\t%s\t%s\n", origin, key, plain);
}

/* What has anything before the host that no store is known to give. */
static void note_precious(void *user, const char *scope UNUSED, const char *origin,
			  const char *key, const char *value)
{
	struct search *search = user;
	AUTOFREE char *plain = value && is_remote(key) ? without_user(value) : NULL;
	bool stored;

	if (plain && !(hub_of(search, value, &stored) && stored))
		put_line(&search->precious, origin, key, plain);
}

static bool is_precious(const struct search *search, const char *origin, const char *key,
			const char *plain)
{
	AUTOBUF struct buf line = {0};

	put_line(&line, origin, key, plain);
	return buf_failed(&line) || buf_failed(&search->precious) ||
	       strstr(buf_text(&search->precious), buf_text(&line));
}

/* Values of that key for this very address, with whatever user: never another remote's, or push address. */
static char *address_pattern(const char *plain)
{
	const char *host = strstr(plain, "://") + strlen("://");
	AUTOFREE char *scheme = strndup(plain, (size_t)(host - plain));
	AUTOBUF struct buf pattern = {0};

	if (!scheme)
		return NULL;
	buf_add_char(&pattern, '^');
	doctor_put_expression(&pattern, scheme);
	buf_add_text(&pattern, "[^/]*@");
	doctor_put_expression(&pattern, host);
	buf_add_char(&pattern, '$');
	return buf_failed(&pattern) ? NULL : doctor_quote(buf_text(&pattern));
}

static void put_way_out(struct findings *findings, const char *path, const char *key,
			const char *plain)
{
	AUTOFREE char *quoted_path = path ? doctor_quote(path) : NULL;
	AUTOFREE char *quoted_key = doctor_quote(key);
	AUTOFREE char *quoted = doctor_quote(plain);
	AUTOFREE char *pattern = address_pattern(plain);

	if ((path && !quoted_path) || !quoted_key || !quoted || !pattern)
		findings->failed = true;
	else
		findings_command(findings, "git config %s%s --replace-all %s %s %s",
				 path ? "--file " : "--local", path ? quoted_path : "",
				 quoted_key, quoted, pattern);
}

static void put_remote(struct search *search, const char *scope, const char *origin,
		       const char *key, const char *value)
{
	const char *path = text_starts_with(origin, "file:/") ? origin + strlen("file:") : NULL;
	AUTOFREE char *plain = without_user(value);

	findings_add(search->findings, FINDING_WARNING,
		     "a password stands in %s (%s): git uses it, asks nobody, and shows it",
		     key,
		     text_starts_with(origin, "file:") ? origin + strlen("file:") : origin);
	if (!plain || (!path && strcmp(scope, "local") != 0))
		findings_advice(search->findings, "take it out of that address");
	else if (is_precious(search, origin, key, plain))
		findings_advice(search->findings,
				"it may be the only copy of a token: store it first, with "
				"'hftoken login', then take it out of that address");
	else
		put_way_out(search->findings, path, key, plain);
}

static void take_entry(void *user, const char *scope, const char *origin, const char *key,
		       const char *value)
{
	struct search *search = user;
	bool stored;

	if (!value)
		return;
	if (is_remote(key)) {
		if (hub_of(search, value, &stored))
			put_remote(search, scope, origin, key, value);
	} else if (text_starts_with(key, "http.") && ends_in(key, "extraheader") &&
		   strncasecmp(value, "authorization:", 14) == 0 && strstr(value, "hf_")) {
		findings_add(search->findings, FINDING_WARNING,
			     "a token stands in %s (%s): git sends it with every request", key,
			     text_starts_with(origin, "file:") ? origin + 5 : origin);
		findings_advice(search->findings, "take that line out of the file");
	}
}

/* ---- other files ------------------------------------------------------------------------------ */

static void put_git_credentials(struct findings *findings, const struct place *place,
				const char *endpoint)
{
	findings_add(findings, FINDING_WARNING, "a token for %s lies in plain text in %s",
		     endpoint_host(endpoint), place->location);
	/* Not erased: it may be the only copy. */
	findings_command(findings, "hftoken import git --remove");
}

static void put_netrc(struct findings *findings, const struct place *place,
		      const char *endpoint)
{
	findings_add(findings, FINDING_WARNING,
		     "a token for %s lies in plain text in %s: git and curl use it before they "
		     "ask anybody",
		     endpoint_host(endpoint), place->location);
	findings_advice(findings, "take the entry of that machine out of the file");
}

static void put_unreadable(struct findings *findings, const struct place *place)
{
	findings_add(findings, FINDING_WARNING, "%s: %s", place->location, place->problem);
	findings_advice(findings, "look at that file");
}

static void put_place(struct findings *findings, const struct place *place,
		      const char *endpoint)
{
	AUTOFREE char *quoted = doctor_quote(place->location);

	if (!*place->masked && *place->problem) {
		put_unreadable(findings, place);
		return;
	}
	if (strcmp(place->source, "netrc") == 0)
		put_netrc(findings, place, endpoint);
	else
		put_git_credentials(findings, place, endpoint);
	if (quoted && strstr(place->problem, "other users")) {
		findings_add(findings, FINDING_ERROR, "other users can read %s",
			     place->location);
		/* A place's text is cleaned, and cut: then it is another file's path, or none. */
		if (strlen(place->location) + 1 < sizeof(place->location) &&
		    access(place->location, F_OK) == 0)
			findings_command(findings, "chmod 600 %s", quoted);
		else
			findings_advice(findings, "take it from them: chmod 600");
	}
}

/* The same that `status` knows, asked for one Hub after the other. */
static void look_at_files(struct doctor *doctor, const char *endpoint, struct place *places,
			  struct buf *told)
{
	struct status status = {
		.session = &doctor->session, .endpoint = endpoint, .places = places};

	(void)status_netrc(&status);
	status_git_stores(&status);
	for (size_t i = 0; i < status.count; i++) {
		AUTOBUF struct buf line = {0};

		/* netrc's `default` is for every Hub, and told once. */
		buf_printf(&line, "%s %s\n", places[i].location, places[i].masked);
		if (strstr(buf_text(told), buf_text(&line)))
			continue;
		buf_add_text(told, buf_text(&line));
		put_place(&doctor->findings, &places[i], endpoint);
	}
}

void doctor_plain_text(struct doctor *doctor)
{
	AUTOFREE struct place *places = calloc(PLACES_MAX, sizeof(*places));
	struct setup_endpoints endpoints = {.count = 0};
	struct search search = {
		.doctor = doctor, .findings = &doctor->findings, .endpoints = &endpoints};
	size_t before = doctor->findings.count;
	AUTOBUF struct buf told = {0};

	setup_endpoints_collect(&doctor->session, &endpoints);
	/* Without a git there is nothing that it would read. */
	if (!git_config_each(note_precious, &search, NULL))
		(void)!git_config_each(take_entry, &search, NULL);
	buf_release(&search.precious);
	for (size_t i = 0; places && i < endpoints.count; i++)
		look_at_files(doctor, endpoints.list[i], places, &told);
	if (doctor->findings.count == before)
		findings_add(&doctor->findings, FINDING_OK,
			     "no token lies where git or curl would take it from");
}
