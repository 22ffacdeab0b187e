/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/select.h"

#include <stdio.h>
#include <string.h>

#include "base/mask.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/prompt.h"
#include "cli/show.h"

#define CHOICES_MAX 99
#define CHOICE_SIZE 256

void selection_release(struct selection *selection)
{
	free(selection->refs);
	*selection = (struct selection) {0};
}

int select_foreign(const char *name, struct err *err)
{
	if (strcmp(name, "env") == 0)
		return err_set(err, ERR_NO_NAME, "'env' is %s, which hftoken does not keep",
			       program_token_variable());
	if (text_starts_with(name, "hf:"))
		return err_set(err, ERR_NO_NAME,
			       "'%.*s' is huggingface_hub's, and hftoken only reads it",
			       (int)TOKEN_NAME_MAX + 3, name);
	return err_set(err, ERR_NO_NAME, "'%.*s' is mounted, and hftoken only reads it",
		       (int)TOKEN_NAME_MAX + 14, name);
}

int select_none(struct session *session, struct err *err)
{
	const struct token *source = session_env(session);
	int error = session_search(session, err);

	if (error)
		return error;
	if (!source && session->sources->count)
		source = &session->sources->tokens[0];
	if (!source) {
		err_set(err, ERR_NO_TOKEN, "there are no tokens");
		return err_hint(err, "hftoken login");
	}
	err_set(err, ERR_NO_TOKEN, "no token is stored; '%.*s' (%s) is used as it is",
		(int)TOKEN_NAME_MAX + 14, source->name,
		sources_location(session->sources, source));
	return source_hint_removal(source->name, err);
}

int select_no_such(const char *name, struct err *err)
{
	if (looks_like_token(name))
		return token_name_check(name, err);
	if (source_is_name(name)) {
		select_foreign(name, err);
		return source_hint_removal(name, err);
	}
	err_set(err, ERR_NO_NAME, "there is no token named '%.*s'", (int)TOKEN_NAME_MAX, name);
	return err_hint(err, "hftoken list shows their names");
}

int select_from_menu(const struct session *session, const char *question, bool keep,
		     const struct token **ret, struct err *err)
{
	static char lines[CHOICES_MAX][CHOICE_SIZE];
	const char *items[CHOICES_MAX];
	const struct catalogue *catalogue = &session->catalogue;
	size_t count = catalogue->count < CHOICES_MAX ? catalogue->count : CHOICES_MAX;
	int current = -1;
	size_t picked;
	int error;

	for (size_t i = 0; i < count; i++) {
		const struct token *token = &catalogue->tokens[i];

		(void)snprintf(lines[i], CHOICE_SIZE, "%s  (%s, %s)", token->name,
			       show_text(token->account), token_kind_names[token->kind]);
		items[i] = lines[i];
		if (keep && show_is_default(session, token))
			current = (int)i;
	}
	error = prompt_menu(question, items, count, current, &picked, err);
	if (!error)
		*ret = &catalogue->tokens[picked];
	return error;
}

int selection_add(struct selection *selection, const struct session *session, const char *name,
		  struct err *err)
{
	const struct token *token = catalogue_find(&session->catalogue, name);
	struct token_ref *ref;

	if (!token)
		return select_no_such(name, err);
	for (size_t i = 0; i < selection->count; i++) {
		if (strcmp(selection->refs[i].id, token->id) == 0)
			return 0;
	}
	if (!selection->refs)
		selection->refs = calloc(SELECTED_MAX, sizeof(*selection->refs));
	if (!selection->refs)
		return err_no_memory(err);
	if (selection->count == SELECTED_MAX)
		return err_set(err, ERR_USAGE, "more than %d tokens at once", SELECTED_MAX);
	ref = &selection->refs[selection->count++];
	(void)text_copy(ref->id, sizeof(ref->id), token->id);
	(void)text_copy(ref->name, sizeof(ref->name), token->name);
	ref->revision = token->revision;
	return 0;
}

/* Nothing was named: the only one there is, or one from a menu. */
static int choose(const struct cli *cli, struct session *session, const char *question,
		  struct selection *selection, struct err *err)
{
	const struct catalogue *catalogue = &session->catalogue;
	const struct token *picked;
	int error;

	if (catalogue->count == 0)
		return select_none(session, err);
	if (catalogue->count == 1)
		return selection_add(selection, session, catalogue->tokens[0].name, err);
	if (!prompt_possible()) {
		err_set(err, ERR_USAGE, "there are %zu tokens: which one?", catalogue->count);
		return err_hint(err, "hftoken %s NAME, or --all", cli->command->name);
	}
	error = select_from_menu(session, question, false, &picked, err);
	return error ? error : selection_add(selection, session, picked->name, err);
}

int select_tokens(const struct cli *cli, struct session *session, const char *question,
		  struct selection *ret, struct err *err)
{
	int error = 0;

	if (cli_has(cli, OPT_ALL) && (cli->operand_count || cli_has(cli, OPT_NAME)))
		return err_set(err, ERR_USAGE, "--all and a name do not go together");
	for (unsigned i = 0; i < cli->operand_count && !error; i++)
		error = selection_add(ret, session, cli->operands[i], err);
	if (!error && cli_has(cli, OPT_NAME))
		error = selection_add(ret, session, cli->values[OPT_NAME], err);
	for (size_t i = 0; cli_has(cli, OPT_ALL) && i < session->catalogue.count && !error; i++)
		error = selection_add(ret, session, session->catalogue.tokens[i].name, err);
	if (!error && ret->count == 0 && !cli_has(cli, OPT_ALL))
		error = choose(cli, session, question, ret, err);
	return error;
}
