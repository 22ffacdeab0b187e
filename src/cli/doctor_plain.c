/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens for a Hub that lie in plain text where git and curl look first. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/git_config.h"
#include "cli/setup.h"
#include "cli/status.h"

/* ---- git's configuration ---------------------------------------------------------------------- */

struct search {
	struct findings *findings;
	const struct setup_endpoints *endpoints;
};

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

static bool is_for_a_hub(const struct search *search, const char *url)
{
	AUTOSECRET struct secret copy = {0};
	struct credential credential;

	if (secret_set(&copy, url, strlen(url)) || !credential_of_url(copy.data, &credential))
		return false;
	for (size_t i = 0; i < search->endpoints->count; i++) {
		if (credential_is_for(&credential, search->endpoints->list[i]))
			return true;
	}
	return false;
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

static void put_remote(struct search *search, const char *origin, const char *key,
		       const char *value)
{
	const char *path = text_starts_with(origin, "file:/") ? origin + strlen("file:") : NULL;
	AUTOFREE char *quoted_path = path ? doctor_quote(path) : NULL;
	AUTOFREE char *plain = without_user(value);
	AUTOFREE char *quoted = plain ? doctor_quote(plain) : NULL;
	AUTOFREE char *quoted_key = doctor_quote(key);

	findings_add(search->findings, FINDING_WARNING,
		     "a password stands in %s (%s): git uses it, asks nobody, and shows it",
		     key,
		     text_starts_with(origin, "file:") ? origin + strlen("file:") : origin);
	if (quoted && quoted_key)
		findings_command(search->findings,
				 "git config %s%s --replace-all %s %s '^[a-z]+://[^/]*@'",
				 quoted_path ? "--file " : "--local",
				 quoted_path ? quoted_path : "", quoted_key, quoted);
}

static void take_entry(void *user, const char *scope UNUSED, const char *origin,
		       const char *key, const char *value)
{
	struct search *search = user;

	if (!value)
		return;
	if (text_starts_with(key, "remote.") &&
	    (ends_in(key, ".url") || ends_in(key, ".pushurl"))) {
		if (is_for_a_hub(search, value))
			put_remote(search, origin, key, value);
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
		findings_command(findings, "chmod 600 %s", quoted);
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
	struct search search = {.findings = &doctor->findings, .endpoints = &endpoints};
	size_t before = doctor->findings.count;
	AUTOBUF struct buf told = {0};

	setup_endpoints_collect(&doctor->session, &endpoints);
	/* Without a git there is nothing that it would read. */
	(void)!git_config_each(take_entry, &search, NULL);
	for (size_t i = 0; places && i < endpoints.count; i++)
		look_at_files(doctor, endpoints.list[i], places, &told);
	if (doctor->findings.count == before)
		findings_add(&doctor->findings, FINDING_OK,
			     "no token lies where git or curl would take it from");
}
