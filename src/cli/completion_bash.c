/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bash, with the package bash-completion or without it. Nothing that comes from outside is given to
 * `compgen -W`, `eval` or the like, which would run what is in it; it is compared, and quoted.
 */
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "core/settings.h"

/* ---- what is the same whatever the tables say --------------------------------------------------- */

static const char tools[] =
	"# Completion for bash, printed by 'hftoken completion bash'.\n"
	"# shellcheck shell=bash\n"
	"\n"
	"# Offers those of the words that begin as the current one does.\n"
	"__hftoken_words() {\n"
	"    local word quoted\n"
	"    for word; do\n"
	"        printf -v quoted %q \"$word\"\n"
	"        if [[ -n $quote ]]; then\n"
	"            # Within quotes, only what can stand there as it is.\n"
	"            [[ $word == *[!a-zA-Z0-9._/*-]* ]] && continue\n"
	"            quoted=$word\n"
	"        fi\n"
	"        [[ $quoted == \"$cur\"* || $word == \"$cur\"* ]] && COMPREPLY+=(\"$quoted\")\n"
	"    done\n"
	"}\n"
	"\n"
	"# Offers the lines that hftoken prints, which asks no network and unlocks nothing.\n"
	"__hftoken_lines() {\n"
	"    local line lines\n"
	"    mapfile -t lines < <(command hftoken \"$@\" </dev/null 2>/dev/null)\n"
	"    for line in \"${lines[@]}\"; do\n"
	"        [[ $there == *\" $line \"* ]] || __hftoken_words \"$before$line\"\n"
	"    done\n"
	"}\n"
	"\n"
	"# Another program's words begin at that one of COMP_WORDS.\n"
	"__hftoken_program() {\n"
	"    local found\n"
	"    if declare -F _comp_command_offset >/dev/null; then\n"
	"        _comp_command_offset \"$1\"\n"
	"    elif declare -F _command_offset >/dev/null; then\n"
	"        _command_offset \"$1\"\n"
	"    elif (($1 == COMP_CWORD)); then\n"
	"        mapfile -t found < <(compgen -c -- \"$cur\")\n"
	"        __hftoken_words \"${found[@]}\"\n"
	"    else\n"
	"        compopt -o default\n"
	"    fi\n"
	"}\n"
	"\n";

static const char machine[] =
	"# The operand of that number, 0 for the first.\n"
	"__hftoken_operand() {\n"
	"    local kind kinds\n"
	"    read -ra kinds <<<\"$operands\"\n"
	"    ((${#kinds[@]})) || return\n"
	"    kind=${kinds[$1]}\n"
	"    if [[ -z $kind ]]; then\n"
	"        kind=${kinds[${#kinds[@]} - 1]}\n"
	"        [[ $kind == *... ]] || return\n"
	"    fi\n"
	"    # What is there already is not offered again.\n"
	"    [[ $kind != *... ]] || there=\" ${operands_given[*]} \"\n"
	"    __hftoken_offer \"${kind%...}\"\n"
	"}\n"
	"\n"
	"# Puts what bash has cut at = and : together again: typed, and where in COMP_WORDS each begins.\n"
	"__hftoken_join() {\n"
	"    local line=${COMP_LINE:0:COMP_POINT} gap word i\n"
	"    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"        gap=${line%%[![:space:]]*}\n"
	"        line=${line:${#gap}}\n"
	"        word=${COMP_WORDS[i]}\n"
	"        ((i < COMP_CWORD)) || word=$line\n"
	"        line=${line:${#word}}\n"
	"        if [[ -z $gap ]] && ((i > 0)); then\n"
	"            typed[${#typed[@]} - 1]+=$word\n"
	"        else\n"
	"            typed+=(\"$word\")\n"
	"            begins+=(\"$i\")\n"
	"        fi\n"
	"    done\n"
	"}\n"
	"\n"
	"# Reads the words before the current one; false where another program's have begun.\n"
	"__hftoken_read() {\n"
	"    local word i=1\n"
	"    [[ ${typed[1]} == auth ]] && ((last > 1)) && i=2\n"
	"    if ((i < last)) && [[ ${typed[i]} != -* ]]; then\n"
	"        command=${typed[i++]}\n"
	"    fi\n"
	"    __hftoken_command \"$command\" || return\n"
	"    for (( ; i < last; i++)); do\n"
	"        word=${typed[i]}\n"
	"        kind=\n"
	"        if [[ -z $ended && $word == -- ]]; then\n"
	"            ended=1\n"
	"        elif [[ -z $ended && $word == -?* ]]; then\n"
	"            # With the value in the next word that is read as well, unless it is the current one.\n"
	"            [[ $word != *=* ]] && __hftoken_value \"$word\" && ((++i < last)) && kind=\n"
	"        elif [[ $operands == program* ]]; then\n"
	"            __hftoken_program \"${begins[i]}\"\n"
	"            return 1\n"
	"        elif [[ -n $verbs && -z $verb ]]; then\n"
	"            verb=$word\n"
	"        else\n"
	"            operands_given+=(\"$word\")\n"
	"        fi\n"
	"    done\n"
	"    return 0\n"
	"}\n"
	"\n"
	"_hftoken() {\n"
	"    local typed=() begins=() operands_given=() last cur given head='' quote='' before='' there=''\n"
	"    local command='' verb='' verbs='' options='' operands='' kind='' ended=''\n"
	"    COMPREPLY=()\n"
	"    __hftoken_join\n"
	"    last=$((${#typed[@]} - 1))\n"
	"    cur=${typed[last]}\n"
	"    __hftoken_read || return 0\n"
	"    if [[ -z $kind && -z $ended && $cur == --*=* ]]; then\n"
	"        __hftoken_value \"${cur%%=*}\" || return 0\n"
	"        head=${cur%%=*}=\n"
	"        cur=${cur#*=}\n"
	"    fi\n"
	"    if [[ $cur == [\\'\\\"]* ]]; then\n"
	"        quote=${cur:0:1}\n"
	"        cur=${cur:1}\n"
	"    fi\n"
	"    if [[ -n $kind ]]; then\n"
	"        __hftoken_offer \"$kind\"\n"
	"    elif [[ -z $ended && -z $quote && $cur == -* ]]; then\n"
	"        # shellcheck disable=SC2086\n"
	"        __hftoken_words $options\n"
	"    elif [[ -z $command ]]; then\n"
	"        __hftoken_offer commands\n"
	"        ((last == 1)) && __hftoken_words auth\n"
	"    elif [[ $operands == program* ]]; then\n"
	"        __hftoken_program \"${begins[last]}\"\n"
	"        return 0\n"
	"    elif [[ -n $verbs && -z $verb ]]; then\n"
	"        # shellcheck disable=SC2086\n"
	"        __hftoken_words $verbs\n"
	"    else\n"
	"        __hftoken_verb \"$command $verb\"\n"
	"        __hftoken_operand \"${#operands_given[@]}\"\n"
	"    fi\n"
	"    # bash replaces the piece that it has cut off, which is $2, and no more.\n"
	"    if [[ -z $quote && ${typed[last]} == *[=:]* ]]; then\n"
	"        given=${2#=}\n"
	"        given=${typed[last]%\"$given\"}\n"
	"        COMPREPLY=(\"${COMPREPLY[@]/#/$head}\")\n"
	"        COMPREPLY=(\"${COMPREPLY[@]#\"$given\"}\")\n"
	"    fi\n"
	"    return 0\n"
	"}\n"
	"\n"
	"complete -F _hftoken hftoken\n";

/* ---- the tables -------------------------------------------------------------------------------- */

static void put_option_names(struct buf *out, const struct option *option, const char *between)
{
	buf_printf(out, "--%s", option->name);
	if (option->letter)
		buf_printf(out, "%s-%c", between, option->letter);
}

/* "tokens none files..." */
static void put_operands(struct buf *out, const char *operands)
{
	struct operand operand;

	buf_add_text(out, " operands='");
	for (unsigned i = 0; operand_at(operands, i, &operand); i++)
		buf_printf(out, "%s%s%s", i ? " " : "",
			   operand.place->kind ? operand.place->kind : "none",
			   operand.repeats ? "..." : "");
	buf_add_text(out, "'");
}

static void put_command(struct buf *out, const struct command *command)
{
	const char *verb;
	size_t size;

	if (*command->name)
		buf_printf(out, "    %s%s%s)", command->name, command->alias ? " | " : "",
			   command->alias ? command->alias : "");
	else
		buf_add_text(out, "    '')");
	buf_add_text(out, " verbs='");
	for (unsigned i = 0; (verb = command_verb(command, i, &size)) != NULL; i++)
		buf_printf(out, "%s%.*s", i ? " " : "", (int)size, verb);
	buf_add_text(out, "'");
	put_operands(out, operands_of(command));
	buf_add_text(out, "\n        options='");
	for (size_t i = 0; command->options[i] != OPT_END; i++) {
		buf_add_text(out, i ? " " : "");
		put_option_names(out, &options[command->options[i]], " ");
	}
	buf_add_text(out, "' ;;\n");
}

static void put_commands(struct buf *out)
{
	buf_add_text(out, "# A command's verbs, operands and options.\n"
			  "__hftoken_command() {\n    case $1 in\n");
	for (int id = 0; id < CMD_COUNT; id++)
		put_command(out, &commands[id]);
	buf_add_text(out, "    *) return 1 ;;\n    esac\n}\n\n"
			  "# The operands behind a verb.\n"
			  "__hftoken_verb() {\n    case $1 in\n");
	for (size_t i = 0; i < verb_count; i++) {
		if (!*verbs[i].operands)
			continue;
		buf_printf(out, "    '%s %s')", commands[verbs[i].command].name, verbs[i].name);
		put_operands(out, verbs[i].operands);
		buf_add_text(out, " ;;\n");
	}
	buf_add_text(out, "    esac\n}\n\n");
}

static void put_values(struct buf *out)
{
	buf_add_text(out, "# What an option's value is; false if it has none.\n"
			  "__hftoken_value() {\n    case $1 in\n");
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		const struct place *place = place_of_option((enum option_id)id);

		if (!options[id].value)
			continue;
		buf_add_text(out, "    ");
		put_option_names(out, &options[id], " | ");
		if (options[id].alias)
			buf_printf(out, " | --%s", options[id].alias);
		buf_printf(out, ") kind=%s ;;\n", place && place->kind ? place->kind : "none");
	}
	buf_add_text(out, "    *) return 1 ;;\n    esac\n}\n\n");
}

static void put_settings(struct buf *out)
{
	buf_add_text(out, "    keys)\n        __hftoken_words");
	for (size_t i = 0; settings_keys[i]; i++)
		buf_printf(out, " %s", settings_keys[i]);
	buf_add_text(out, "\n        before=cache. __hftoken_lines list -q ;;\n"
			  "    values)\n        case ${operands_given[0]} in\n"
			  "        cache.*) __hftoken_words off ;;\n");
	for (size_t i = 0; settings_keys[i]; i++) {
		if (setting_words(settings_keys[i]))
			buf_printf(out, "        %s) __hftoken_words %s ;;\n", settings_keys[i],
				   setting_words(settings_keys[i]));
	}
	buf_add_text(out, "        esac ;;\n");
}

static void put_offers(struct buf *out)
{
	buf_add_text(out, "__hftoken_offer() {\n    case $1 in\n"
			  "    tokens) __hftoken_lines list -q ;;\n"
			  "    patterns) __hftoken_lines rule list -q ;;\n"
			  "    files) compopt -o default ;;\n"
			  "    folders) compopt -o dirnames ;;\n"
			  "    verbs)\n"
			  "        __hftoken_command \"${operands_given[0]}\"\n"
			  "        # shellcheck disable=SC2086\n"
			  "        __hftoken_words $verbs ;;\n");
	put_settings(out);
	for (size_t i = 0; i < place_count; i++) {
		if (places[i].words)
			buf_printf(out, "    %s) __hftoken_words %s ;;\n", places[i].kind,
				   places[i].words);
	}
	buf_add_text(out, "    commands)\n        __hftoken_words");
	for (int id = CMD_NONE + 1; id < CMD_COUNT; id++)
		buf_printf(out, " %s", commands[id].name);
	buf_add_text(out, " ;;\n    esac\n}\n\n");
}

void completion_bash(struct buf *out)
{
	buf_add_text(out, tools);
	put_commands(out);
	put_values(out);
	put_offers(out);
	buf_add_text(out, machine);
}
