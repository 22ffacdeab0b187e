/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"

enum command_id command_by_name(const char *name)
{
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		const char *alias = commands[id].alias;

		if (strcmp(commands[id].name, name) == 0 || (alias && strcmp(alias, name) == 0))
			return (enum command_id)id;
	}
	return CMD_COUNT;
}

static bool is_word(const char *word, const char *text, size_t size)
{
	return word && strlen(word) == size && memcmp(word, text, size) == 0;
}

enum option_id command_option(const struct command *command, const char *name, size_t size)
{
	for (const enum option_id *id = command->options; *id != OPT_END; id++) {
		if (is_word(options[*id].name, name, size) ||
		    is_word(options[*id].alias, name, size))
			return *id;
	}
	return OPT_END;
}

static enum option_id option_by_letter(const struct command *command, char letter)
{
	for (const enum option_id *id = command->options; *id != OPT_END; id++) {
		if (options[*id].letter == letter)
			return *id;
	}
	return OPT_END;
}

static int see_help(const struct cli *cli, struct err *err)
{
	return err_hint(err, "hftoken %s%s--help", cli->command->name,
			*cli->command->name ? " " : "");
}

/* What was typed, unless it may be a secret in the wrong place. */
static const char *shown(const char *typed)
{
	return strstr(typed, "hf_") || strstr(typed, "api_") || strlen(typed) > 40 ? "…"
										   : typed;
}

static int unknown_option(const struct cli *cli, const char *typed, struct err *err)
{
	err_set(err, ERR_USAGE, "unknown option '%s'", shown(typed));
	return see_help(cli, err);
}

/* The words of the command line that are still to be read. */
struct words {
	char *const *next;
	int left;
};

static const char *next_word(struct words *words)
{
	if (words->left == 0)
		return NULL;
	words->left--;
	return *words->next++;
}

static int take_value(struct cli *cli, enum option_id id, const char *value,
		      struct words *words, struct err *err)
{
	if (!options[id].value) {
		if (value) {
			err_set(err, ERR_USAGE, "option '--%s' takes no value",
				options[id].name);
			return see_help(cli, err);
		}
		value = "";
	} else if (!value) {
		value = next_word(words);
	}
	if (!value) {
		err_set(err, ERR_USAGE, "option '--%s' needs a value", options[id].name);
		return see_help(cli, err);
	}
	cli->values[id] = value;
	if (id != OPT_REPO)
		return 0;
	if (cli->repo_count == REPOS_MAX)
		return err_set(err, ERR_USAGE, "more than %d repositories", REPOS_MAX);
	cli->repos[cli->repo_count++] = value;
	return 0;
}

static int long_option(struct cli *cli, const char *word, struct words *words, struct err *err)
{
	const char *name = word + 2;
	size_t size = strcspn(name, "=");
	enum option_id id = command_option(cli->command, name, size);

	if (id == OPT_END)
		return unknown_option(cli, word, err);
	return take_value(cli, id, name[size] ? name + size + 1 : NULL, words, err);
}

/* "-n work", "-nwork", "-qh". */
static int short_options(struct cli *cli, const char *word, struct words *words,
			 struct err *err)
{
	for (const char *letter = word + 1; *letter; letter++) {
		enum option_id id = option_by_letter(cli->command, *letter);
		const char *rest;
		int error;

		if (id == OPT_END)
			return unknown_option(cli, word, err);
		rest = options[id].value && letter[1] ? letter + 1 : NULL;
		error = take_value(cli, id, rest, words, err);
		if (error || rest)
			return error;
	}
	return 0;
}

static int add_operand(struct cli *cli, const char *word, struct err *err)
{
	/* "hftoken -h list" */
	if (cli->id == CMD_NONE && cli_has(cli, OPT_HELP) &&
	    command_by_name(word) != CMD_COUNT) {
		cli->id = command_by_name(word);
		cli->command = &commands[cli->id];
		return 0;
	}
	if (cli->operand_count >= cli->command->max || cli->operand_count >= OPERANDS_MAX) {
		err_set(err, ERR_USAGE, "'hftoken %s' takes no '%s'", cli->command->name,
			shown(word));
		return see_help(cli, err);
	}
	cli->operands[cli->operand_count++] = word;
	return 0;
}

/* All that is left belongs to another program, whatever it looks like. */
static void leave_wrapped(struct cli *cli, struct words *words)
{
	cli->wrapped = words->next;
	cli->wrapped_count = (unsigned)words->left;
	words->left = 0;
}

static int parse_words(struct cli *cli, struct words *words, struct err *err)
{
	bool ended = false;
	const char *word;
	int error = 0;

	while (!error && (word = next_word(words)) != NULL) {
		if (!ended && strcmp(word, "--") == 0) {
			ended = true;
			if (cli->command->wraps)
				leave_wrapped(cli, words);
		} else if (!ended && text_starts_with(word, "--"))
			error = long_option(cli, word, words, err);
		else if (!ended && word[0] == '-' && word[1])
			error = short_options(cli, word, words, err);
		else if (cli->command->wraps) {
			words->next--;
			words->left++;
			leave_wrapped(cli, words);
		} else
			error = add_operand(cli, word, err);
	}
	return error;
}

#define WORD_MAX 16 /* no command is as long */

/* Letters to add, leave out or change. */
static size_t distance(const char *one, const char *other)
{
	size_t row[WORD_MAX + 1];
	size_t size = strlen(other);

	for (size_t i = 0; i <= size; i++)
		row[i] = i;
	for (size_t at = 0; one[at]; at++) {
		size_t corner = row[0]++;

		for (size_t i = 0; i < size; i++) {
			size_t change = corner + (one[at] != other[i]);
			size_t least = row[i] < row[i + 1] ? row[i] + 1 : row[i + 1] + 1;

			corner = row[i + 1];
			row[i + 1] = change < least ? change : least;
		}
	}
	return row[size];
}

/* The command that was meant, as far as that can be seen; NULL. */
static const char *likely_command(const char *word)
{
	const char *best = NULL;
	size_t least = 3;

	for (int id = CMD_NONE + 1; id < CMD_COUNT && strlen(word) < WORD_MAX; id++) {
		const char *name = commands[id].name;
		size_t away = strlen(word) > 1 && text_starts_with(name, word)
				      ? 1
				      : distance(word, name);

		if (away < least && away * 2 <= strlen(word)) {
			best = name;
			least = away;
		}
	}
	return best;
}

/* The command's name in front; `auth` before it is ignored. */
static int parse_command(struct cli *cli, struct words *words, struct err *err)
{
	const char *word;

	if (words->left && strcmp(*words->next, "auth") == 0)
		(void)next_word(words);
	if (words->left == 0 || **words->next == '-')
		return 0;
	word = next_word(words);
	cli->id = command_by_name(word);
	if (cli->id == CMD_COUNT) {
		cli->id = CMD_NONE;
		err_set(err, ERR_USAGE, "there is no command '%s'", shown(word));
		if (likely_command(word))
			return err_hint(err, "did you mean 'hftoken %s'?",
					likely_command(word));
		return err_hint(err, "hftoken help");
	}
	cli->command = &commands[cli->id];
	return 0;
}

/* An error is JSON for whoever asked for it, also behind the word that is wrong. */
static void find_json(struct cli *cli, struct words *words)
{
	const char *word;

	while ((word = next_word(words)) != NULL) {
		if (strcmp(word, "--json") == 0)
			cli->values[OPT_JSON] = "";
	}
}

int cli_parse(struct cli *cli, int argc, char *const argv[], struct err *err)
{
	struct words words = {argv, argc};
	int error;

	*cli = (struct cli) {.id = CMD_NONE, .command = &commands[CMD_NONE]};
	error = parse_command(cli, &words, err);
	if (!error)
		error = parse_words(cli, &words, err);
	if (error)
		find_json(cli, &words);
	if (error || cli_has(cli, OPT_HELP))
		return error;
	if (cli->operand_count + cli->wrapped_count < cli->command->min) {
		err_set(err, ERR_USAGE, "'hftoken %s' needs: %s", cli->command->name,
			cli->command->operands);
		return see_help(cli, err);
	}
	return 0;
}

void cli_release(struct cli *cli)
{
	buf_release(&cli->out);
}

bool cli_is_online(const struct cli *cli)
{
	if (cli_has(cli, OPT_HELP))
		return false;
	for (int id = 0; id < OPT_COUNT; id++) {
		if (options[id].online && cli->values[id])
			return true;
	}
	return cli->command->online;
}
