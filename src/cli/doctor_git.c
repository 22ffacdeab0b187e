/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of git: its version, and whether it asks us, us alone, and with the repository's path. */
#include <stdio.h>
#include <string.h>

#include "base/proc.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/doctor_wiring.h"
#include "cli/programs.h"
#include "cli/setup.h"

#define GIT_MS 10000

/*
 * 2.26.2 is the first that refuses both a newline in a value and a request without a host, and that
 * takes a pattern for a URL: see the release notes of 2.26.0 to 2.26.2.
 */
#define GIT_MAJOR 2
#define GIT_MINOR 26
#define GIT_PATCH 2

void doctor_git(struct doctor *doctor)
{
	const char *argv[] = {"git", "version", NULL};
	struct findings *findings = &doctor->findings;
	AUTOFREE char *path = program_in_path("git");
	AUTOBUF struct buf output = {0};
	unsigned version[3];
	int status = 0;
	struct err err = {0};

	if (!path) {
		findings_add(findings, FINDING_OK, "there is no git in PATH");
		return;
	}
	if (proc_output("git", argv, 4096, deadline_in(GIT_MS), &output, &status, &err)) {
		findings_add_err(findings, FINDING_ERROR, &err);
		return;
	}
	if (status != 0 || !checkup_version(buf_text(&output), version)) {
		findings_add(findings, FINDING_WARNING, "git does not tell its version");
		findings_advice(findings, "try: git version");
		return;
	}
	findings_add(findings,
		     checkup_is_version(version, GIT_MAJOR, GIT_MINOR, GIT_PATCH)
			     ? FINDING_OK
			     : FINDING_WARNING,
		     "its version is %u.%u.%u", version[0], version[1], version[2]);
	if (!checkup_is_version(version, GIT_MAJOR, GIT_MINOR, GIT_PATCH))
		findings_advice(findings,
				"install git %d.%d.%d or newer: older ones can be made to ask "
				"helpers the wrong question",
				GIT_MAJOR, GIT_MINOR, GIT_PATCH);
}

/* ---- helpers ---------------------------------------------------------------------------------- */

/* A helper for other hosts, too, or perhaps: it stays, and ours cuts it off for this Hub. */
static void put_cut(struct findings *findings, const struct git_helper *helper)
{
	if (strcmp(helper->scope, "worktree") == 0)
		findings_advice(
			findings,
			"put an empty helper behind it, and hftoken behind that: it may "
			"serve other hosts");
	else
		findings_command(findings, "hftoken setup git %s--force",
				 strcmp(helper->scope, "local") == 0 ? "--local " : "");
}

static bool is_for_alone(const struct git_helper *helper, const char *endpoint)
{
	AUTOFREE char *key = NULL;

	if (asprintf(&key, "credential.%s.helper", endpoint) < 0)
		key = NULL;
	return key && strcmp(helper->key, key) == 0;
}

/* Takes out that one line, wherever it stands, if it is for that Hub alone. */
static void put_removal(struct findings *findings, const char *endpoint,
			const struct git_helper *helper)
{
	const char *path = text_starts_with(helper->origin, "file:/") ? helper->origin + 5
								      : NULL;
	AUTOFREE char *quoted = path ? doctor_quote(path) : NULL;
	AUTOFREE char *key = doctor_quote(helper->key);
	AUTOBUF struct buf expression = {0};
	AUTOFREE char *value = NULL;

	if (strcmp(helper->scope, "command") != 0 && !is_for_alone(helper, endpoint)) {
		put_cut(findings, helper);
		return;
	}
	buf_add_char(&expression, '^');
	doctor_put_expression(&expression, helper->value);
	buf_add_char(&expression, '$');
	value = doctor_quote(buf_text(&expression));
	if (!key || !value || strcmp(helper->scope, "command") == 0)
		findings_advice(findings, "take it out of GIT_CONFIG_COUNT, "
					  "GIT_CONFIG_PARAMETERS or the -c of the command");
	else if (quoted)
		findings_command(findings, "git config --file %s --unset-all %s %s", quoted,
				 key, value);
	else
		findings_command(findings, "git config --%s --unset-all %s %s", helper->scope,
				 key, value);
}

/* A rival often stands behind ours for every Hub, and ours has one mistake for all: told once. */
static bool is_told(const struct git_helper *helper, const char *key, struct buf *told)
{
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%s %s %s\n", helper->origin, key, helper->value);
	if (strstr(buf_text(told), buf_text(&line)))
		return true;
	buf_add_text(told, buf_text(&line));
	return false;
}

static void put_rival(struct findings *findings, const char *endpoint,
		      const struct wiring *wiring, struct buf *told)
{
	const struct git_helper *rival = wiring->rival;
	const char *where = text_starts_with(rival->origin, "file:") ? rival->origin + 5
								     : rival->origin;

	if (is_told(rival, rival->key, told))
		return;
	if (wiring->state == WIRING_RIVAL_BEHIND) {
		findings_add(findings, FINDING_ERROR,
			     "git's helper '%.100s' in %.200s comes after hftoken, and writes "
			     "tokens for %s into its own store",
			     rival->value, where, endpoint_host(endpoint));
		put_removal(findings, endpoint, rival);
		return;
	}
	findings_add(
		findings, FINDING_ERROR,
		"git asks '%.100s' in %.200s for %s before hftoken, and gives it our tokens "
		"to keep",
		rival->value, where, endpoint_host(endpoint));
	findings_command(findings, "hftoken setup git");
}

/* Whoever made the repository may have written it. */
static bool is_of_repository(const struct git_helper *helper)
{
	return strcmp(helper->scope, "local") == 0 || strcmp(helper->scope, "worktree") == 0;
}

/* Never started, not even to ask for its version. */
static void put_repositorys_own(struct findings *findings, const struct git_helper *ours,
				const char *program)
{
	findings_add(findings, FINDING_WARNING,
		     "this repository's configuration names a program of its own: %s", program);
	findings_advice(
		findings, "look at it, and at %s in %s, before git starts it", ours->key,
		text_starts_with(ours->origin, "file:") ? ours->origin + 5 : ours->origin);
}

/* The program that git would start for us. */
static void put_program(struct findings *findings, const char *endpoint,
			const struct git_helper *ours, struct buf *told)
{
	char path[4096];
	bool absolute = git_helper_path(ours->value, path, sizeof(path));
	AUTOFREE char *found = absolute ? realpath(path, NULL)
					: program_in_path("git-credential-hftoken");
	AUTOFREE char *program = doctor_program();
	char version[DOCTOR_VERSION_SIZE];

	if (is_told(ours, "", told))
		return;
	if (*ours->value == '!')
		return; /* a shell's line, of which we know nothing */
	if (!found || access(found, X_OK) < 0) {
		findings_add(findings, FINDING_ERROR,
			     absolute ? "git is to start '%s' for %s, which it cannot"
				      : "git is to start '%s' for %s, which is not in PATH",
			     absolute ? path : "git-credential-hftoken",
			     endpoint_host(endpoint));
		findings_command(findings, "hftoken setup git");
		return;
	}
	if (program && strcmp(program, found) == 0)
		return;
	if (absolute && is_of_repository(ours)) {
		put_repositorys_own(findings, ours, found);
		return;
	}
	if (strcmp(strrchr(found, '/'), "/hftoken") != 0 ||
	    !doctor_version_of(found, version) || strcmp(version, HFTOKEN_VERSION) == 0)
		return;
	findings_add(findings, FINDING_WARNING, "git starts hftoken %s for %s: %s", version,
		     endpoint_host(endpoint), found);
	findings_command(findings, "hftoken setup git");
}

static void put_path(struct findings *findings, const char *endpoint)
{
	AUTOFREE char *quoted = NULL;
	AUTOFREE char *key = NULL;

	if (git_sends_path(endpoint) != NO)
		return;
	if (asprintf(&key, "credential.%s.useHttpPath", endpoint) < 0)
		key = NULL;
	quoted = key ? doctor_quote(key) : NULL;
	findings_add(findings, FINDING_WARNING,
		     "git does not say which repository it asks for at %s: every one gets the "
		     "same token",
		     endpoint_host(endpoint));
	if (quoted)
		findings_command(findings, "git config --global %s true", quoted);
}

static void put_not_asked(struct findings *findings, const char *endpoint,
			  const struct wiring *wiring, bool elsewhere)
{
	enum finding_level level = elsewhere ? FINDING_WARNING : FINDING_OK;

	if (wiring->rival)
		findings_add(findings, level, "git asks '%.100s' for %s, and not hftoken",
			     wiring->rival->value, endpoint_host(endpoint));
	else
		findings_add(findings, level, "git does not ask hftoken for %s",
			     endpoint_host(endpoint));
	findings_command(findings, "hftoken setup git");
}

/* All endpoints, or none, is how `setup git` leaves it. */
static void put_endpoint(struct findings *findings, const char *endpoint, bool elsewhere,
			 struct buf *told)
{
	AUTOHELPERS struct git_helpers helpers = {.count = 0};
	struct wiring wiring;

	if (git_helpers_for(endpoint, &helpers, NULL))
		return; /* it could a moment ago */
	wiring = wiring_of(&helpers);
	if (wiring.state == WIRING_NONE) {
		put_not_asked(findings, endpoint, &wiring, elsewhere);
		return;
	}
	if (wiring.state != WIRING_OURS)
		put_rival(findings, endpoint, &wiring, told);
	put_program(findings, endpoint, wiring.ours, told);
	put_path(findings, endpoint);
}

/* How many of the Hubs git asks us about. */
static int count_wired(const struct setup_endpoints *endpoints, size_t *ret, struct err *err)
{
	*ret = 0;
	for (size_t i = 0; i < endpoints->count; i++) {
		AUTOHELPERS struct git_helpers helpers = {.count = 0};
		int error = git_helpers_for(endpoints->list[i], &helpers, err);

		if (error)
			return error;
		*ret += wiring_of(&helpers).state != WIRING_NONE;
	}
	return 0;
}

void doctor_git_helper(struct doctor *doctor)
{
	struct setup_endpoints endpoints = {.count = 0};
	struct findings *findings = &doctor->findings;
	AUTOFREE char *git = program_in_path("git");
	size_t before = findings->count;
	AUTOBUF struct buf told = {0};
	struct err err = {0};
	size_t wired;

	if (!git) {
		findings_add(findings, FINDING_OK, "there is no git to ask hftoken");
		return;
	}
	setup_endpoints_collect(&doctor->session, &endpoints);
	if (count_wired(&endpoints, &wired, &err)) {
		findings_add_err(findings, FINDING_ERROR, &err);
		return;
	}
	for (size_t i = 0; i < endpoints.count; i++)
		put_endpoint(findings, endpoints.list[i], wired > 0, &told);
	if (findings->count == before)
		findings_add(findings, FINDING_OK,
			     "git asks hftoken, and nobody else (Hubs: %zu)", wired);
}
