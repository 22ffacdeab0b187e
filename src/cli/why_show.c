/* SPDX-License-Identifier: Apache-2.0 */
/* The answer for people, of a size that a terminal shows at once. */
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/ui.h"
#include "cli/why.h"

#define REMEDIES_MAX ((size_t)4) /* shown; -n NAME shows any */
#define NAMES_MAX    ((size_t)3) /* besides the first, before one of them */

/* ---- who fails -------------------------------------------------------------------------------- */

/* The stored token of the same value. */
static const char *twin_of(const struct why *why, const struct token *token)
{
	for (size_t i = 0; i < why->count; i++) {
		const struct why_entry *entry = &why->entries[i];

		if (entry->token == token && entry->twin >= 0 &&
		    *why->entries[entry->twin].token->id)
			return why->entries[entry->twin].token->name;
	}
	return token->masked;
}

/* Which token the programs use that have just failed, and where it lies. */
static void put_in_use(struct cli *cli, const struct why *why)
{
	const struct sources *sources = why->session.sources;
	const struct token *token = session_env(&why->session);

	if (!token)
		token = sources->active;
	if (token)
		buf_printf(&cli->out, "hf and other tools use the token in %s (%s)\n",
			   sources_location(sources, token), twin_of(why, token));
}

/* ---- the repository --------------------------------------------------------------------------- */

static void put_repo(struct cli *cli, const struct why *why)
{
	static const char *const gates[] = {
		[GATE_UNKNOWN] = "",
		[GATE_NONE] = "",
		[GATE_AUTO] = ", gated (automatic approval)",
		[GATE_MANUAL] = ", gated (approval by hand)",
	};
	const struct repo_facts *facts = &why->access.facts;
	char text[REPO_ID_SIZE];

	repo_text(&why->question.repo, text);
	ui_put(&cli->out, UI_BOLD, "%s", text);
	buf_printf(&cli->out, ": %s%s%s",
		   facts->is_private == YES  ? "private "
		   : facts->is_private == NO ? "public "
					     : "",
		   repo_type_names[why->question.repo.type], gates[facts->gate]);
	if (facts->is_private == UNKNOWN && facts->hidden)
		buf_add_text(&cli->out, ", private or missing");
	if (facts->disabled == YES)
		buf_add_text(&cli->out, ", disabled");
	if (*facts->moved.name) {
		repo_text(&facts->moved, text);
		buf_printf(&cli->out, ", now called %s", text);
	}
	buf_add_char(&cli->out, '\n');
}

/* ---- the tokens ------------------------------------------------------------------------------- */

static void put_row(struct ui_table *table, const struct why *why, size_t which)
{
	static const enum ui_colour colours[] = {
		[OUTCOME_ALLOWED] = UI_GREEN,
		[OUTCOME_DENIED] = UI_RED,
		[OUTCOME_UNKNOWN] = UI_YELLOW,
	};
	static const enum ui_mark marks[] = {
		[OUTCOME_ALLOWED] = UI_YES,
		[OUTCOME_DENIED] = UI_NO,
		[OUTCOME_UNKNOWN] = UI_WARNING,
	};
	const struct finding *finding = &why->findings[which];
	const struct token *token = why->evidence[which].token;
	AUTOBUF struct buf verdict = {0};

	buf_printf(&verdict, "%s %s", ui_mark(marks[finding->outcome]),
		   outcome_names[finding->outcome]);
	ui_table_add(table, UI_GREEN,
		     (int)which == why->picked ? ui_mark(UI_ARROW)
		     : token && *token->id && show_is_default(&why->session, token) ? "*"
										    : "");
	ui_table_add(table, UI_BOLD, token ? token->name : "no token");
	ui_table_add(table, UI_PLAIN, token ? show_text(token->account) : "-");
	ui_table_add(table, colours[finding->outcome], buf_text(&verdict));
	ui_table_add(table, UI_PLAIN,
		     finding->cause == CAUSE_OK ? "" : causes[finding->cause].name);
}

static void put_table(struct cli *cli, const struct why *why)
{
	AUTOTABLE struct ui_table table = {.columns = 5, .fit = true};
	const char *heads[] = {"", "token", "account", why->question.write ? "write" : "read",
			       "cause"};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < why->count; i++)
		put_row(&table, why, i);
	ui_table_print(&table, &cli->out);
}

/* ---- the pick --------------------------------------------------------------------------------- */

/* What makes the pick the one that is used, where it is not. */
static void put_way(struct cli *cli, const struct why *why, const struct token *token)
{
	const struct token *env = session_env(&why->session);
	bool is_default = *token->id && show_is_default(&why->session, token);
	bool env_in_way = env && strcmp(token->store, "env") != 0;

	if (env_in_way)
		buf_printf(&cli->out, "; %s is in its way: unset %s", program_token_variable(),
			   program_token_variable());
	if (!*token->id || is_default)
		return;
	buf_printf(&cli->out, "%s hftoken switch %s",
		   env_in_way ? " &&" : "; to use it:", token->name);
}

static void put_pick(struct cli *cli, const struct why *why)
{
	const struct token *token = why->picked < 0 ? NULL : why->evidence[why->picked].token;
	const char *verb = why->question.write ? "write" : "read";

	if (why->picked >= 0 && !token) {
		buf_printf(&cli->out, "anybody may %s it, without a token\n", verb);
		return;
	}
	if (!token) {
		ui_put(&cli->out, why_status(why) == 7 ? UI_YELLOW : UI_RED,
		       why_status(why) == 7 ? "whether a token may %s it could not be found out"
					    : "no token of this machine may %s it",
		       verb);
		buf_add_char(&cli->out, '\n');
		return;
	}
	ui_put(&cli->out, UI_GREEN, "%s %s", ui_mark(UI_ARROW), token->name);
	buf_printf(&cli->out, " may %s it", verb);
	if (!why->question.name)
		put_way(cli, why, token);
	buf_add_char(&cli->out, '\n');
}

/* ---- the remedies ----------------------------------------------------------------------------- */

/* `hftoken switch` stands beside the pick already. */
static bool is_shown(const char *command)
{
	return *command && !text_starts_with(command, "hftoken switch ");
}

static void put_remedy(struct cli *cli, const struct remedy *remedy, const char *before,
		       size_t indent)
{
	AUTOBUF struct buf text = {0};

	buf_printf(&text, "%s%s", before, remedy->text);
	if (!buf_failed(&text))
		text_disarm(text.data);
	ui_put_folded(&cli->out, indent, buf_text(&text));
	if (*remedy->url)
		buf_printf(&cli->out, "%*s%s\n", (int)indent, "", remedy->url);
	if (is_shown(remedy->command))
		buf_printf(&cli->out, "%*s$ %s\n", (int)indent, "", remedy->command);
}

static bool same_remedy(const struct finding *one, const struct finding *other)
{
	return one->cause == other->cause &&
	       strcmp(one->remedy.text, other->remedy.text) == 0 &&
	       one->next_count == other->next_count;
}

/* The tokens that have this to say: "laptop, work". */
static void put_names(struct cli *cli, const struct why *why, size_t which)
{
	const struct token *token = why->evidence[which].token;

	ui_put(&cli->out, UI_BOLD, "%s", token ? token->name : "no token");
	for (size_t i = 0, more = 0; i < why->count; i++) {
		const struct token *other = why->evidence[i].token;

		if (i == which || !other ||
		    !same_remedy(&why->findings[i], &why->findings[which]))
			continue;
		if (more++ < NAMES_MAX)
			ui_put(&cli->out, UI_BOLD, ", %s", other->name);
		else if (more == NAMES_MAX + 1)
			buf_add_text(&cli->out, "...");
	}
}

/* What the catalogue holds of a token that could not be asked about, and since when. */
static void put_known(struct cli *cli, const struct evidence *evidence)
{
	char date[16];

	if (!evidence->token || !evidence->grants->known)
		return;
	show_date(evidence->grants->as_of, date);
	buf_printf(&cli->out, "  what follows was known on %s:\n", date);
}

static void put_finding(struct cli *cli, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];

	buf_add_char(&cli->out, '\n');
	put_names(cli, why, which);
	buf_printf(&cli->out, ": %s (%s)\n", causes[finding->cause].words,
		   causes[finding->cause].name);
	put_remedy(cli, &finding->remedy, "", 2);
	if (finding->outcome == OUTCOME_UNKNOWN && finding->next_count)
		put_known(cli, &why->evidence[which]);
	for (size_t i = 0; i < finding->next_count; i++)
		put_remedy(cli, &finding->next[i].remedy, "then ", 4);
}

/* Whether a token before this one has the same to say. */
static bool is_said(const struct why *why, const size_t order[], size_t place)
{
	for (size_t i = 0; i < place; i++) {
		if (same_remedy(&why->findings[order[i]], &why->findings[order[place]]))
			return true;
	}
	return false;
}

/* Small numbers first: the token that is used, then what a page mends, then the rest. */
static unsigned rank(const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];

	if ((int)which == why->in_force)
		return 0;
	if (finding->cause == CAUSE_GATE_TOKEN_SETTING)
		return 1;
	if (finding->outcome == OUTCOME_DENIED && *finding->remedy.url)
		return 2;
	return finding->outcome == OUTCOME_DENIED ? 3 : 4;
}

static void put_remedies(struct cli *cli, const struct why *why)
{
	size_t order[ACCESS_TOKENS_MAX];
	size_t count = 0;
	size_t shown = 0;
	size_t more = 0;

	for (unsigned wanted = 0; wanted <= 4; wanted++) {
		for (size_t i = 0; i < why->count; i++) {
			if (rank(why, i) == wanted && *why->findings[i].remedy.text)
				order[count++] = i;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (is_said(why, order, i))
			continue;
		if (shown < REMEDIES_MAX) {
			put_finding(cli, why, order[i]);
			shown++;
		} else {
			more++;
		}
	}
	if (more)
		buf_printf(&cli->out, "\n%zu more: hftoken why -n NAME\n", more);
}

void why_put(struct cli *cli, const struct why *why)
{
	put_in_use(cli, why);
	put_repo(cli, why);
	put_table(cli, why);
	put_pick(cli, why);
	put_remedies(cli, why);
}
