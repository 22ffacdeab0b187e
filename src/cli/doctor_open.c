/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of `hftoken doctor` look at, opened as far as it can be, and what they share. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mask.h"
#include "base/paths.h"
#include "base/proc.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/programs.h"
#include "core/ladder.h"
#include "hub/answer.h"

#define VERSION_MS 5000

/* A Hub that makes no sense shall not keep us from looking at the rest: as if none were named. */
static void open_endpoint(struct doctor *doctor)
{
	struct session *session = &doctor->session;

	doctor->endpoint_err.code = (enum err_code)settings_endpoint(
		&session->settings, NULL, &session->endpoint, &doctor->endpoint_err);
	if (!doctor->endpoint_err.code)
		return;
	(void)unsetenv("HF_ENDPOINT");
	if (!settings_endpoint(&session->settings, NULL, &session->endpoint, NULL))
		return;
	(void)text_copy(session->endpoint.origin, sizeof(session->endpoint.origin),
			ENDPOINT_HUB);
	(void)text_copy(session->endpoint.url, sizeof(session->endpoint.url), ENDPOINT_HUB);
}

static int open_session(struct doctor *doctor, struct err *err)
{
	struct session *session = &doctor->session;
	int error;

	if (settings_load(&session->settings, NULL, NULL))
		session->settings = settings_usual;
	open_endpoint(doctor);
	error = settings_source_endpoint(session->source_endpoint, err);
	if (!error)
		error = sources_new(session->source_endpoint, &session->sources, err);
	if (error)
		return error;
	doctor->catalogue_err.code = (enum err_code)catalogue_load(
		&session->catalogue, CATALOGUE_INDEX, &doctor->catalogue_err);
	if (doctor->catalogue_err.code)
		catalogue_release(&session->catalogue);
	return session_bind_env(session, NULL) == ERR_NO_MEMORY ? err_no_memory(err) : 0;
}

int doctor_open(struct doctor *doctor, struct cli *cli, struct err *err)
{
	doctor->cli = cli;
	doctor->offline = cli_has(cli, OPT_OFFLINE) || hub_is_offline();
	doctor->hub_time = TIME_UNKNOWN;
	doctor->stores[0].name = STORE_FILE;
	doctor->stores[1].name = STORE_KEYRING;
	return open_session(doctor, err);
}

void doctor_release(struct doctor *doctor)
{
	for (size_t i = 0; i < DOCTOR_STORES; i++)
		buf_release(&doctor->stores[i].ids);
	session_release(&doctor->session);
	findings_release(&doctor->findings);
}

char *doctor_quote(const char *path)
{
	AUTOBUF struct buf text = {0};

	text_quote(&text, path);
	return buf_steal(&text);
}

char *doctor_endpoint_option(const struct doctor *doctor, const char *endpoint)
{
	AUTOBUF struct buf text = {0};

	if (strcmp(endpoint, doctor->session.endpoint.origin) == 0)
		return strdup("");
	buf_add_text(&text, " --endpoint ");
	text_quote(&text, endpoint);
	return buf_steal(&text);
}

void doctor_put_login(struct doctor *doctor, const struct token *token)
{
	AUTOFREE char *option = doctor_endpoint_option(doctor, token->endpoint);

	if (option)
		findings_command(&doctor->findings, "hftoken login %s%s", token->name, option);
	else
		doctor->findings.failed = true;
}

void doctor_put_expression(struct buf *ret, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\.[]()*+?{}|^$", *text))
			buf_add_char(ret, '\\');
		buf_add_char(ret, *text);
	}
}

/* As the line that doctor gives for such variables leaves it. */
static int bare_value(struct secret *ret, const char *value)
{
	static const char junk[] = " \t\r\n\"'";
	char *to;
	int error = secret_set(ret, value, strlen(value));

	if (error)
		return error;
	to = ret->data;
	for (const char *from = ret->data; *from; from++) {
		if (!strchr(junk, *from))
			*to++ = *from;
	}
	*to = '\0';
	if (strncasecmp(ret->data, "bearer", 6) == 0)
		memmove(ret->data, ret->data + 6, (size_t)(to - ret->data) - 5);
	ret->size = strlen(ret->data);
	return 0;
}

bool doctor_is_stored(struct doctor *doctor, const char *value, const char *endpoint)
{
	const struct catalogue *catalogue = &doctor->session.catalogue;
	AUTOSECRET struct secret bare = {0};
	char masked[MASKED_SIZE];

	if (bare_value(&bare, value) || !bare.size)
		return false;
	mask_secret(&bare, masked);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct token *token = &catalogue->tokens[i];
		AUTOSECRET struct secret secret = {0};

		if (strcmp(token->masked, masked) == 0 &&
		    strcmp(token->endpoint, endpoint) == 0 &&
		    !session_secret(&doctor->session, token, &secret, NULL) &&
		    secret_equal(&secret, &bare))
			return true;
	}
	return false;
}

/* We are hftoken-online; who became us may have been another installation's. */
char *doctor_program(void)
{
	AUTOFREE char *self = NULL;
	AUTOFREE char *path = NULL;

	if (program_self(&self, NULL))
		return NULL;
	*strrchr(self, '/') = '\0';
	path = path_join(self, "../../bin/hftoken");
	return path && access(path, X_OK) == 0 ? realpath(path, NULL)
					       : program_in_path("hftoken");
}

bool doctor_version_of(const char *program, char ret[DOCTOR_VERSION_SIZE])
{
	const char *argv[] = {"hftoken", "--version", NULL};
	AUTOBUF struct buf output = {0};
	unsigned version[3];
	int status;

	if (proc_output(program, argv, DOCTOR_VERSION_SIZE - 1, deadline_in(VERSION_MS),
			&output, &status, NULL) ||
	    status != 0 || !checkup_version(buf_text(&output), version))
		return false;
	(void)snprintf(ret, DOCTOR_VERSION_SIZE, "%u.%u.%u", version[0], version[1],
		       version[2]);
	return true;
}
