/* SPDX-License-Identifier: Apache-2.0 */
/* Many tokens side by side, a row each. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/scopes.h"
#include "cli/show.h"
#include "cli/ui.h"

static const char *letter(enum verdict verdict, const char *sure, const char *perhaps)
{
	if (verdict == VERDICT_DENIES)
		return "";
	return verdict == VERDICT_GRANTS ? sure : perhaps;
}

/* "rw", "r", "r?": reading and writing in a namespace, of things that are private. */
static bool add_letters(const struct grants *grants, const char *namespace, struct buf *ret)
{
	struct repo repo = {.name = "x"};
	struct grants_question question = {
		.repo = &repo, .is_private = YES, .is_gated = UNKNOWN};
	struct grants_answer reading;
	struct grants_answer writing;

	if (!text_copy(repo.namespace, sizeof(repo.namespace), namespace))
		return false;
	grants_ask(grants, &question, &reading);
	question.operation = GRANTS_WRITE;
	grants_ask(grants, &question, &writing);
	buf_add_text(ret, letter(reading.verdict, "r", "r?"));
	buf_add_text(ret, letter(writing.verdict, "w", "w?"));
	return reading.verdict != VERDICT_DENIES || writing.verdict != VERDICT_DENIES;
}

/* Whether the token covers anything of an organisation that keeps it out. */
static bool is_kept_out(const struct grants *grants, const struct grants_org *org)
{
	struct grants free_grants = *grants;
	struct grants_org free_org = *org;
	AUTOBUF struct buf ignored = {0};

	if (!org->restrictions && !*org->others)
		return false;
	free_org.restrictions = 0;
	free_org.others = "";
	free_grants.orgs = &free_org;
	free_grants.org_count = 1;
	return add_letters(&free_grants, org->name, &ignored);
}

/* What comes of it in one organisation: letters, a mark if it is kept out, or "". */
static void put_org(const struct grants *grants, const char *name, struct buf *ret)
{
	const struct grants_org *org = grants_org(grants, name);

	if (!add_letters(grants, name, ret) && org && is_kept_out(grants, org))
		buf_add_text(ret, ui_mark(UI_WARNING));
}

#define ORGS_WIDTH 16
#define FORMS_MAX  8

/* How many organisations have the same letters. */
struct forms {
	char letters[FORMS_MAX][8];
	unsigned counts[FORMS_MAX];
	size_t count;
};

static void count_form(struct forms *forms, const char *letters)
{
	size_t i = 0;

	while (i < forms->count && strcmp(forms->letters[i], letters) != 0)
		i++;
	if (i == FORMS_MAX)
		return;
	if (i == forms->count)
		(void)text_copy(forms->letters[forms->count++], sizeof(forms->letters[0]),
				letters);
	forms->counts[i]++;
}

static void add_org(const struct grants *grants, const char *name, struct forms *forms,
		    struct buf *ret)
{
	AUTOBUF struct buf letters = {0};

	put_org(grants, name, &letters);
	if (!letters.size)
		return;
	count_form(forms, buf_text(&letters));
	buf_printf(ret, "%s%s:%s", ret->size ? " " : "", name, buf_text(&letters));
}

/* The account's organisations, and those that only the token names; many of them as numbers. */
static void add_orgs(const struct grants *grants, struct buf *ret)
{
	struct forms forms = {.count = 0};

	for (size_t i = 0; i < grants->org_count; i++)
		add_org(grants, grants->orgs[i].name, &forms, ret);
	for (size_t i = 0; i < grants->entity_count; i++) {
		const struct grants_entity *entity = &grants->entities[i];

		if (entity->type == ENTITY_ORG && *entity->name &&
		    !grants_org(grants, entity->name))
			add_org(grants, entity->name, &forms, ret);
	}
	if (text_width(buf_text(ret)) <= ORGS_WIDTH)
		return;
	buf_clear(ret);
	for (size_t i = 0; i < forms.count; i++)
		buf_printf(ret, "%s%u:%s", i ? " " : "", forms.counts[i], forms.letters[i]);
}

static unsigned count_repos(const struct grants *grants)
{
	unsigned count = 0;

	for (size_t i = 0; i < grants->entity_count; i++)
		count += grants->entities[i].type >= ENTITY_MODEL &&
			 grants->entities[i].type <= ENTITY_BUCKET;
	return count;
}

static void add_mark(struct ui_table *table, enum tristate value)
{
	if (value == UNKNOWN)
		ui_table_add(table, UI_YELLOW, "?");
	else
		ui_table_add(table, value == YES ? UI_GREEN : UI_RED,
			     ui_mark(value == YES ? UI_YES : UI_NO));
}

/* Somebody else's repository: no namespace begins so. */
static const struct repo elsewhere = {.namespace = "-", .name = "x"};

/* The token's own gate; whether the account was let through is another question. */
static enum tristate passes_gates(const struct grants *grants)
{
	struct grants_question question = {
		.operation = GRANTS_READ_GATED, .repo = &elsewhere, .is_private = NO};
	struct grants_answer answer;

	grants_ask(grants, &question, &answer);
	if (answer.verdict == VERDICT_DENIES)
		return NO;
	return answer.reason == REASON_GATE ? YES : UNKNOWN;
}

/* Inference, or discussions about what is public. */
static enum tristate can(const struct grants *grants, enum grants_operation operation,
			 const struct repo *repo)
{
	struct grants_question question = {
		.operation = operation, .repo = repo, .is_private = NO, .is_gated = NO};
	struct grants_answer answer;

	grants_ask(grants, &question, &answer);
	if (answer.verdict == VERDICT_MAY)
		return UNKNOWN;
	return answer.verdict == VERDICT_GRANTS ? YES : NO;
}

/* Everywhere, or about one's own things only. */
static void add_talk(struct ui_table *table, const struct grants *grants)
{
	enum tristate everywhere = can(grants, GRANTS_DISCUSS, &elsewhere);
	struct repo own = {.name = "x"};

	if (everywhere == NO && *grants->account &&
	    text_copy(own.namespace, sizeof(own.namespace), grants->account) &&
	    can(grants, GRANTS_DISCUSS, &own) == YES)
		ui_table_add(table, UI_PLAIN, "own");
	else
		add_mark(table, everywhere);
}

/* "now", "5m", "3h", "12d", "-" */
static void put_short_age(int64_t seconds, int64_t now, char ret[SHOW_AGE_SIZE])
{
	int64_t age = seconds == TIME_UNKNOWN || seconds > now ? 0 : now - seconds;

	if (seconds == TIME_UNKNOWN || age < 60)
		(void)text_copy(ret, SHOW_AGE_SIZE, seconds == TIME_UNKNOWN ? "-" : "now");
	else if (age < 3600)
		(void)snprintf(ret, SHOW_AGE_SIZE, "%" PRId64 "m", age / 60);
	else if (age < 86400)
		(void)snprintf(ret, SHOW_AGE_SIZE, "%" PRId64 "h", age / 3600);
	else
		(void)snprintf(ret, SHOW_AGE_SIZE, "%" PRId64 "d", age / 86400);
}

static void add_row(struct ui_table *table, const struct scopes *scopes,
		    const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;
	AUTOBUF struct buf own = {0};
	AUTOBUF struct buf orgs = {0};
	AUTOBUF struct buf repos = {0};
	char age[SHOW_AGE_SIZE];

	(void)add_letters(grants, grants->account, &own);
	add_orgs(grants, &orgs);
	if (count_repos(grants))
		buf_printf(&repos, "%u", count_repos(grants));
	put_short_age(grants->as_of, scopes->now, age);
	ui_table_add(table, UI_BOLD, sheet->token->name);
	ui_table_add(table, UI_PLAIN, show_text(grants->account));
	ui_table_add(table, UI_PLAIN, show_text(buf_text(&own)));
	ui_table_add(table, UI_PLAIN, show_text(buf_text(&orgs)));
	ui_table_add(table, UI_PLAIN, show_text(buf_text(&repos)));
	add_mark(table, passes_gates(grants));
	add_mark(table, can(grants, GRANTS_INFERENCE, &elsewhere));
	add_talk(table, grants);
	ui_table_add(table, grants->known ? UI_DIM : UI_YELLOW, age);
}

void scopes_put_table(struct buf *out, const struct scopes *scopes)
{
	static const char *const heads[] = {"name",  "account", "own",  "orgs", "repos",
					    "gated", "infer",   "talk", "age"};
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads), .fit = true};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < scopes->count; i++)
		add_row(&table, scopes, &scopes->sheets[i]);
	ui_table_print(&table, out);
	ui_put(out, UI_DIM,
	       "\nr reads, w writes what is private; %s kept out; ? depends; repos: single "
	       "ones\n",
	       ui_mark(UI_WARNING));
}
