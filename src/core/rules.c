/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "core/rules_file.h"

#define SYSTEM_FOLDER "/etc/hftoken"

void rules_release(struct rules *rules)
{
	for (size_t i = 0; i < RULE_FILES; i++) {
		buf_release(&rules->texts[i]);
		free(rules->paths[i]);
	}
	*rules = (struct rules) {0};
}

void rule_list_release(struct rule_list *list)
{
	free(list->rules);
	*list = (struct rule_list) {0};
}

/* ---- reading ---------------------------------------------------------------------------------- */

int rules_check_text(const struct buf *text, struct err *err)
{
	if (text->size && memchr(text->data, '\0', text->size))
		return err_set(err, ERR_DAMAGED, "'" RULES_NAME "' holds a NUL byte");
	return 0;
}

/* Missing files and folders are empty ones. */
static int read_file(const char *folder, struct buf *ret, char **ret_path, struct err *err)
{
	CLOSED int fd = -1;
	int error = folder_look(folder, &fd, err);

	if (error)
		return error;
	if (asprintf(ret_path, "%s/" RULES_NAME, folder) < 0) {
		*ret_path = NULL;
		return err_no_memory(err);
	}
	if (fd < 0)
		return 0;
	error = file_read(fd, RULES_NAME, FILE_PUBLIC, RULES_FILE_MAX, ret, err);
	if (error == ERR_NOT_FOUND)
		return 0;
	if (!error)
		error = rules_check_text(ret, err);
	return error ? err_context(err, "%s", folder) : 0;
}

static int load_both(struct rules *rules, struct err *err)
{
	AUTOFREE char *folder = NULL;
	int error = read_file(SYSTEM_FOLDER, &rules->texts[RULES_OF_SYSTEM],
			      &rules->paths[RULES_OF_SYSTEM], err);

	if (error)
		return error;
	error = path_of(PATH_CONFIG, &folder, err);
	if (!error)
		error = read_file(folder, &rules->texts[RULES_OF_USER],
				  &rules->paths[RULES_OF_USER], err);
	/* Without a home there are no rules of the user's. */
	return error == ERR_NOT_FOUND ? 0 : error;
}

int rules_load(struct rules *ret, struct err *err)
{
	int error;

	*ret = (struct rules) {0};
	error = load_both(ret, err);
	if (error)
		rules_release(ret);
	return error;
}

void rules_wait(void)
{
	deadline_ms deadline = deadline_in(RULES_WAIT_MS);
	AUTOFREE char *path = NULL;
	CLOSED int folder = -1;

	if (path_of(PATH_CONFIG, &path, NULL))
		return;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (folder >= 0 && file_is_locked(folder, RULES_LOCK) && deadline_left(deadline) > 0)
		deadline_sleep(deadline, 1);
}

/* ---- lists ------------------------------------------------------------------------------------ */

static int append(struct rule_list *list, const struct rule *rule, struct err *err)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 8;
		struct rule *rules = reallocarray(list->rules, capacity, sizeof(*rules));

		if (!rules)
			return err_no_memory(err);
		list->rules = rules;
		list->capacity = capacity;
	}
	list->rules[list->count++] = *rule;
	return 0;
}

/* A line that says something. */
static int read_rule(const char *line, size_t size, enum rule_file file, unsigned number,
		     const struct rule_request *request, struct rule_list *ret, struct err *err)
{
	struct rule rule;

	rule_parse(line, size, &rule);
	rule.file = file;
	rule.line = number;
	if (request && (rule.problem || !rule_matches(&rule, request)))
		return 0;
	return append(ret, &rule, err);
}

/*
 * Each line that says something, parsed; with a request only those that match it. Most of a
 * thousand do not, and are told with no more than a look.
 */
static int read_lines(const char *text, enum rule_file file, const struct rule_request *request,
		      struct rule_list *ret, struct err *err)
{
	const char *end;
	unsigned number = 0;

	for (; *text; text = *end ? end + 1 : end) {
		size_t size;
		int error;

		end = strchrnul(text, '\n');
		size = (size_t)(end - text);
		number++;
		if (request ? !rule_may_match(text, size, request->repo)
			    : rule_is_blank(text, size))
			continue;
		error = read_rule(text, size, file, number, request, ret, err);
		if (error)
			return error;
	}
	return 0;
}

int rules_read(const char *text, enum rule_file file, struct rule_list *ret, struct err *err)
{
	return read_lines(text, file, NULL, ret, err);
}

static int order(const void *one, const void *other, void *request)
{
	const struct rule *left = one;
	const struct rule *right = other;
	int found = (int)left->file - (int)right->file;

	if (!found)
		found = rule_compare(left, right, request);
	return found ? found : (left->line > right->line) - (left->line < right->line);
}

/* Those that say the same stand side by side. The same token twice is no conflict. */
static void mark_doubles(struct rule_list *list)
{
	for (size_t first = 0, next; first < list->count; first = next) {
		bool conflict = false;

		for (next = first + 1; next < list->count &&
				       rule_is_double(&list->rules[first], &list->rules[next]);
		     next++)
			conflict |= strcmp(list->rules[first].token, list->rules[next].token) !=
				    0;
		for (size_t i = first; conflict && i < next; i++) {
			if (!list->rules[i].problem)
				list->rules[i].problem =
					"another line says otherwise for the same";
		}
	}
}

static void sort(struct rule_list *list, const struct rule_request *request)
{
	struct rule_request copy = *request;

	if (list->count > 1)
		qsort_r(list->rules, list->count, sizeof(*list->rules), order, &copy);
}

int rules_find(const struct rules *rules, const struct rule_request *request,
	       struct rule_list *ret, struct err *err)
{
	AUTORULELIST struct rule_list list = {0};
	int error = 0;

	for (size_t file = 0; file < RULE_FILES && !error; file++)
		error = read_lines(buf_text(&rules->texts[file]), (enum rule_file)file, request,
				   &list, err);
	if (error)
		return error;
	sort(&list, request);
	mark_doubles(&list);
	*ret = list;
	list = (struct rule_list) {0};
	return 0;
}

static int by_line(const void *one, const void *other)
{
	const struct rule *left = one;
	const struct rule *right = other;
	int found = (int)left->file - (int)right->file;

	return found ? found : (left->line > right->line) - (left->line < right->line);
}

int rules_list(const struct rules *rules, struct rule_list *ret, struct err *err)
{
	AUTORULELIST struct rule_list list = {0};
	int error = 0;

	for (size_t file = 0; file < RULE_FILES && !error; file++)
		error = read_lines(buf_text(&rules->texts[file]), (enum rule_file)file, NULL,
				   &list, err);
	if (error)
		return error;
	/* Doubles are found as for a request about nothing, which knows only how they are told. */
	sort(&list, &(struct rule_request) {0});
	mark_doubles(&list);
	if (list.count > 1)
		qsort(list.rules, list.count, sizeof(*list.rules), by_line);
	*ret = list;
	list = (struct rule_list) {0};
	return 0;
}
