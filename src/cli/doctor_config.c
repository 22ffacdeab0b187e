/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what people write by hand: settings and rules. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "core/rules.h"
#include "core/sources.h"

#define SYSTEM_FOLDER "/etc/hftoken/"

/* ---- settings --------------------------------------------------------------------------------- */

/* settings_load() tells its listener nothing but the line; there is one doctor in a program. */
static struct findings *listener;

/* The first word, if it is the name of a setting. */
static const char *key_of(const char *what)
{
	for (size_t i = 0; settings_keys[i]; i++) {
		size_t size = strlen(settings_keys[i]);

		if (text_starts_with(what, settings_keys[i]) && what[size] == ' ')
			return settings_keys[i];
	}
	return NULL;
}

static void take_problem(const char *where, const char *what)
{
	const char *key = key_of(what);

	findings_add(listener, FINDING_WARNING, "%s: %s", where, what);
	if (*where != '/')
		findings_command(listener, "unset %s", where);
	else if (text_starts_with(where, SYSTEM_FOLDER))
		findings_advice(listener, "have root correct that line");
	else if (key)
		findings_command(listener, "hftoken config unset %s", key);
	else
		findings_advice(listener, "correct that line, or take it out");
}

void doctor_settings(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	struct settings settings;
	struct err err = {0};

	listener = findings;
	if (settings_load(&settings, take_problem, &err))
		findings_add_err(findings, FINDING_ERROR, &err);
	listener = NULL;
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "every line makes sense");
}

/* ---- rules ------------------------------------------------------------------------------------ */

/* The conditions of a rule as options of `hftoken rule`. */
static void put_conditions(struct buf *ret, const struct rule *rule)
{
	AUTOFREE char *directory = rule->directory
					   ? strndup(rule->directory, rule->directory_size)
					   : NULL;

	if (rule->operation == OPERATION_READ || rule->operation == OPERATION_WRITE)
		buf_printf(ret, " --%s", operation_name(rule->operation));
	if (!directory)
		return;
	buf_add_text(ret, " --in ");
	/* A shell puts in the home directory only outside quotes. */
	if (text_starts_with(directory, "~/")) {
		buf_add_text(ret, "~/");
		text_quote(ret, directory + 2);
	} else {
		text_quote(ret, directory);
	}
}

static void put_command(struct findings *findings, const struct rule *rule, const char *verb,
			const char *token)
{
	AUTOBUF struct buf text = {0};

	buf_printf(&text, "hftoken rule %s ", verb);
	text_quote(&text, rule->pattern);
	if (*token) {
		buf_add_char(&text, ' ');
		text_quote(&text, token);
	}
	put_conditions(&text, rule);
	findings_command(findings, "%s", buf_text(&text));
}

static bool is_there(struct doctor *doctor, const char *name)
{
	const struct token *token = NULL;

	/* Of a list that cannot be read nobody knows who is missing. */
	if (doctor->catalogue_err.code || catalogue_find(&doctor->session.catalogue, name))
		return true;
	return !session_find(&doctor->session, name, &token, NULL) && token;
}

/* Of lines that contradict each other, the first that names a token; NULL if none does. */
static const struct rule *choose(struct doctor *doctor, const struct rule_list *list,
				 const struct rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *other = &list->rules[i];

		if (other->file == rule->file && *other->pattern &&
		    rule_is_double(other, rule) && is_there(doctor, other->token))
			return other;
	}
	return NULL;
}

static void put_problem(struct doctor *doctor, const char *path, const struct rule_list *list,
			const struct rule *rule)
{
	struct findings *findings = &doctor->findings;
	const struct rule *chosen = *rule->pattern ? choose(doctor, list, rule) : NULL;

	findings_add(findings, FINDING_WARNING, "%s:%u: %s: it is left out", path, rule->line,
		     rule->problem);
	if (rule->file == RULES_OF_SYSTEM)
		findings_advice(findings, "have root correct that line");
	else if (chosen)
		/* It takes the place of all that say otherwise. */
		put_command(findings, chosen, "add", chosen->token);
	else if (*rule->pattern)
		put_command(findings, rule, "remove", "");
	else
		findings_advice(findings, "correct that line, or take it out");
}

static void put_missing(struct findings *findings, const char *path, const struct rule *rule)
{
	findings_add(findings, FINDING_WARNING,
		     "%s:%u: there is no token '%s': the rule is left out", path, rule->line,
		     rule->token);
	if (rule->file == RULES_OF_SYSTEM)
		findings_advice(findings, "hftoken login %s, or have root correct that line",
				rule->token);
	else
		put_command(findings, rule, "remove", "");
}

void doctor_rules(struct doctor *doctor)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list list = {0};
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	struct err err = {0};
	int error = rules_load(&rules, &err);

	if (!error)
		error = rules_list(&rules, &list, &err);
	if (error)
		findings_add_err(findings, FINDING_ERROR, &err);
	for (size_t i = 0; i < list.count; i++) {
		const struct rule *rule = &list.rules[i];
		const char *path = rules.paths[rule->file] ? rules.paths[rule->file] : "rules";

		if (rule->problem)
			put_problem(doctor, path, &list, rule);
		else if (!is_there(doctor, rule->token))
			put_missing(findings, path, rule);
	}
	if (findings->count == before)
		findings_add(findings, FINDING_OK,
			     list.count ? "every rule names a token that is there (rules: %zu)"
					: "there are none",
			     list.count);
}
