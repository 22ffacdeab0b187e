/* SPDX-License-Identifier: Apache-2.0 */
/* The answer for people, of a size that a terminal shows at once, whatever its width. */
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/why.h"

#define ROWS_MAX ((size_t)10) /* shown; --all shows any */
#define NARROW   ((size_t)60) /* columns, below which a row takes two lines */

const char *why_name(const struct token *token)
{
	if (!token)
		return "no token";
	return strcmp(token->store, "env") == 0 ? program_token_variable() : token->name;
}

enum ui_mark why_mark(enum finding_verdict verdict)
{
	static const enum ui_mark marks[] = {
		[FINDING_ALLOWED] = UI_YES,
		[FINDING_DENIED] = UI_NO,
		[FINDING_UNKNOWN] = UI_WARNING,
	};

	return marks[verdict];
}

enum ui_colour why_colour(enum finding_verdict verdict)
{
	static const enum ui_colour colours[] = {
		[FINDING_ALLOWED] = UI_GREEN,
		[FINDING_DENIED] = UI_RED,
		[FINDING_UNKNOWN] = UI_YELLOW,
	};

	return colours[verdict];
}

/* ---- the repository --------------------------------------------------------------------------- */

/* The name that the Hub spells it by, where that differs in case only. */
const struct repo *why_canonical(const struct why *why)
{
	const struct repo *target = &why->access.target;

	return *target->name && repo_equal(target, &why->question.repo) ? target
									: &why->question.repo;
}

static void put_repo(struct cli *cli, const struct why *why)
{
	static const char *const gates[] = {
		[GATE_UNKNOWN] = "",
		[GATE_NONE] = "",
		[GATE_AUTO] = ", gated (automatic approval)",
		[GATE_MANUAL] = ", gated (approval by hand)",
	};
	const struct repo_facts *facts = &why->access.facts;
	AUTOBUF struct buf line = {0};
	char text[REPO_ID_SIZE];

	repo_text(why_canonical(why), text);
	buf_printf(&line, "%s: %s%s%s", text,
		   facts->is_private == YES  ? "private "
		   : facts->is_private == NO ? "public "
					     : "",
		   repo_type_names[why->question.repo.type], gates[facts->gate]);
	if (facts->is_private == UNKNOWN && facts->hidden)
		buf_add_text(&line, ", private or missing");
	if (facts->disabled == YES)
		buf_add_text(&line, ", disabled");
	if (*facts->moved.name) {
		repo_text(&facts->moved, text);
		buf_printf(&line, ", now called %s", text);
	}
	ui_put_folded(&cli->out, 0, buf_text(&line));
}

/* ---- the tokens ------------------------------------------------------------------------------- */

/* "work, HF_TOKEN": all names of one value. */
static void put_names(const struct why *why, size_t which, struct buf *ret)
{
	buf_add_text(ret, why_name(why->evidence[which].token));
	for (size_t i = 0; i < why->count; i++) {
		if (why->entries[i].twin == (int)which)
			buf_printf(ret, ", %s", why_name(why->evidence[i].token));
	}
}

static bool is_row(const struct why *why, size_t which)
{
	return why->entries[which].twin < 0;
}

/* Those that are used or to be used, and those that could not be asked, before the others. */
static bool matters(const struct why *why, size_t which)
{
	const int used[] = {why->picked, why->in_force, why->hf.entry, why->hf.entry_of_file};

	for (size_t i = 0; i < ARRAY_SIZE(used); i++) {
		if (used[i] >= 0 &&
		    ((size_t)used[i] == which || why->entries[used[i]].twin == (int)which))
			return true;
	}
	return false;
}

static size_t count_rows(const struct why *why)
{
	size_t count = 0;

	for (size_t i = 0; i < why->count; i++)
		count += is_row(why, i);
	return count;
}

/* Which rows are shown, in their order; returns how many are left out. */
static size_t choose_rows(const struct why *why, bool ret_shown[])
{
	size_t total = count_rows(why);
	size_t room = why->question.all ? total : ROWS_MAX;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < why->count && room; i++) {
			bool wanted = round == 0   ? matters(why, i)
				      : round == 1 ? why->findings[i].verdict == FINDING_UNKNOWN
						   : true;

			if (!wanted || ret_shown[i] || !is_row(why, i))
				continue;
			ret_shown[i] = true;
			room--;
		}
	}
	return total > ROWS_MAX && !why->question.all ? total - ROWS_MAX : 0;
}

static const char *sign_of(const struct why *why, size_t which)
{
	const struct token *token = why->evidence[which].token;
	bool picked = why->picked >= 0 && ((size_t)why->picked == which ||
					   why->entries[why->picked].twin == (int)which);

	if (picked)
		return ui_mark(UI_ARROW);
	return token && *token->id && show_is_default(&why->session, token) ? "*" : "";
}

static void add_row(struct ui_table *table, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];
	const struct token *token = why->evidence[which].token;
	AUTOBUF struct buf verdict = {0};
	AUTOBUF struct buf names = {0};

	buf_printf(&verdict, "%s %s", ui_mark(why_mark(finding->verdict)),
		   finding_verdict_names[finding->verdict]);
	put_names(why, which, &names);
	ui_table_add(table, UI_GREEN, sign_of(why, which));
	ui_table_add(table, UI_BOLD, buf_text(&names));
	ui_table_add(table, UI_PLAIN, token ? show_text(token->account) : "-");
	ui_table_add(table, why_colour(finding->verdict), buf_text(&verdict));
	ui_table_add(table, UI_PLAIN,
		     finding->cause == CAUSE_OK ? "" : causes[finding->cause].name);
}

/* The same in two lines, where a line does not hold it. */
static void put_two_lines(struct cli *cli, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];
	const struct token *token = why->evidence[which].token;
	AUTOBUF struct buf names = {0};
	const char *sign = sign_of(why, which);

	buf_printf(&names, "%s%s", sign, *sign ? " " : "");
	put_names(why, which, &names);
	if (token && *token->account)
		buf_printf(&names, " (%s)", token->account);
	if (!buf_failed(&names))
		text_disarm(names.data);
	ui_put_folded(&cli->out, 0, buf_text(&names));
	ui_put(&cli->out, why_colour(finding->verdict), "  %s %s",
	       ui_mark(why_mark(finding->verdict)), finding_verdict_names[finding->verdict]);
	buf_printf(&cli->out, "%s%s\n", finding->cause == CAUSE_OK ? "" : " ",
		   finding->cause == CAUSE_OK ? "" : causes[finding->cause].name);
}

static void put_table(struct cli *cli, const struct why *why)
{
	AUTOTABLE struct ui_table table = {.columns = 5, .fit = true};
	const char *heads[] = {"", "token", "account", why->question.write ? "write" : "read",
			       "cause"};
	bool shown[ACCESS_TOKENS_MAX] = {false};
	size_t more = choose_rows(why, shown);

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < why->count; i++) {
		if (shown[i])
			add_row(&table, why, i);
	}
	if (ui_width() >= NARROW && ui_table_fits(&table))
		ui_table_print(&table, &cli->out);
	for (size_t i = 0; i < why->count && (ui_width() < NARROW || !ui_table_fits(&table));
	     i++) {
		if (shown[i])
			put_two_lines(cli, why, i);
	}
	if (more)
		buf_printf(&cli->out, "%zu more: --all shows them\n", more);
}

/* ---- the verdict ------------------------------------------------------------------------------ */

/* Where the token is not the problem, and no other would help. */
static bool is_not_the_token(enum cause cause)
{
	return cause == CAUSE_OTHER_TYPE || cause == CAUSE_REPO_DISABLED ||
	       cause == CAUSE_NO_SUCH_REVISION || cause == CAUSE_NO_SUCH_FILE ||
	       cause == CAUSE_QUOTA;
}

/*
 * The token that came as far as to learn that it is not the token: no other can come farther. -1 if
 * none did.
 */
static int farthest(const struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		if (is_not_the_token(why->findings[i].cause))
			return (int)i;
	}
	return -1;
}

static bool is_known(const struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		if (why->findings[i].verdict == FINDING_DENIED)
			return true;
	}
	return false;
}

/* "alice-work, bob could not be asked (47 s); no other may read it" */
static void put_unknown(struct cli *cli, const struct why *why, const char *verb)
{
	AUTOBUF struct buf line = {0};
	uint64_t wait = 0;

	for (size_t i = 0; i < why->count; i++) {
		if (!is_row(why, i) || why->findings[i].verdict != FINDING_UNKNOWN)
			continue;
		buf_add_text(&line, line.size ? ", " : "");
		put_names(why, i, &line);
		if (why->evidence[i].reply->wait > wait)
			wait = why->evidence[i].reply->wait;
	}
	buf_add_text(&line, " could not be asked");
	if (wait)
		buf_printf(&line, " (%llu s)", (unsigned long long)wait);
	buf_printf(&line, "; no other may %s it", verb);
	ui_put_folded(&cli->out, 0, buf_text(&line));
}

static bool are_all_elsewhere(const struct why *why)
{
	for (size_t i = 0; i < why->count; i++) {
		if (why->findings[i].cause != CAUSE_WRONG_ENDPOINT)
			return false;
	}
	return true;
}

static void put_no_pick(struct cli *cli, const struct why *why)
{
	const char *verb = why->question.write ? "write" : "read";

	if (why_status(why) == 7 && is_known(why) && !why->alone) {
		put_unknown(cli, why, verb);
		return;
	}
	if (are_all_elsewhere(why)) {
		buf_printf(&cli->out, "no token of this machine is for %s\n",
			   endpoint_host(why->session.endpoint.origin));
		return;
	}
	ui_put(&cli->out, why_status(why) == 7 ? UI_YELLOW : UI_RED,
	       why_status(why) == 7 ? "whether a token may %s it could not be found out"
				    : "no token of this machine may %s it",
	       verb);
	buf_add_char(&cli->out, '\n');
}

/* In one line for all, unless that is too long; then each in its own. */
static void put_way(struct cli *cli, const struct why *why)
{
	const char *rest = buf_text(&why->way);
	AUTOBUF struct buf line = {0};

	for (const char *c = rest; *c; c++) {
		if (*c != '\n')
			buf_add_char(&line, *c);
		else if (c[1])
			buf_add_text(&line, " && ");
	}
	if (text_width(buf_text(&line)) + 4 <= ui_width()) {
		if (line.size)
			buf_printf(&cli->out, "  $ %s\n", buf_text(&line));
		return;
	}
	for (; *rest; rest += strcspn(rest, "\n") + 1)
		buf_printf(&cli->out, "  $ %.*s\n", (int)strcspn(rest, "\n"), rest);
}

static void put_pick(struct cli *cli, const struct why *why)
{
	const struct token *token = why->evidence[why->picked].token;
	const char *verb = why->question.write ? "write" : "read";
	AUTOBUF struct buf line = {0};

	if (!token) {
		buf_printf(&cli->out, "anybody may %s it, without a token\n", verb);
		return;
	}
	buf_printf(&line, "%s %s may %s it", ui_mark(UI_ARROW), why_name(token), verb);
	if (why->reasons.size)
		buf_printf(&line, "; %s", buf_text(&why->reasons));
	if (why->way.size)
		buf_add_text(&line, why->reasons.size ? ":" : "; to use it:");
	ui_put_folded(&cli->out, 0, buf_text(&line));
	put_way(cli, why);
}

void why_put(struct cli *cli, const struct why *why)
{
	bool alone = count_rows(why) == 1;

	why_put_hf(cli, why);
	put_repo(cli, why);
	if (alone && why->picked < 0) {
		why_put_alone(cli, why, 0);
		return;
	}
	if (!alone || (why->findings[0].cause != CAUSE_OK && why->evidence[0].token))
		put_table(cli, why);
	if (why->picked < 0 && farthest(why) >= 0 && !why->question.all) {
		why_put_cure(cli, why, &why->findings[farthest(why)].remedy);
		return;
	}
	if (why->picked < 0)
		put_no_pick(cli, why);
	why_put_remedies(cli, why);
	if (why->picked >= 0)
		put_pick(cli, why);
}
