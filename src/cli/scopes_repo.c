/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and one repository: what each can do there, what it has for that, and what it lacks. */
#include <string.h>

#include "base/text.h"
#include "cli/scopes.h"
#include "cli/show.h"
#include "cli/ui.h"

const enum grants_operation scopes_shown[SCOPES_SHOWN] = {GRANTS_READ, GRANTS_WRITE,
							  GRANTS_READ_GATED};
const char *const scopes_shown_names[SCOPES_SHOWN] = {"read", "write", "read_gated"};

static const char *const words[SCOPES_SHOWN] = {"read", "write", "read gated"};

static struct grants_question question_of(const struct scopes *scopes,
					  enum grants_operation operation)
{
	return (struct grants_question) {
		.operation = operation,
		.repo = scopes->repo,
		.is_private = operation == GRANTS_READ_GATED ? NO : UNKNOWN,
		.is_gated = operation == GRANTS_READ_GATED ? YES : UNKNOWN,
		.now = scopes->now,
		.owner_is_person = scopes->owner_is_person,
	};
}

void scopes_ask(const struct scopes *scopes, const struct sheet *sheet,
		enum grants_operation operation, struct grants_answer *ret)
{
	struct grants_question question = question_of(scopes, operation);

	grants_ask(&sheet->grants, &question, ret);
}

static void add_verdict(struct ui_table *table, enum verdict verdict)
{
	static const enum ui_colour colours[] = {[VERDICT_DENIES] = UI_RED,
						 [VERDICT_MAY] = UI_YELLOW,
						 [VERDICT_GRANTS] = UI_GREEN};

	ui_table_add(table, colours[verdict],
		     verdict == VERDICT_MAY      ? "?"
		     : verdict == VERDICT_GRANTS ? ui_mark(UI_YES)
						 : ui_mark(UI_NO));
}

/* Each remedy once: reading and writing often lack the same. */
static void add_remedies(const struct scopes *scopes, const struct sheet *sheet,
			 enum grants_operation operation, struct buf *seen, struct buf *ret)
{
	struct grants_question question = question_of(scopes, operation);
	struct grants_answer answer;

	grants_ask(&sheet->grants, &question, &answer);
	for (size_t i = 0; i < answer.fault_count; i++) {
		AUTOBUF struct buf remedy = {0};

		grants_remedy(&question, &answer.faults[i], &remedy);
		if (strstr(buf_text(seen), buf_text(&remedy)))
			continue;
		buf_printf(seen, "%s\n", buf_text(&remedy));
		ui_put_folded(ret, 4, buf_text(&remedy));
		buf_clear(&remedy);
		grants_remedy_url(&answer.faults[i], sheet->token->endpoint, &remedy);
		if (remedy.size && !strstr(buf_text(ret), buf_text(&remedy)))
			buf_printf(ret, "    %s\n", buf_text(&remedy));
	}
}

static bool concerns(const struct grants_entity *entity, const struct repo *repo)
{
	char id[REPO_ID_SIZE];

	repo_id(repo, id);
	if (entity->type == ENTITY_USER || entity->type == ENTITY_ORG)
		return text_equal_fold(entity->name, repo->namespace);
	return entity->type >= ENTITY_MODEL && entity->type <= ENTITY_BUCKET &&
	       (int)repo->type == (int)entity->type - ENTITY_MODEL &&
	       text_equal_fold(entity->name, id);
}

static void put_has(struct buf *out, const char *name, const char *where)
{
	buf_printf(out, "  has  %s on %s\n", name, where);
}

/* What the token has there, and the account's role. */
static void put_possessions(struct buf *out, const struct scopes *scopes,
			    const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;
	const struct grants_org *org = grants_org(grants, scopes->repo->namespace);

	for (size_t i = 0; i < grants->entity_count; i++) {
		const struct grants_entity *entity = &grants->entities[i];

		for (int p = 0; concerns(entity, scopes->repo) && p < PERMISSION_COUNT; p++) {
			if (entity->permissions & bit(p))
				put_has(out, permissions[p].name, entity->name);
		}
		if (concerns(entity, scopes->repo) && *entity->others)
			put_has(out, entity->others, entity->name);
	}
	if (org)
		buf_printf(out, "  has  the role %s in %s\n",
			   *org->role_text ? org->role_text : "(unknown)", org->name);
}

static void put_title(struct buf *out, const struct scopes *scopes, const struct sheet *sheet)
{
	char repo[REPO_ID_SIZE];

	repo_text(scopes->repo, repo);
	ui_put(out, UI_BOLD, "%s", repo);
	buf_printf(out, " with %s", sheet->token->name);
	if (sheet->grants.known)
		buf_printf(out, " (%s token of %s)", token_kind_names[sheet->grants.kind],
			   sheet->grants.account);
	buf_add_char(out, '\n');
}

void scopes_put_repo(struct buf *out, const struct scopes *scopes, const struct sheet *sheet)
{
	AUTOTABLE struct ui_table table = {.columns = 4};
	AUTOBUF struct buf seen = {0};
	AUTOBUF struct buf remedies = {0};

	put_title(out, scopes, sheet);
	for (size_t i = 0; i < SCOPES_SHOWN; i++) {
		struct grants_question question = question_of(scopes, scopes_shown[i]);
		struct grants_answer answer;
		AUTOBUF struct buf why = {0};

		grants_ask(&sheet->grants, &question, &answer);
		grants_why(&sheet->grants, &question, &answer, &why);
		ui_table_add(&table, UI_PLAIN, "");
		add_verdict(&table, answer.verdict);
		ui_table_add(&table, UI_PLAIN, words[i]);
		ui_table_add(&table, UI_PLAIN, buf_text(&why));
		add_remedies(scopes, sheet, scopes_shown[i], &seen, &remedies);
	}
	ui_table_print(&table, out);
	put_possessions(out, scopes, sheet);
	if (remedies.size) {
		buf_add_text(out, "  needs\n");
		buf_add(out, remedies.data, remedies.size);
	}
}

/* "if public; lacks repo.content.read": that is what to mend, if it is not. */
static void add_condition(const struct scopes *scopes, const struct sheet *sheet,
			  struct buf *ret)
{
	static const char subject[] = "the token ";
	struct grants_question question = question_of(scopes, GRANTS_READ);
	struct grants_answer answer;
	AUTOBUF struct buf why = {0};
	const char *rest;

	question.is_private = YES;
	grants_ask(&sheet->grants, &question, &answer);
	grants_why(&sheet->grants, &question, &answer, &why);
	rest = buf_text(&why);
	if (text_starts_with(rest, subject))
		rest += strlen(subject);
	buf_printf(ret, answer.verdict == VERDICT_DENIES ? "if public; %s" : "%s", rest);
}

/* Why it may or may not be read: of what may be, also what shuts the gate. */
static void add_reason(const struct scopes *scopes, const struct sheet *sheet, struct buf *ret)
{
	struct grants_question question = question_of(scopes, GRANTS_READ);
	struct grants_question gated = question_of(scopes, GRANTS_READ_GATED);
	struct grants_answer answer;
	struct grants_answer behind;

	grants_ask(&sheet->grants, &question, &answer);
	grants_ask(&sheet->grants, &gated, &behind);
	if (answer.verdict == VERDICT_MAY && answer.reason == REASON_PUBLIC_ONLY)
		add_condition(scopes, sheet, ret);
	else if (answer.verdict != VERDICT_DENIES && behind.verdict == VERDICT_DENIES)
		grants_why(&sheet->grants, &gated, &behind, ret);
	else
		grants_why(&sheet->grants, &question, &answer, ret);
}

void scopes_put_repo_table(struct buf *out, const struct scopes *scopes)
{
	static const char *const heads[] = {"name", "account", "read", "write", "gated", "why"};
	AUTOTABLE struct ui_table table = {.columns = ARRAY_SIZE(heads), .fit = true};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		ui_table_add(&table, UI_DIM, heads[i]);
	for (size_t i = 0; i < scopes->count; i++) {
		const struct sheet *sheet = &scopes->sheets[i];
		struct grants_answer answer;
		AUTOBUF struct buf why = {0};

		ui_table_add(&table, UI_BOLD, sheet->token->name);
		ui_table_add(&table, UI_PLAIN, show_text(sheet->grants.account));
		for (size_t shown = 0; shown < SCOPES_SHOWN; shown++) {
			scopes_ask(scopes, sheet, scopes_shown[shown], &answer);
			add_verdict(&table, answer.verdict);
		}
		add_reason(scopes, sheet, &why);
		ui_table_add(&table, UI_PLAIN, buf_text(&why));
	}
	ui_table_print(&table, out);
}
