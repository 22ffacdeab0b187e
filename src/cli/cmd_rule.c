/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json_write.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/select.h"
#include "cli/ui.h"
#include "core/rule_place.h"
#include "core/rules.h"

/* ---- showing ---------------------------------------------------------------------------------- */

/* Why the rule does not count, or NULL. */
static const char *problem_of(const struct rule *rule, const struct session *session,
			      char ret[128])
{
	if (rule->problem)
		return rule->problem;
	if (strchr(rule->token, ':') || strcmp(rule->token, "env") == 0 ||
	    catalogue_find(&session->catalogue, rule->token))
		return NULL;
	(void)snprintf(ret, 128, "there is no token named '%.*s'", (int)TOKEN_NAME_MAX,
		       rule->token);
	return ret;
}

static void put_json(struct cli *cli, const struct rules *rules, const struct rule_list *list,
		     const struct session *session)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "rules", '[');
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		AUTOFREE char *directory = rule->directory ? strndup(rule->directory,
								     rule->directory_size)
							   : NULL;
		char text[128];

		json_begin(&out, NULL, '{');
		json_put_text(&out, "pattern", *rule->pattern ? rule->pattern : NULL);
		json_put_text(&out, "token", *rule->token ? rule->token : NULL);
		json_put_text(&out, "operation", operation_name(rule->operation));
		json_put_text(&out, "directory", directory);
		json_put_text(&out, "file", rules->paths[rule->file]);
		json_put_int(&out, "line", rule->line);
		json_put_text(&out, "problem", problem_of(rule, session, text));
		json_end(&out, '}');
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

static void put_table(struct cli *cli, const struct rule_list *list)
{
	static const char *const heads[] = {"what", "token", "for", "in"};
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads), .fit = true};

	for (size_t i = 0; i < table.columns; i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		AUTOFREE char *directory = rule->directory ? strndup(rule->directory,
								     rule->directory_size)
							   : NULL;
		enum ui_colour colour = rule->problem ? UI_DIM : UI_PLAIN;

		if (!*rule->pattern)
			continue;
		if (directory)
			text_disarm(directory);
		ui_table_add(&table, colour, rule->pattern);
		ui_table_add(&table, rule->problem ? UI_DIM : UI_BOLD, rule->token);
		ui_table_add(&table, colour,
			     rule->operation ? operation_name(rule->operation) : "-");
		ui_table_add(&table, colour, directory ? directory : "-");
	}
	if (table.count > table.columns)
		ui_table_print(&table, &cli->out);
}

static void warn_of_problems(struct cli *cli, const struct rules *rules,
			     const struct rule_list *list, const struct session *session)
{
	cli_flush(cli);
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		char text[128];
		const char *problem = problem_of(rule, session, text);

		if (problem)
			ui_warn("%s:%u: %s", rules->paths[rule->file], rule->line, problem);
	}
}

static int list(struct cli *cli, const struct session *session, struct err *err)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list found = {0};
	int error = rules_load(&rules, err);

	if (!error)
		error = rules_list(&rules, &found, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &rules, &found, session);
	} else if (cli_has(cli, OPT_QUIET)) {
		for (size_t i = 0; i < found.count; i++) {
			if (*found.rules[i].pattern)
				buf_printf(&cli->out, "%s\n", found.rules[i].pattern);
		}
	} else if (found.count == 0) {
		ui_say("no rules yet");
		ui_hint("hftoken rule add PATTERN NAME");
	} else {
		put_table(cli, &found);
		warn_of_problems(cli, &rules, &found, session);
	}
	return 0;
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* What was typed: a pattern, or any other name of one repository. */
static int read_pattern(const char *text, char ret[RULE_PATTERN_MAX + 1], struct err *err)
{
	const char *problem = rule_pattern_problem(text);
	struct repo repo;

	if (problem && !looks_like_token(text) && !repo_parse(text, &repo, NULL)) {
		char id[REPO_ID_SIZE];

		repo_text(&repo, id);
		problem = rule_pattern_problem(id);
		(void)text_copy(ret, RULE_PATTERN_MAX + 1, id);
	} else if (!text_copy(ret, RULE_PATTERN_MAX + 1, text)) {
		problem = "the pattern is too long";
	}
	if (!problem)
		return 0;
	err_set(err, ERR_USAGE, "%s", problem);
	return err_hint(err, "such as acme, acme/m1, datasets/acme/*, or * for everything");
}

/* The conditions that stand in the options; `ret_directory` is the caller's to free(). */
static int read_conditions(const struct cli *cli, struct rule *rule, char **ret_directory,
			   struct err *err)
{
	int error;

	if (cli_has(cli, OPT_READ) && cli_has(cli, OPT_WRITE))
		return err_set(err, ERR_USAGE, "--read and --write do not go together");
	if (cli_has(cli, OPT_READ))
		rule->operation = OPERATION_READ;
	if (cli_has(cli, OPT_WRITE))
		rule->operation = OPERATION_WRITE;
	if (!cli_has(cli, OPT_IN))
		return 0;
	error = rule_place_directory(cli->values[OPT_IN], ret_directory, err);
	if (!error) {
		rule->directory = *ret_directory;
		rule->directory_size = strlen(*ret_directory);
	}
	return error;
}

static int read_token(const char *name, const struct session *session, struct rule *rule,
		      struct err *err)
{
	const char *problem = rule_token_problem(name);

	if (looks_like_token(name))
		return token_name_check(name, err);
	if (problem || !text_copy(rule->token, sizeof(rule->token), name))
		return err_set(err, ERR_USAGE, "%s",
			       problem ? problem : "the token's name is too long");
	if (strchr(name, ':') || strcmp(name, "env") == 0 ||
	    catalogue_find(&session->catalogue, name))
		return 0;
	return select_no_such(name, err);
}

static void say_rule(struct cli *cli, const struct rule *rule, const char *verb)
{
	buf_printf(&cli->out, "%s %s %s %s", ui_mark(UI_YES), rule->pattern, verb, rule->token);
	if (rule->operation)
		buf_printf(&cli->out, " to %s", operation_name(rule->operation));
	if (rule->directory)
		buf_printf(&cli->out, " in %.*s", (int)rule->directory_size, rule->directory);
	buf_add_char(&cli->out, '\n');
}

static int usage(struct err *err, const char *how)
{
	err_set(err, ERR_USAGE, "wrong number of words");
	return err_hint(err, "%s", how);
}

static int add(struct cli *cli, const struct session *session, struct err *err)
{
	AUTOFREE char *directory = NULL;
	struct rule rule = {.operation = OPERATION_UNKNOWN};
	const char *name = NULL;
	int error;

	if (cli->operand_count < 2 || cli->operand_count > 3)
		return usage(err, "hftoken rule add PATTERN NAME");
	error = cli_typed_name(cli, 2, &name, err);
	if (!error && !name)
		return usage(err, "hftoken rule add PATTERN NAME");
	if (!error)
		error = read_pattern(cli->operands[1], rule.pattern, err);
	if (!error)
		error = read_token(name, session, &rule, err);
	if (!error)
		error = read_conditions(cli, &rule, &directory, err);
	if (!error)
		error = rules_add(&rule, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON))
		return list(cli, session, err);
	if (cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s\n", rule.pattern);
	else
		say_rule(cli, &rule, "uses");
	return 0;
}

/* What `rule remove` was told: patterns, and the conditions if there were any. */
struct removal {
	char (*patterns)[RULE_PATTERN_MAX + 1];
	size_t count;
	struct rule conditions;
};

static bool is_meant(const struct rule *rule, const void *user)
{
	const struct removal *removal = user;
	const struct rule *wanted = &removal->conditions;

	if (wanted->operation && rule->operation != wanted->operation)
		return false;
	if (wanted->directory &&
	    (!rule->directory || rule->directory_size != wanted->directory_size ||
	     memcmp(rule->directory, wanted->directory, rule->directory_size) != 0))
		return false;
	for (size_t i = 0; i < removal->count; i++) {
		if (strcasecmp(rule->pattern, removal->patterns[i]) == 0)
			return true;
	}
	return false;
}

static int check_there(const struct removal *removal, struct err *err)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list found = {0};
	int error = rules_load(&rules, err);

	if (!error)
		error = rules_list(&rules, &found, err);
	for (size_t i = 0; i < removal->count && !error; i++) {
		struct removal one = {&removal->patterns[i], 1, removal->conditions};
		bool there = false;

		for (size_t j = 0; j < found.count && !there; j++)
			there = found.rules[j].file == RULES_OF_USER &&
				is_meant(&found.rules[j], &one);
		if (!there) {
			error = err_set(err, ERR_FAILED, "you have no such rule for '%s'",
					removal->patterns[i]);
			err_hint(err, "hftoken rule list");
		}
	}
	return error;
}

static int remove_rules(struct cli *cli, const struct session *session, struct err *err)
{
	AUTOFREE char *directory = NULL;
	AUTOFREE char(*patterns)[RULE_PATTERN_MAX + 1] = calloc(OPERANDS_MAX,
								sizeof(*patterns));
	struct removal removal = {.patterns = patterns};
	size_t count = 0;
	int error = 0;

	if (!patterns)
		return err_no_memory(err);
	if (cli->operand_count < 2)
		return usage(err, "hftoken rule remove PATTERN");
	for (unsigned i = 1; i < cli->operand_count && !error; i++)
		error = read_pattern(cli->operands[i], patterns[removal.count++], err);
	if (!error)
		error = read_conditions(cli, &removal.conditions, &directory, err);
	if (!error)
		error = check_there(&removal, err);
	if (!error)
		error = rules_remove(is_meant, &removal, &count, err);
	if (error)
		return error;
	if (cli_has(cli, OPT_JSON))
		return list(cli, session, err);
	for (size_t i = 0; i < removal.count && cli_has(cli, OPT_QUIET); i++)
		buf_printf(&cli->out, "%s\n", patterns[i]);
	if (!cli_has(cli, OPT_QUIET))
		buf_printf(&cli->out, "%s removed %zu rule%s\n", ui_mark(UI_YES), count,
			   count == 1 ? "" : "s");
	return 0;
}

int cmd_rule(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const char *verb = cli->operands[0];
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	if (error)
		return error;
	if (strcmp(verb, "list") == 0 || strcmp(verb, "ls") == 0)
		return cli->operand_count == 1 ? list(cli, &session, err)
					       : usage(err, "hftoken rule list");
	if (strcmp(verb, "add") == 0)
		return add(cli, &session, err);
	if (strcmp(verb, "remove") == 0 || strcmp(verb, "rm") == 0)
		return remove_rules(cli, &session, err);
	err_set(err, ERR_USAGE, "rule can add, list and remove");
	return err_hint(err, "hftoken rule --help");
}
