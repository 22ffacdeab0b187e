/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of the user's rules: line by line, so that comments and order stay. */
#include <string.h>

#include "base/file.h"
#include "base/guest_file.h"
#include "base/paths.h"
#include "core/rules.h"
#include "core/rules_file.h"

/* What becomes of a line that holds a rule. */
enum fate { LINE_KEPT, LINE_DROPPED, LINE_REPLACED };

struct edit {
	/* For each line that says something; what replaces it is the edit's to append. */
	enum fate (*look)(struct edit *edit, const struct rule *rule, struct buf *ret);
	const char *line; /* the one looked at */
	size_t size;
	const struct rule *rule; /* to add */
	const char *from;        /* a token's name */
	const char *to;
	rule_choice is_meant;
	const void *user;
	size_t count; /* lines that were changed */
};

/* ---- the file --------------------------------------------------------------------------------- */

static void edit_text(struct edit *edit, const char *text, struct buf *ret)
{
	while (*text) {
		const char *end = strchrnul(text, '\n');
		size_t size = (size_t)(end - text);
		enum fate fate = LINE_KEPT;

		if (!rule_is_blank(text, size)) {
			struct rule rule;

			rule_parse(text, size, &rule);
			edit->line = text;
			edit->size = size;
			fate = edit->look(edit, &rule, ret);
		}
		if (fate == LINE_KEPT) {
			buf_add(ret, text, size);
			buf_add_char(ret, '\n');
		}
		edit->count += fate != LINE_KEPT;
		text = *end ? end + 1 : end;
	}
}

static void put_rule(struct buf *ret, const struct rule *rule)
{
	buf_printf(ret, "%s %s", rule->pattern, rule->token);
	if (rule->operation)
		buf_printf(ret, " %s", operation_name(rule->operation));
	if (rule->directory)
		buf_printf(ret, " in %.*s", (int)rule->directory_size, rule->directory);
	buf_add_char(ret, '\n');
}

static int open_locked(int *ret_folder, int *ret_lock, struct buf *ret_text, struct err *err)
{
	AUTOFREE char *path = NULL;
	char link;
	int error = path_of(PATH_CONFIG, &path, err);

	if (!error)
		error = folder_open(path, FOLDER_CREATE, ret_folder, err);
	if (!error)
		error = file_lock(*ret_folder, RULES_LOCK, ret_lock, err);
	if (error)
		return error;
	if (readlinkat(*ret_folder, RULES_NAME, &link, 1) >= 0) {
		err_set(err, ERR_FAILED, "the rules are a symbolic link");
		return err_hint(err, "edit the file that '%s/" RULES_NAME "' leads to", path);
	}
	error = file_read(*ret_folder, RULES_NAME, FILE_PUBLIC, RULES_FILE_MAX, ret_text, err);
	if (error == ERR_NOT_FOUND)
		return 0;
	return error ? error : rules_check_text(ret_text, err);
}

static int check_size(const struct buf *text, struct err *err)
{
	return text->size > RULES_FILE_MAX
		       ? err_set(err, ERR_NO_SPACE, "there would be too many rules")
		       : 0;
}

static int save(int folder, const struct buf *text, struct err *err)
{
	int error = guest_file_replace(folder, RULES_NAME, buf_text(text), text->size, err);

	return error ? err_context(err, "cannot save the rules") : 0;
}

/* Applies the edit; nothing is written if it changes no line and adds none. */
static int change(struct edit *edit, struct err *err)
{
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf fresh = {0};
	CLOSED int folder = -1;
	CLOSED int lock = -1;
	int error = open_locked(&folder, &lock, &text, err);

	if (error)
		return error;
	edit_text(edit, buf_text(&text), &fresh);
	if (edit->rule && edit->count == 0) {
		put_rule(&fresh, edit->rule);
		edit->count = 1;
	}
	if (buf_failed(&fresh))
		return err_no_memory(err);
	if (edit->count == 0)
		return 0;
	error = check_size(&fresh, err);
	return error ? error : save(folder, &fresh, err);
}

/* Whether there is anything to change at all, so that nothing is made where nothing is. */
static int has_rules(bool *ret, struct err *err)
{
	AUTORULES struct rules rules = {0};
	int error = rules_load(&rules, err);

	if (!error)
		*ret = rules.texts[RULES_OF_USER].size > 0;
	return error;
}

/* ---- edits ------------------------------------------------------------------------------------ */

static enum fate look_add(struct edit *edit, const struct rule *rule, struct buf *ret)
{
	if (rule->problem || !rule_is_double(rule, edit->rule))
		return LINE_KEPT;
	if (edit->count > 0)
		return LINE_DROPPED;
	put_rule(ret, edit->rule);
	return LINE_REPLACED;
}

/* Slashes at the end mean nothing. */
static bool is_directory(const struct rule *rule, const char *text, size_t size)
{
	while (text && size > 1 && text[size - 1] == '/')
		size--;
	if (!text || !rule->directory)
		return !text == !rule->directory;
	return rule->directory_size == size && memcmp(rule->directory, text, size) == 0;
}

int rules_add(const struct rule *rule, struct err *err)
{
	AUTOBUF struct buf line = {0};
	struct rule clean;
	struct edit edit = {.look = look_add, .rule = &clean};

	put_rule(&line, rule);
	if (buf_failed(&line))
		return err_no_memory(err);
	/* What is written must read as what was meant. */
	rule_parse(line.data, line.size - 1, &clean);
	if (!clean.problem &&
	    (memchr(line.data, '\n', line.size - 1) || memchr(line.data, '\r', line.size) ||
	     clean.operation != rule->operation))
		clean.problem = "a rule is one line";
	if (!clean.problem && !is_directory(&clean, rule->directory, rule->directory_size))
		clean.problem = "a rule cannot hold a directory whose name ends in white space";
	if (clean.problem)
		return err_set(err, ERR_USAGE, "%s", clean.problem);
	return change(&edit, err);
}

static enum fate look_remove(struct edit *edit, const struct rule *rule, struct buf *ret UNUSED)
{
	return !rule->problem && edit->is_meant(rule, edit->user) ? LINE_DROPPED : LINE_KEPT;
}

int rules_remove(rule_choice is_meant, const void *user, size_t *ret_count, struct err *err)
{
	struct edit edit = {.look = look_remove, .is_meant = is_meant, .user = user};
	bool any = false;
	int error = has_rules(&any, err);

	if (!error && any)
		error = change(&edit, err);
	if (!error)
		*ret_count = edit.count;
	return error;
}

/* Only the name changes: columns and a comment stay as somebody has written them. */
static enum fate look_rename(struct edit *edit, const struct rule *rule, struct buf *ret)
{
	size_t start = 0;
	size_t end;

	if (rule->problem || strcmp(rule->token, edit->from) != 0)
		return LINE_KEPT;
	for (int word = 0; word < 2; word++) {
		start += strspn(edit->line + start, " \t\r");
		if (word == 0)
			start += strcspn(edit->line + start, " \t\r");
	}
	end = start + strlen(rule->token);
	buf_add(ret, edit->line, start);
	buf_add_text(ret, edit->to);
	buf_add(ret, edit->line + end, edit->size - end);
	buf_add_char(ret, '\n');
	return LINE_REPLACED;
}

int rules_rename_begin(struct rules_rename *rename, const char *from, const char *to,
		       struct err *err)
{
	struct edit edit = {.look = look_rename, .from = from, .to = to};
	AUTOBUF struct buf text = {0};
	bool any = false;
	int error = has_rules(&any, err);

	if (error || !any)
		return error;
	error = open_locked(&rename->folder, &rename->lock, &text, err);
	if (error)
		return error;
	edit_text(&edit, buf_text(&text), &rename->text);
	if (buf_failed(&rename->text))
		return err_no_memory(err);
	rename->count = edit.count;
	return check_size(&rename->text, err);
}

int rules_rename_finish(struct rules_rename *rename, struct err *err)
{
	return rename->count ? save(rename->folder, &rename->text, err) : 0;
}

void rules_rename_release(struct rules_rename *rename)
{
	if (rename->lock >= 0)
		(void)close(rename->lock);
	if (rename->folder >= 0)
		(void)close(rename->folder);
	buf_release(&rename->text);
	*rename = (struct rules_rename)RULES_RENAME_NONE;
}
