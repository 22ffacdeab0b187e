/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zsh: a file for a folder of fpath, which begins with its #compdef line, or to be sourced. Whatever
 * comes from outside goes through compadd, which quotes it.
 */
#include <string.h>

#include "cli/completion.h"
#include "core/settings.h"

/* ---- what is the same whatever the tables say --------------------------------------------------- */

static const char tools[] =
	"#compdef hftoken\n"
	"# Completion for zsh, printed by 'hftoken completion zsh'.\n"
	"\n"
	"# Lines that hftoken prints, which asks no network and unlocks nothing: WORDS... -- options of compadd\n"
	"__hftoken_lines() {\n"
	"    local -a asked found\n"
	"    asked=( ${@[1,(i)--]} )\n"
	"    shift $#asked\n"
	"    asked[-1]=()\n"
	"    found=( ${(f)\"$(command hftoken $asked </dev/null 2>/dev/null)\"} )\n"
	"    found=( $hftoken_before$^found )\n"
	"    compadd \"$@\" -F hftoken_given -a -- found\n"
	"}\n"
	"\n"
	"__hftoken_tokens() {\n"
	"    __hftoken_lines list -q -- \"$@\"\n"
	"}\n"
	"\n"
	"__hftoken_patterns() {\n"
	"    __hftoken_lines rule list -q -- \"$@\"\n"
	"}\n"
	"\n"
	"__hftoken_files() {\n"
	"    _files \"$@\"\n"
	"}\n"
	"\n"
	"__hftoken_folders() {\n"
	"    _files -/ \"$@\"\n"
	"}\n"
	"\n"
	"# The same without those that are there already; its name stands behind compadd's options.\n"
	"__hftoken_more() {\n"
	"    local -a hftoken_given=( ${(b)words[2,CURRENT-1]} )\n"
	"    __hftoken_$@[-1] \"${@[1,-2]}\"\n"
	"}\n"
	"\n";

static const char machine[] =
	"_hftoken() {\n"
	"    local curcontext=$curcontext context state state_descr command\n"
	"    local hftoken_before=''\n"
	"    local -a line hftoken_given\n"
	"    local -A opt_args\n"
	"\n"
	"    # `hftoken auth X` is `hftoken X`\n"
	"    if [[ $words[2] == auth ]] && (( CURRENT > 2 )); then\n"
	"        shift words\n"
	"        (( CURRENT-- ))\n"
	"    fi\n"
	"    command=$words[2]\n"
	"    if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n"
	"        __hftoken_commands\n"
	"        return\n"
	"    fi\n"
	"    if [[ $command == -* ]]; then\n"
	"        command=\n"
	"    else\n"
	"        shift words\n"
	"        (( CURRENT-- ))\n"
	"    fi\n"
	"    curcontext=${curcontext%:*}-$command:\n"
	"    __hftoken_arguments\n"
	"}\n"
	"\n"
	"# The file is the function's body where zsh finds it by itself, and a script where it is sourced.\n"
	"if [[ $funcstack[1] == _hftoken ]]; then\n"
	"    _hftoken \"$@\"\n"
	"elif (( $+functions[compdef] )); then\n"
	"    compdef _hftoken hftoken\n"
	"fi\n";

/* ---- the tables -------------------------------------------------------------------------------- */

/* Within single quotes; brackets and colons mean something to _arguments. */
static void put_text(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'') {
			buf_add_text(out, "'\\''");
			continue;
		}
		if (strchr(special, *text))
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
}

/* ":NAME:__hftoken_tokens" */
static void put_place(struct buf *out, const struct place *place, bool repeats)
{
	size_t size = strcspn(place->word, "|");

	if (place->kind && strcmp(place->kind, "program") == 0)
		buf_add_text(out, ":command:_command_names -e");
	else
		buf_printf(out, ":%.*s:%s%s%s", (int)size, place->word,
			   place->kind ? "__hftoken_" : " ", repeats ? "more " : "",
			   place->kind ? place->kind : "");
}

/* '(-n --name)'{-n+,--name=}'[the name of the token]:NAME:__hftoken_tokens' */
static void put_option(struct buf *out, const struct command *command, enum option_id id,
		       const struct place *place)
{
	const struct option *option = &options[id];
	bool again = id == OPT_REPO;

	buf_add_text(out, "\n            ");
	if (option->letter)
		buf_printf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name,
			   option->letter, place ? "+" : "", option->name, place ? "=" : "");
	else
		buf_printf(out, "'%s--%s%s[", again ? "*" : "", option->name, place ? "=" : "");
	put_text(out, option_help(command, id), "[]\\");
	buf_add_char(out, ']');
	if (place)
		put_place(out, place, false);
	buf_add_char(out, '\'');
}

/* "1:NAME:…" and so on; the first is number `number`. */
static void put_operands(struct buf *out, const char *operands, unsigned number)
{
	struct operand operand;

	for (unsigned i = 0; operand_at(operands, i, &operand); i++) {
		bool program = operand.place->kind &&
			       strcmp(operand.place->kind, "program") == 0;

		buf_add_text(out, "\n            '");
		if (program) /* what stands behind it is another program's */
			buf_add_text(out, "(-)1");
		else if (operand.repeats)
			buf_add_char(out, '*');
		else
			buf_printf(out, "%u", number + i);
		put_place(out, operand.place, operand.repeats && operand.place->kind);
		buf_add_text(out, program ? "' '*::argument:_normal'" : "'");
	}
}

/* Verbs are described here, and what stands behind each follows from which is there. */
static void put_verbs(struct buf *out, const struct command *command)
{
	const char *name;
	size_t size;

	buf_add_text(out, "\n            '1:verb:((");
	for (unsigned i = 0; (name = command_verb(command, i, &size)) != NULL; i++) {
		const struct verb *verb = verb_find(command, name, size);

		buf_printf(out, "%s%.*s\\:\"", i ? " " : "", (int)size, name);
		put_text(out, verb ? verb->summary : "", "\"`$\\");
		buf_add_char(out, '"');
	}
	buf_add_text(out, "))'");
}

static void put_verb_operands(struct buf *out, const struct command *command)
{
	const char *name;
	size_t size;

	buf_add_text(out, "        case ${words[(r)");
	for (unsigned i = 0; (name = command_verb(command, i, &size)) != NULL; i++)
		buf_printf(out, "%s%.*s", i ? "|" : "(", (int)size, name);
	buf_add_text(out, ")]} in\n");
	for (size_t i = 0; i < verb_count; i++) {
		if (&commands[verbs[i].command] != command || !*verbs[i].operands)
			continue;
		buf_printf(out, "        %s) specs+=(", verbs[i].name);
		put_operands(out, verbs[i].operands, 2);
		buf_add_text(out, "\n        ) ;;\n");
	}
	buf_add_text(out, "        esac\n");
}

static void put_command(struct buf *out, const struct command *command)
{
	size_t size;
	bool has_verbs = command_verb(command, 0, &size) != NULL;

	buf_printf(out, "    %s%s%s)\n        specs=(", *command->name ? command->name : "''",
		   command->alias ? " | " : "", command->alias ? command->alias : "");
	for (size_t i = 0; command->options[i] != OPT_END; i++)
		put_option(out, command, command->options[i],
			   place_of_option(command->options[i]));
	if (has_verbs)
		put_verbs(out, command);
	else
		put_operands(out, command->operands, 1);
	buf_add_text(out, "\n        )\n");
	if (has_verbs)
		put_verb_operands(out, command);
	buf_add_text(out, "        ;;\n");
}

static void put_commands(struct buf *out)
{
	buf_add_text(out, "__hftoken_commands() {\n    local -a commands=(\n");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		buf_printf(out, "        '%s:", commands[id].name);
		put_text(out, commands[id].summary, "\\");
		buf_add_text(out, "'\n");
	}
	buf_add_text(out, "    )\n"
			  "    (( CURRENT == 2 )) && [[ $words[1] != auth ]] &&\n"
			  "        commands+=( 'auth:any of these, as hf has it' )\n"
			  "    _describe -t commands 'hftoken command' commands \"$@\"\n"
			  "}\n\n");
}

static void put_verbs_of_help(struct buf *out)
{
	const char *name;
	size_t size;

	buf_add_text(out, "__hftoken_verbs() {\n    case $line[1] in\n");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		if (!command_verb(&commands[id], 0, &size))
			continue;
		buf_printf(out, "    %s) compadd \"$@\" --", commands[id].name);
		for (unsigned i = 0; (name = command_verb(&commands[id], i, &size)); i++)
			buf_printf(out, " %.*s", (int)size, name);
		buf_add_text(out, " ;;\n");
	}
	buf_add_text(out, "    esac\n}\n\n");
}

static void put_settings(struct buf *out)
{
	buf_add_text(out, "__hftoken_keys() {\n    compadd \"$@\" --");
	for (size_t i = 0; settings_keys[i]; i++)
		buf_printf(out, " %s", settings_keys[i]);
	buf_add_text(out, "\n    hftoken_before=cache. __hftoken_tokens \"$@\"\n}\n\n"
			  "__hftoken_values() {\n    case $line[2] in\n"
			  "    cache.*) compadd \"$@\" -- off ;;\n");
	for (size_t i = 0; settings_keys[i]; i++) {
		if (setting_words(settings_keys[i]))
			buf_printf(out, "    %s) compadd \"$@\" -- %s ;;\n", settings_keys[i],
				   setting_words(settings_keys[i]));
	}
	buf_add_text(out, "    esac\n}\n\n");
}

void completion_zsh(struct buf *out)
{
	buf_add_text(out, tools);
	put_commands(out);
	put_verbs_of_help(out);
	put_settings(out);
	for (size_t i = 0; i < place_count; i++) {
		if (places[i].words)
			buf_printf(out, "__hftoken_%s() {\n    compadd \"$@\" -- %s\n}\n\n",
				   places[i].kind, places[i].words);
	}
	buf_add_text(out,
		     "__hftoken_arguments() {\n    local -a specs\n    case $command in\n");
	for (int id = 0; id < CMD_COUNT; id++)
		put_command(out, &commands[id]);
	buf_add_text(out, "    *) return 1 ;;\n    esac\n    _arguments -s -S $specs\n}\n\n");
	buf_add_text(out, machine);
}
