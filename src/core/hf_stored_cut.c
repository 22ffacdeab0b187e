/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hf_stored_cut.h"

#include <string.h>

#define BLANK " \t\r\n\f\v"

static int copy(struct secret *to, const struct secret *from, size_t start, size_t end,
		struct err *err)
{
	return end > start && secret_add(to, from->data + start, end - start)
		       ? err_no_memory(err)
		       : 0;
}

/* ---- JSON ------------------------------------------------------------------------------------- */

/* With the comma behind it, or where it is the last one, with that before it. */
static int cut_member(const struct secret *text, const struct hf_entry *entry,
		      struct secret *ret, struct err *err)
{
	size_t start = entry->start;
	size_t end = entry->end;
	size_t behind = end + strspn(text->data + end, BLANK);
	size_t before = start;
	int error;

	while (before > 0 && strchr(BLANK, text->data[before - 1]))
		before--;
	if (text->data[behind] == ',')
		end = behind + 1 + strspn(text->data + behind + 1, BLANK);
	else if (before > 0 && text->data[before - 1] == ',')
		start = before - 1;
	error = copy(ret, text, 0, start, err);
	return error ? error : copy(ret, text, end, text->size, err);
}

/*
 * That name would be taken for the one in use for ever: hfrs makes a token that is saved the active
 * one, and writes it into the token file, only if none is. It writes null for none itself.
 */
static int forget_active(const struct secret *text, const struct hf_stored *stored,
			 struct secret *ret, struct err *err)
{
	int error = copy(ret, text, 0, stored->active_start, err);

	if (!error && secret_add_text(ret, "null"))
		error = err_no_memory(err);
	return error ? error : copy(ret, text, stored->active_end, text->size, err);
}

/* ---- INI -------------------------------------------------------------------------------------- */

static bool is_comment(const char *line)
{
	line += strspn(line, " \t\f\v");
	return *line == '#' || *line == ';';
}

static bool is_blank(const char *line, size_t size)
{
	return strspn(line, BLANK) >= size;
}

/* Comments stay, and the blank lines behind them: they may be about what follows. */
static int cut_section(const struct secret *text, const struct hf_entry *entry,
		       struct secret *ret, struct err *err)
{
	size_t at = entry->start;
	bool kept = false;
	int error = copy(ret, text, 0, entry->start, err);

	while (at < entry->end && !error) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', entry->end - at);
		size_t size = end ? (size_t)(end - line) + 1 : entry->end - at;

		kept = is_comment(line) || (kept && is_blank(line, size));
		if (kept)
			error = copy(ret, text, at, at + size, err);
		at += size;
	}
	return error ? error : copy(ret, text, entry->end, text->size, err);
}

/* ---- both ------------------------------------------------------------------------------------- */

/* A text and what stands in it; the entries' texts lie in `cut`. */
struct reading {
	struct secret text;
	struct secret cut;
	struct hf_stored stored;
};

static void reading_release(struct reading *reading)
{
	secret_release(&reading->text);
	secret_release(&reading->cut);
}

static int read_again(struct reading *reading, struct err *err)
{
	if (secret_set(&reading->cut, secret_text(&reading->text), reading->text.size))
		return err_no_memory(err);
	return hf_stored_parse(&reading->cut, &reading->stored, err);
}

static int forget_if_active(struct reading *reading, const char *name, struct err *err)
{
	AUTOSECRET struct secret fresh = {0};
	int error;

	if (!reading->stored.active || strcmp(reading->stored.active, name) != 0)
		return 0;
	error = forget_active(&reading->text, &reading->stored, &fresh, err);
	if (error)
		return error;
	secret_move(&reading->text, &fresh);
	return read_again(reading, err);
}

static bool is_same(const struct hf_entry *one, const struct hf_entry *other)
{
	return strcmp(one->name, other->name) == 0 && strcmp(one->token, other->token) == 0 &&
	       one->expires == other->expires && one->refreshes == other->refreshes;
}

/* The same entries in the same order, without that one. */
static int check(const struct hf_stored *before, size_t gone, const struct hf_stored *after,
		 struct err *err)
{
	bool good = after->count + 1 == before->count && after->unusable <= before->unusable;

	for (size_t i = 0; good && i < after->count; i++)
		good = is_same(&before->entries[i + (i >= gone)], &after->entries[i]);
	return good ? 0
		    : err_set(err, ERR_FORMAT,
			      "an entry cannot be taken out without changing another");
}

/* Takes one out; 1 if none goes any more. */
static int cut_one(struct reading *now, hf_stored_goes goes, void *user, struct err *err)
{
	AUTOFREE struct reading *next = calloc(1, sizeof(*next));
	size_t first = 0;
	int error;

	if (!next)
		return err_no_memory(err);
	while (first < now->stored.count && !goes(user, &now->stored.entries[first]))
		first++;
	if (first == now->stored.count)
		return 1;
	error = (now->text.data[strspn(now->text.data, BLANK)] == '{' ? cut_member
								      : cut_section)(
		&now->text, &now->stored.entries[first], &next->text, err);
	if (!error)
		error = read_again(next, err);
	if (!error)
		error = forget_if_active(next, now->stored.entries[first].name, err);
	if (!error)
		error = check(&now->stored, first, &next->stored, err);
	if (!error) {
		secret_move(&now->text, &next->text);
		secret_move(&now->cut, &next->cut);
		now->stored = next->stored;
	}
	reading_release(next);
	return error;
}

int hf_stored_cut(const struct secret *text, hf_stored_goes goes, void *user,
		  struct secret *ret, size_t *ret_count, struct err *err)
{
	AUTOFREE struct reading *now = calloc(1, sizeof(*now));
	size_t count = 0;
	int error;

	if (!now)
		return err_no_memory(err);
	error = secret_set(&now->text, secret_text(text), text->size) ? err_no_memory(err)
								      : read_again(now, err);
	while (!error) {
		error = cut_one(now, goes, user, err);
		count += !error;
	}
	if (error == 1) {
		secret_move(ret, &now->text);
		*ret_count = count;
		error = 0;
	}
	reading_release(now);
	return error;
}
