/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the tokens that are used: which variable hides which token, and whose end is near. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "core/hf_follow.h"
#include "core/plain.h"

/* ---- environment ------------------------------------------------------------------------------ */

#define DAYS(seconds) ((seconds) / 86400)

static void put_variable(struct findings *findings, const struct program_variable *variable)
{
	const char *name = variable->name;
	const char *problem = NULL;

	if (variable->state == VARIABLE_EMPTY) {
		findings_add(findings, FINDING_WARNING, "%s is empty: it counts as unset",
			     name);
		findings_command(findings, "unset %s", name);
	} else if (variable->state == VARIABLE_BLANK) {
		findings_add(findings, FINDING_WARNING,
			     "%s is white space: it counts as set, and gives no token", name);
		findings_command(findings, "unset %s", name);
	}
	if (variable->state != VARIABLE_SET)
		return;
	problem = checkup_token(&variable->value);
	if (!problem && variable->changed)
		problem = "a line break or white space is in it, which not every program takes "
			  "out";
	if (!problem)
		return;
	findings_add(findings, FINDING_WARNING, "%s: %s", name, problem);
	findings_command(findings,
			 "export %s=\"$(printf %%s \"$%s\" | tr -d \"[:space:]\\\"'\" | "
			 "sed 's/^[Bb][Ee][Aa][Rr][Ee][Rr]//')\"",
			 name, name);
}

/* What is in no store would be gone with the variable. */
static void put_unset(struct doctor *doctor, const char *name, bool stored)
{
	AUTOFREE char *option = doctor_endpoint_option(doctor, doctor->session.source_endpoint);

	if (stored)
		findings_command(&doctor->findings, "unset %s", name);
	else
		findings_advice(&doctor->findings,
				"store it first: printenv %s | hftoken login --with-token%s; "
				"then unset %s",
				name, option ? option : "", name);
}

/* Both are read by programs, each first by some. */
static void put_two(struct doctor *doctor)
{
	const struct program_variable *variables = program_variables();

	if (variables[0].state != VARIABLE_SET || variables[1].state != VARIABLE_SET ||
	    secret_equal(&variables[0].value, &variables[1].value))
		return;
	findings_add(
		&doctor->findings, FINDING_WARNING,
		"%s holds another token than %s: programs that look at it alone use that one",
		variables[1].name, variables[0].name);
	put_unset(doctor, variables[1].name,
		  doctor_is_stored(doctor, secret_text(&variables[1].value),
				   doctor->session.source_endpoint));
}

/*
 * The environment's token goes before the default one, unless it is that very token. One that looks
 * the same, and whose store does not answer, gets the benefit of the doubt.
 */
static void put_shadow(struct doctor *doctor)
{
	struct session *session = &doctor->session;
	const struct token *env = session_env(session);
	const struct token *usual;
	const struct token *twin;

	usual = catalogue_default(&session->catalogue, session->source_endpoint);
	if (!env || !usual || session->settings.environment == ENVIRONMENT_IGNORE ||
	    checkup_token(program_token()))
		return;
	twin = session_twin(session, env);
	if (twin == usual || (!twin && strcmp(env->masked, usual->masked) == 0))
		return;
	findings_add(&doctor->findings, FINDING_WARNING,
		     "%s holds %s, which is used in place of the default token '%s'",
		     program_token_variable(),
		     twin ? "another stored token" : "a token that is not stored", usual->name);
	put_unset(doctor, program_token_variable(), twin != NULL);
}

static void put_name(struct doctor *doctor)
{
	const char *name = getenv("HFTOKEN_NAME");
	const struct token *token = NULL;

	if (!name || !*name)
		return;
	if (!looks_like_token(name) && !session_find(&doctor->session, name, &token, NULL) &&
	    token)
		return;
	findings_add(&doctor->findings, FINDING_ERROR,
		     looks_like_token(name)
			     ? "HFTOKEN_NAME holds a token, and should hold a token's name"
			     : "HFTOKEN_NAME names a token that is not there: %s",
		     name);
	put_unset(doctor, "HFTOKEN_NAME",
		  !looks_like_token(name) ||
			  doctor_is_stored(doctor, name, doctor->session.source_endpoint));
}

void doctor_environment(struct doctor *doctor)
{
	const struct program_variable *variables = program_variables();
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;

	for (size_t i = 0; i < PROGRAM_VARIABLES; i++)
		put_variable(findings, &variables[i]);
	put_two(doctor);
	put_shadow(doctor);
	put_name(doctor);
	if (findings->count == before)
		findings_add(findings, FINDING_OK,
			     session_env(&doctor->session)
				     ? "%s holds a token, and nothing speaks against it"
				     : "no variable hides a token",
			     program_token_variable());
}

/* ---- the end of tokens ------------------------------------------------------------------------ */

static void put_life(struct doctor *doctor, const struct token *token, int64_t now)
{
	struct findings *findings = &doctor->findings;
	char when[TIME_TEXT_SIZE] = "";
	int64_t days;
	enum checkup_life life = checkup_life(token->expires, now, &days);

	if (life != LIFE_LONG) {
		time_to_text(token->expires, when);
		findings_add(findings, life == LIFE_OVER ? FINDING_ERROR : FINDING_WARNING,
			     life == LIFE_OVER ? "token '%s' has expired (%.10s)"
					       : "token '%s' ends on %.10s",
			     token->name, when);
		doctor_put_login(doctor, token);
	} else if (token->verified == TIME_UNKNOWN) {
		findings_add(findings, FINDING_OK, "token '%s' was never checked by the Hub",
			     token->name);
		findings_command(findings, "hftoken whoami %s", token->name);
	} else if (DAYS(now - token->verified) > CHECKUP_VERIFIED_DAYS) {
		findings_add(findings, FINDING_OK,
			     "token '%s' was last checked by the Hub %" PRId64 " days ago",
			     token->name, DAYS(now - token->verified));
		findings_command(findings, "hftoken whoami %s", token->name);
	}
}

void doctor_tokens(struct doctor *doctor)
{
	const struct catalogue *catalogue = &doctor->session.catalogue;
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	int64_t now = time_now();

	for (size_t i = 0; i < catalogue->count; i++)
		put_life(doctor, &catalogue->tokens[i], now);
	if (findings->count > before)
		return;
	if (catalogue->count)
		findings_add(findings, FINDING_OK, "no end is near (tokens: %zu)",
			     catalogue->count);
	else
		findings_add(findings, FINDING_OK, "none is stored");
}

/* ---- huggingface_hub -------------------------------------------------------------------------- */

static void put_mode(struct findings *findings, const char *path)
{
	AUTOFREE char *quoted = path ? doctor_quote(path) : NULL;
	struct stat status;

	if (!quoted || stat(path, &status) < 0 || !(status.st_mode & 077))
		return;
	findings_add(findings, FINDING_ERROR, "other users can read %s", path);
	findings_command(findings, "chmod 600 %s", quoted);
}

/* That file is for the Hub that huggingface_hub talks to. */
static void put_foreign(struct doctor *doctor, const struct hf_token *file,
			const struct token *target)
{
	struct findings *findings = &doctor->findings;
	AUTOFREE char *quoted = doctor_quote(file->path);
	AUTOFREE char *option = doctor_endpoint_option(doctor, doctor->session.source_endpoint);

	findings_add(findings, FINDING_WARNING,
		     "hf uses a token of its own in %s, and not the default token '%s'",
		     file->path, target->name);
	if (!*file->masked)
		findings_advice(findings, "look at that file: what is in it is no token");
	else if (quoted && option)
		findings_command(findings,
				 "hftoken login --token-file %s%s && hftoken setup hf", quoted,
				 option);
}

static void put_stored(struct findings *findings, const struct hf_token *file,
		       const struct token *target, bool follows)
{
	if (!follows)
		findings_add(findings, FINDING_WARNING,
			     "token '%s' lies in plain text in %s, and does not follow the "
			     "default token",
			     file->name, file->path);
	else if (target && strcmp(file->name, target->name) != 0)
		findings_add(findings, FINDING_WARNING,
			     "hf uses token '%s', and the default is '%s'", file->name,
			     target->name);
	else
		return;
	findings_command(findings, "hftoken setup hf");
}

static void judge_hf(struct doctor *doctor, const struct hf_token *file)
{
	const struct token *target = hf_follow_target(&doctor->session);
	struct findings *findings = &doctor->findings;
	bool follows = doctor->session.settings.hf_follow;

	if (file->content == HF_STORED)
		put_stored(findings, file, target, follows);
	if (file->content == HF_FOREIGN && target)
		put_foreign(doctor, file, target);
	if (file->content == HF_SESSION)
		findings_add(findings, FINDING_OK,
			     "hf has logged in by itself ('%s'), and renews that token",
			     file->name);
	if (file->content == HF_NOTHING && follows && target) {
		findings_add(findings, FINDING_WARNING,
			     "hf has no token, and is to follow the default token '%s'",
			     target->name);
		findings_command(findings, "hftoken setup hf");
	}
}

void doctor_hf(struct doctor *doctor)
{
	AUTOHFTOKEN struct hf_token file = HF_TOKEN_NONE;
	AUTOFREE char *path = plain_hf_path();
	AUTOFREE char *stored = plain_hf_stored_path();
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	struct err err = {0};

	put_mode(findings, path);
	put_mode(findings, stored);
	if (hf_token_look(&file, &doctor->session, &err))
		findings_add_err(findings, FINDING_WARNING, &err);
	else
		judge_hf(doctor, &file);
	if (findings->count == before)
		findings_add(
			findings, FINDING_OK,
			file.content == HF_NOTHING
				? "no token of huggingface_hub's lies in plain text"
			: file.content == HF_STORED
				? "hf uses the default token, in plain text, as was asked for"
				: "hf uses a token of its own");
}
