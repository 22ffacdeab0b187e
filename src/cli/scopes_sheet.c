/* SPDX-License-Identifier: Apache-2.0 */
/* One token's permissions, for people: what it reaches, and what stands in the way. */
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/scopes.h"
#include "cli/show.h"
#include "cli/ui.h"

#define WORDS_WIDTH 34

/* "    ✓ read repositories                 repo.content.read" */
static void put_line(struct buf *out, enum ui_mark mark, const char *words, const char *name)
{
	static const enum ui_colour colours[] = {
		[UI_YES] = UI_GREEN,
		[UI_NO] = UI_RED,
		[UI_WARNING] = UI_YELLOW,
	};

	buf_add_text(out, "    ");
	ui_put(out, colours[mark], "%s", ui_mark(mark));
	if (*name)
		buf_printf(out, " %-*s ", WORDS_WIDTH, words);
	else
		buf_printf(out, " %s", words);
	ui_put(out, UI_DIM, "%s", name);
	buf_add_char(out, '\n');
}

static void put_heading(struct buf *out, const char *text, const char *more)
{
	buf_add_text(out, "\n  ");
	ui_put(out, UI_BOLD, "%s", text);
	buf_printf(out, "%s\n", more);
}

/* Names that we do not know are shown, and are nothing that we say anything about. */
static void put_others(struct buf *out, const char *list)
{
	char word[GRANTS_TEXT_MAX + 1];

	while (*list) {
		size_t size = strcspn(list, " ");

		if (size < sizeof(word)) {
			memcpy(word, list, size);
			word[size] = '\0';
			put_line(out, UI_WARNING, "(not known to this hftoken)", word);
		}
		list += size + (list[size] == ' ');
	}
}

static void put_named(struct buf *out, uint64_t bits, const struct named *list, int count)
{
	for (int i = 0; i < count; i++) {
		if (bits & bit(i))
			put_line(out, UI_YES, list[i].words, list[i].name);
	}
}

/* ---- fine-grained tokens ---------------------------------------------------------------------- */

static void describe_entity(const struct grants *grants, const struct grants_entity *entity,
			    struct buf *ret_name, struct buf *ret_more)
{
	const struct grants_org *org = grants_org(grants, entity->name);
	bool is_org = entity->type == ENTITY_ORG;

	if (entity->type != ENTITY_USER && !is_org)
		buf_printf(ret_name, "%s ",
			   entity->type ? entity_types[entity->type].words
					: show_text(entity->type_text));
	if (*entity->name)
		buf_add_text(ret_name, entity->name);
	else
		buf_printf(ret_name, "(hidden or deleted, %s)", show_text(entity->id));
	if (entity->type == ENTITY_USER)
		buf_add_text(ret_more, " (all repositories of this account)");
	else if (is_org)
		buf_printf(ret_more, " (all repositories of this organization%s%s)",
			   org && *org->role_text ? "; role there: " : "",
			   org ? org->role_text : "");
}

/* A repository that the entity stands for; false for entities of other kinds. */
static bool example_of(const struct grants_entity *entity, struct repo *ret)
{
	AUTOBUF struct buf text = {0};

	*ret = (struct repo) {.name = "x"};
	if (entity->type == ENTITY_USER || entity->type == ENTITY_ORG)
		return text_copy(ret->namespace, sizeof(ret->namespace), entity->name);
	if (entity->type < ENTITY_MODEL || entity->type > ENTITY_BUCKET)
		return false;
	buf_printf(&text, "%s/%s", repo_type_words[entity->type - ENTITY_MODEL], entity->name);
	return repo_parse(buf_text(&text), ret, NULL) == 0;
}

/* A permission is worth what the account's role and the organisation's rules leave of it. */
static void put_caveat(struct buf *out, const struct grants *grants,
		       const struct grants_entity *entity)
{
	struct repo repo;
	struct grants_question question = {
		.repo = &repo, .is_private = UNKNOWN, .is_gated = UNKNOWN};
	struct grants_answer answer;
	AUTOBUF struct buf why = {0};

	if (entity->permissions & bit(PERMISSION_WRITE))
		question.operation = GRANTS_WRITE;
	else if (!(entity->permissions & bit(PERMISSION_CONTENT_READ)))
		return;
	if (!example_of(entity, &repo))
		return;
	grants_ask(grants, &question, &answer);
	if (answer.verdict == VERDICT_GRANTS || answer.reason == REASON_FOREIGN ||
	    answer.reason == REASON_NAMED)
		return;
	buf_printf(&why, "%s ", question.operation == GRANTS_WRITE ? "writing:" : "reading:");
	grants_why(grants, &question, &answer, &why);
	put_line(out, answer.verdict == VERDICT_DENIES ? UI_NO : UI_WARNING, buf_text(&why),
		 "");
}

static void put_entity(struct buf *out, const struct grants *grants,
		       const struct grants_entity *entity)
{
	AUTOBUF struct buf name = {0};
	AUTOBUF struct buf more = {0};

	describe_entity(grants, entity, &name, &more);
	put_heading(out, buf_text(&name), buf_text(&more));
	put_named(out, entity->permissions, permissions, PERMISSION_COUNT);
	put_others(out, entity->others);
	put_caveat(out, grants, entity);
	if (!entity->permissions && !*entity->others)
		buf_add_text(out, "    nothing\n");
}

static void put_fine_grained(struct buf *out, const struct grants *grants)
{
	for (size_t i = 0; i < grants->entity_count; i++)
		put_entity(out, grants, &grants->entities[i]);
	if (grants->entity_count == 0)
		put_heading(out, "no repository and no organization",
			    ": it reads what is public");
	if (grants->global || *grants->global_others)
		put_heading(out, "everywhere", "");
	put_named(out, grants->global, permissions, PERMISSION_COUNT);
	put_others(out, grants->global_others);
	if (grants->cut)
		buf_printf(out, "\n  and more than is kept here\n");
}

/* ---- other kinds ------------------------------------------------------------------------------ */

static void put_classic(struct buf *out, const struct grants *grants)
{
	AUTOBUF struct buf heading = {0};
	bool writes = grants->kind == KIND_WRITE;

	buf_printf(&heading, "wherever %s may", grants->account);
	put_heading(out, buf_text(&heading), "");
	put_line(out, UI_YES, permissions[PERMISSION_CONTENT_READ].words, "");
	put_line(out, writes ? UI_YES : UI_NO, permissions[PERMISSION_WRITE].words, "");
	put_line(out, writes ? UI_YES : UI_NO, permissions[PERMISSION_DISCUSSION_WRITE].words,
		 "");
	put_line(out, UI_YES, permissions[PERMISSION_INFERENCE].words, "");
}

static void put_session(struct buf *out, const struct grants *grants)
{
	AUTOBUF struct buf heading = {0};

	if (!grants->scopes_known) {
		put_heading(out, "a session", ": the Hub does not tell what it may do");
		return;
	}
	buf_printf(&heading, "%s, and organizations that were ticked when it was allowed",
		   grants->account);
	put_heading(out, buf_text(&heading), "");
	put_named(out, grants->scopes, oauth_scopes, SCOPE_COUNT);
	put_others(out, grants->scopes_others);
}

/* ---- what all have ---------------------------------------------------------------------------- */

static void put_gated(struct buf *out, const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;
	struct repo repo = {.namespace = "-", .name = "x"}; /* nobody's */
	struct grants_question question = {
		.operation = GRANTS_READ_GATED, .repo = &repo, .is_private = NO};
	struct grants_answer answer;
	AUTOBUF struct buf remedy = {0};

	grants_ask(grants, &question, &answer);
	put_heading(out, "gated repositories", "");
	if (answer.verdict != VERDICT_DENIES) {
		bool sure = answer.reason == REASON_GATE;

		put_line(out, sure ? UI_YES : UI_WARNING,
			 sure ? "may read those that the account was let into"
			      : "the Hub does not tell",
			 "");
		return;
	}
	put_line(out, UI_NO, "may not read them, even where the account may", "");
	grants_remedy(&question, &answer.faults[0], &remedy);
	ui_put_folded(out, 6, buf_text(&remedy));
	buf_clear(&remedy);
	grants_remedy_url(&answer.faults[0], sheet->token->endpoint, &remedy);
	if (remedy.size)
		buf_printf(out, "      %s\n", buf_text(&remedy));
}

static void put_org(struct ui_table *table, const struct grants_org *org)
{
	AUTOBUF struct buf rules = {0};

	for (int i = 0; i < RESTRICTION_COUNT; i++) {
		if (org->restrictions & bit(i))
			buf_printf(&rules, "%s%s %s", rules.size ? ", " : "",
				   ui_mark(UI_WARNING), restrictions[i].words);
	}
	if (*org->others)
		buf_printf(&rules, "%s%s %s", rules.size ? ", " : "", ui_mark(UI_WARNING),
			   org->others);
	ui_table_add(table, UI_PLAIN, "  ");
	ui_table_add(table, UI_PLAIN, show_text(org->name));
	ui_table_add(table, UI_PLAIN, show_text(org->role_text));
	ui_table_add(table, UI_YELLOW, buf_text(&rules));
}

static void put_orgs(struct buf *out, const struct grants *grants)
{
	AUTOTABLE struct ui_table table = {.columns = 4};

	if (grants->org_count == 0)
		return;
	put_heading(out, "organizations of the account", ", and the role there");
	for (size_t i = 0; i < grants->org_count; i++)
		put_org(&table, &grants->orgs[i]);
	ui_table_print(&table, out);
}

static void put_title(struct buf *out, const struct scopes *scopes, const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;
	const struct token *token = sheet->token;
	char age[SHOW_AGE_SIZE];
	char expires[16];

	ui_put(out, UI_BOLD, "%s", token->name);
	if (sheet->where)
		buf_printf(out, " (%s%s%s)", sheet->where, sheet->twin ? ", the same as " : "",
			   sheet->twin ? sheet->twin : "");
	if (!grants->known) {
		buf_add_char(out, '\n');
		return;
	}
	show_age(grants->as_of, scopes->now, age);
	buf_printf(out, ": %s%s of %s%s%s\n", token_kind_names[grants->kind],
		   grants->kind == KIND_OAUTH ? " session" : " token", grants->account,
		   strcmp(token->endpoint, ENDPOINT_HUB) == 0 ? "" : " at ",
		   strcmp(token->endpoint, ENDPOINT_HUB) == 0 ? "" : token->endpoint);
	buf_printf(out, "  as the Hub said %s", age);
	if (grants->expires != TIME_UNKNOWN) {
		show_date(grants->expires, expires);
		ui_put(out, grants->expires <= scopes->now ? UI_RED : UI_PLAIN, "; %s %s",
		       grants->expires <= scopes->now ? "expired" : "expires", expires);
	}
	buf_add_char(out, '\n');
}

void scopes_put_sheet(struct buf *out, const struct scopes *scopes, const struct sheet *sheet)
{
	const struct grants *grants = &sheet->grants;

	put_title(out, scopes, sheet);
	if (!grants->known) {
		buf_add_text(out, "  not known: the Hub has not been asked about it\n");
		return;
	}
	if (grants->kind == KIND_FINE_GRAINED)
		put_fine_grained(out, grants);
	else if (grants->kind == KIND_READ || grants->kind == KIND_WRITE)
		put_classic(out, grants);
	else
		put_session(out, grants);
	put_gated(out, sheet);
	put_orgs(out, grants);
}
