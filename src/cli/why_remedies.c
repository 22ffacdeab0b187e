/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about each token that may not; what several have in common once. */
#include <string.h>

#include "base/text.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/why.h"

#define REMEDIES_MAX ((size_t)3) /* shown; -n NAME shows any */
#define NAMES_MAX    ((size_t)6) /* in one line, before the number of the others */

/* ---- one -------------------------------------------------------------------------------------- */

/* `hftoken switch` and the like stand below the pick already. */
static bool is_shown(const struct why *why, const char *command)
{
	return *command && why->picked < 0 && !text_starts_with(command, "hftoken switch ");
}

static void put_text(struct cli *cli, size_t indent, const char *before, const char *text)
{
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%s%s", before, text);
	if (!buf_failed(&line))
		text_disarm(line.data);
	ui_put_folded(&cli->out, indent, buf_text(&line));
}

static void put_remedy(struct cli *cli, const struct why *why, const struct remedy *remedy,
		       const char *before, size_t indent)
{
	put_text(cli, indent, before, remedy->text);
	if (*remedy->url)
		buf_printf(&cli->out, "%*s%s\n", (int)indent, "", remedy->url);
	if (is_shown(why, remedy->command))
		buf_printf(&cli->out, "%*s$ %s\n", (int)indent, "", remedy->command);
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

static void put_next(struct cli *cli, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];

	if (finding->verdict == FINDING_UNKNOWN && finding->next_count)
		put_known(cli, &why->evidence[which]);
	for (size_t i = 0; i < finding->next_count; i++)
		put_remedy(cli, why, &finding->next[i].remedy, "then ", 4);
}

void why_put_alone(struct cli *cli, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];
	const struct token *token = why->evidence[which].token;
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%s %s", ui_mark(why_mark(finding->verdict)), why_name(token));
	if (token && *token->account)
		buf_printf(&line, " (%s)", token->account);
	buf_printf(&line, ": %s (%s)", causes[finding->cause].words,
		   causes[finding->cause].name);
	put_text(cli, 0, "", buf_text(&line));
	put_remedy(cli, why, &finding->remedy, "", 2);
	put_next(cli, why, which);
}

/* ---- what several have in common -------------------------------------------------------------- */

/* The remedy with another account in it; false if it says more than its cause does. */
static bool remedy_as(const struct why *why, size_t which, const char *account,
		      struct remedy *ret)
{
	const struct finding *finding = &why->findings[which];
	struct evidence evidence = why->evidence[which];
	struct token token;
	struct remedy plain;

	/* To the owner another thing is said. */
	if (!evidence.token ||
	    text_equal_fold(evidence.token->account, evidence.repo->namespace))
		return false;
	remedy_for(finding->cause, &evidence, &plain);
	if (strcmp(plain.text, finding->remedy.text) != 0)
		return false;
	token = *evidence.token;
	token.account = account;
	evidence.token = &token;
	remedy_for(finding->cause, &evidence, ret);
	return true;
}

static bool same_remedy(const struct why *why, size_t one, size_t other)
{
	const struct finding *first = &why->findings[one];
	const struct finding *second = &why->findings[other];
	struct remedy plain[2];

	if (first->cause != second->cause || first->next_count != second->next_count)
		return false;
	if (strcmp(first->remedy.text, second->remedy.text) == 0)
		return true;
	return remedy_as(why, one, "@", &plain[0]) && remedy_as(why, other, "@", &plain[1]) &&
	       strcmp(plain[0].text, plain[1].text) == 0 &&
	       strcmp(plain[0].url, plain[1].url) == 0;
}

static bool is_row(const struct why *why, size_t which)
{
	return why->entries[which].twin < 0;
}

/* "alice, carol or erin": the accounts of all that have this remedy. */
static void put_accounts(const struct why *why, size_t which, struct buf *ret)
{
	const char *list[ACCESS_TOKENS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < why->count; i++) {
		const struct token *token = why->evidence[i].token;
		bool known = !token || !*token->account || !same_remedy(why, i, which);

		for (size_t j = 0; j < count && !known; j++)
			known = text_equal_fold(list[j], token->account);
		if (!known)
			list[count++] = token->account;
	}
	for (size_t i = 0; i < count; i++)
		buf_printf(ret, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", list[i]);
}

static void put_common(struct cli *cli, const struct why *why, size_t which)
{
	AUTOBUF struct buf accounts = {0};
	struct remedy remedy;

	put_accounts(why, which, &accounts);
	if (!accounts.size || !remedy_as(why, which, buf_text(&accounts), &remedy))
		remedy = why->findings[which].remedy;
	put_remedy(cli, why, &remedy, "", 2);
}

/* The tokens that have this to say: "laptop, work". */
static void put_names(const struct why *why, size_t which, struct buf *ret)
{
	size_t more = 0;

	buf_add_text(ret, why_name(why->evidence[which].token));
	for (size_t i = 0; i < why->count; i++) {
		if (i == which || !is_row(why, i) || !same_remedy(why, i, which))
			continue;
		if (++more < NAMES_MAX)
			buf_printf(ret, ", %s", why_name(why->evidence[i].token));
	}
	if (more >= NAMES_MAX)
		buf_printf(ret, " and %zu more", more - NAMES_MAX + 1);
}

static void put_finding(struct cli *cli, const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];
	AUTOBUF struct buf line = {0};

	put_names(why, which, &line);
	buf_printf(&line, ": %s (%s)", causes[finding->cause].words,
		   causes[finding->cause].name);
	buf_add_char(&cli->out, '\n');
	put_text(cli, 0, "", buf_text(&line));
	put_common(cli, why, which);
	put_next(cli, why, which);
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* By git, by hf, or where nothing else is said. */
static bool is_used(const struct why *why, size_t which)
{
	const struct token *usual = catalogue_default(&why->session.catalogue,
						      why->session.endpoint.origin);
	const int used[] = {why->in_force, why->hf.entry, why_entry_of(why, usual)};

	for (size_t i = 0; i < ARRAY_SIZE(used); i++) {
		if (used[i] >= 0 &&
		    ((size_t)used[i] == which || why->entries[used[i]].twin == (int)which))
			return true;
	}
	return false;
}

/* Where a token works, the others need no mending, but for those that are used in its place. */
static bool is_wanted(const struct why *why, size_t which)
{
	if (!*why->findings[which].remedy.text || !is_row(why, which))
		return false;
	return why->picked < 0 || why->question.all || (int)which == why->picked ||
	       is_used(why, which);
}

/*
 * Small numbers first: what could not be asked where all depends on it, the token that is used,
 * then what a page mends, then the rest.
 */
static unsigned rank(const struct why *why, size_t which)
{
	const struct finding *finding = &why->findings[which];

	if (why->picked < 0 && finding->verdict == FINDING_UNKNOWN)
		return 0;
	if (is_used(why, which))
		return 1;
	if (finding->cause == CAUSE_GATE_TOKEN_SETTING)
		return 2;
	if (finding->verdict == FINDING_DENIED && *finding->remedy.url)
		return 3;
	return 4;
}

/* Those to be shown, each remedy once, the most useful first. */
static size_t put_in_order(const struct why *why, size_t ret_order[])
{
	size_t count = 0;

	for (unsigned wanted = 0; wanted <= 4; wanted++) {
		for (size_t i = 0; i < why->count; i++) {
			bool said = !is_wanted(why, i) || rank(why, i) != wanted;

			for (size_t j = 0; j < count && !said; j++)
				said = same_remedy(why, ret_order[j], i);
			if (!said)
				ret_order[count++] = i;
		}
	}
	return count;
}

/* "also dave, erin: hftoken why -n NAME" */
static void put_rest(struct cli *cli, const struct why *why, const size_t order[], size_t count)
{
	AUTOBUF struct buf line = {0};

	for (size_t i = 0; i < count; i++) {
		buf_add_text(&line, i ? ", " : "for ");
		put_names(why, order[i], &line);
	}
	buf_add_text(&line, ": hftoken why -n NAME, or --all");
	buf_add_char(&cli->out, '\n');
	put_text(cli, 0, "", buf_text(&line));
}

void why_put_cure(struct cli *cli, const struct why *why, const struct remedy *remedy)
{
	put_remedy(cli, why, remedy, "", 0);
}

void why_put_remedies(struct cli *cli, const struct why *why)
{
	size_t order[ACCESS_TOKENS_MAX];
	size_t count = put_in_order(why, order);
	size_t shown = why->question.all || count < REMEDIES_MAX ? count : REMEDIES_MAX;

	for (size_t i = 0; i < shown; i++)
		put_finding(cli, why, order[i]);
	if (count > shown)
		put_rest(cli, why, order + shown, count - shown);
	if (count && why->picked >= 0)
		buf_add_char(&cli->out, '\n');
}
