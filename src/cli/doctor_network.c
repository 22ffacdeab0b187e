/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the way to the Hub, and of the clock, which certificates and expiry dates depend on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/ui.h"
#include "hub/answer.h"

/* ---- the Hub's name --------------------------------------------------------------------------- */

static bool is_bound(const struct session *session)
{
	for (size_t i = 0; i < session->catalogue.count; i++) {
		if (strcmp(session->catalogue.tokens[i].endpoint, session->endpoint.origin) ==
		    0)
			return true;
	}
	return false;
}

void doctor_endpoint(struct doctor *doctor)
{
	const struct hub_endpoint *endpoint = &doctor->session.endpoint;
	struct findings *findings = &doctor->findings;

	if (doctor->endpoint_err.code) {
		findings_add(findings, FINDING_ERROR, "HF_ENDPOINT: %s",
			     doctor->endpoint_err.message);
		findings_command(findings, "unset HF_ENDPOINT");
		return;
	}
	if (endpoint->from == ENDPOINT_BY_VARIABLE && !endpoint_is_hub(endpoint->origin) &&
	    !endpoint_is_loopback(endpoint->origin) && !is_bound(&doctor->session)) {
		findings_add(
			findings, FINDING_WARNING,
			"HF_ENDPOINT names %s, for which no token is stored; hf and others "
			"send it theirs",
			endpoint_host(endpoint->origin));
		findings_command(findings, "unset HF_ENDPOINT");
		return;
	}
	findings_add(findings, FINDING_OK, "%s", endpoint->origin);
}

/* ---- proxies and certificates ----------------------------------------------------------------- */

void doctor_proxy(struct doctor *doctor)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
					    "all_proxy", "ALL_PROXY"};
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	char shown[PROXY_SHOWN_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);
		const char *problem = value && *value ? checkup_proxy(value, shown) : NULL;

		if (!value || !*value)
			continue;
		findings_add(findings, problem ? FINDING_ERROR : FINDING_OK, "%s is %s%s%s",
			     names[i], shown, problem ? ": " : "", problem ? problem : "");
		if (problem)
			findings_command(findings, "unset %s", names[i]);
	}
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "none is set");
}

void doctor_certificates(struct doctor *doctor)
{
	static const struct {
		const char *name;
		bool folder;
	} variables[] = {{"CURL_CA_BUNDLE", false},
			 {"SSL_CERT_FILE", false},
			 {"SSL_CERT_DIR", true},
			 {"REQUESTS_CA_BUNDLE", false}};
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i].name);
		struct stat status;
		bool there;

		if (!value || !*value)
			continue;
		/* OpenSSL takes several folders, with colons between. */
		there = access(value, R_OK) == 0 && stat(value, &status) == 0;
		if (there || (variables[i].folder && strchr(value, ':')))
			continue;
		findings_add(findings, FINDING_ERROR, "%s names '%s', which cannot be read",
			     variables[i].name, value);
		findings_command(findings, "unset %s", variables[i].name);
	}
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "no variable names one that is missing");
}

/* ---- the Hub ---------------------------------------------------------------------------------- */

static int64_t milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whoami without a token: refused by every Hub, in its own words, and counted against nobody. */
static void judge_answer(struct doctor *doctor, const struct http_call *call, int64_t ms)
{
	char message[HTTP_HEADER_MAX];
	struct err err = {0};

	doctor->hub_answered = true;
	if (!checkup_http_date(call->date, &doctor->hub_time))
		doctor->hub_time = TIME_UNKNOWN;
	hub_message(call, message, sizeof(message));
	if (call->status == 401 || call->status == 200) {
		findings_add(&doctor->findings, FINDING_OK, "%s answers (%" PRId64 " ms)",
			     endpoint_host(doctor->session.endpoint.origin), ms);
		return;
	}
	(void)hub_no_answer(call, message, &err);
	findings_add_err(&doctor->findings, FINDING_WARNING, &err);
}

void doctor_hub(struct doctor *doctor)
{
	char url[HUB_URL_SIZE];
	const struct hub_whoami ask = {.url = doctor->session.endpoint.url};
	CLEANUP(http_call_release) struct http_call call = {.url = NULL};
	int64_t start = milliseconds();
	struct err err = {0};

	hub_whoami_begin(&ask, url, &call);
	if (http_perform(&call, 1, deadline_in(HUB_WAIT_MS), ui_tick, &err))
		findings_add_err(&doctor->findings, FINDING_ERROR, &err);
	else if (call.error)
		findings_add_err(&doctor->findings, FINDING_ERROR, &call.err);
	else
		judge_answer(doctor, &call, milliseconds() - start);
}

/* ---- the clock -------------------------------------------------------------------------------- */

static void put_wrong(struct findings *findings, const char *what, int64_t seconds)
{
	findings_add(findings, FINDING_WARNING, "the clock is %s by %" PRId64 " %s", what,
		     seconds < 7200 ? seconds / 60 : seconds / 3600,
		     seconds < 7200 ? "minutes" : "hours");
	findings_advice(findings, "set the clock: timedatectl set-ntp true, as root");
}

/* The latest time that this machine has written down itself. */
static int64_t newest_time(const struct catalogue *catalogue)
{
	struct stat status;
	int64_t newest = stat("/proc/self/exe", &status) == 0 ? status.st_mtime : TIME_UNKNOWN;

	for (size_t i = 0; i < catalogue->count; i++) {
		if (catalogue->tokens[i].verified > newest)
			newest = catalogue->tokens[i].verified;
	}
	return newest;
}

void doctor_clock(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	int64_t newest = newest_time(&doctor->session.catalogue);
	int64_t now = time_now();
	int64_t late = doctor->hub_time - now;
	bool known = doctor->hub_answered && doctor->hub_time != TIME_UNKNOWN;

	if (known && (late > CHECKUP_CLOCK_SECONDS || late < -CHECKUP_CLOCK_SECONDS))
		put_wrong(findings, late > 0 ? "behind the Hub's" : "ahead of the Hub's",
			  late > 0 ? late : -late);
	else if (!known && newest != TIME_UNKNOWN && newest - now > CHECKUP_CLOCK_SECONDS)
		put_wrong(findings, "behind what was written here before", newest - now);
	else
		findings_add(findings, FINDING_OK,
			     known ? "it agrees with the Hub's" : "nothing speaks against it");
}
