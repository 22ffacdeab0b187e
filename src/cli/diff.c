/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"

#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "cli/ui.h"

#define LINES_MAX ((size_t)1 << 20)
#define TABLE_MAX ((size_t)4 << 20) /* cells; more than that is not compared line by line */
#define MOVES_MAX ((size_t)4096)    /* lines in which one that has moved is looked for */
#define STAYS     "…"

/* ---- lines ------------------------------------------------------------------------------------ */

struct piece {
	const char *at;
	size_t size; /* with its end of line */
};

struct lines {
	struct piece *list;
	size_t count;
	bool ours;
};

static void lines_release(struct lines *lines)
{
	free(lines->list);
}

static bool split(const struct diff_side *side, struct lines *ret)
{
	const char *next = side->text;
	const char *end = next + side->size;
	size_t count = 1;

	for (size_t i = 0; i < side->size; i++)
		count += side->text[i] == '\n';
	ret->list = count <= LINES_MAX ? calloc(count, sizeof(*ret->list)) : NULL;
	while (ret->list && next < end) {
		const char *newline = memchr(next, '\n', (size_t)(end - next));
		size_t size = (size_t)((newline ? newline + 1 : end) - next);

		ret->list[ret->count++] = (struct piece) {next, size};
		next += size;
	}
	return ret->list;
}

static bool is_same(const struct piece *one, const struct piece *other)
{
	return one->size == other->size && memcmp(one->at, other->at, one->size) == 0;
}

/* ---- one line --------------------------------------------------------------------------------- */

/* For a terminal: no control characters but tabs, and nothing that looks like a token. */
static void put_clean(struct buf *out, enum ui_colour colour, char *line)
{
	for (char *part = line; part;) {
		char *tab = strchr(part, '\t');

		if (tab)
			*tab = '\0';
		text_disarm(part);
		if (tab)
			*tab = '\t';
		part = tab ? tab + 1 : NULL;
	}
	mask_tokens(line);
	ui_put(out, colour, "%s", line);
	buf_add_char(out, '\n');
}

static void put_text(struct buf *out, char mark, const char *start, const char *text,
		     size_t size, const char *end)
{
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%c%s", mark, start);
	buf_add(&line, text, size);
	buf_add_text(&line, end);
	if (line.data && !buf_failed(&line))
		put_clean(out, mark == '-' ? UI_RED : UI_GREEN, line.data);
	else
		out->failed = true;
}

static void put_line(struct buf *out, char mark, const struct piece *line, const char *start,
		     const char *end, size_t cut_start, size_t cut_end)
{
	bool whole = line->size && line->at[line->size - 1] == '\n';
	size_t size = line->size - whole - cut_start - cut_end;

	put_text(out, mark, start, line->at + cut_start, size, end);
	if (!whole)
		buf_add_text(out, "\\ No newline at end of file\n");
}

/* ---- hunks ------------------------------------------------------------------------------------ */

struct hunk {
	size_t old_start, old_end;
	size_t new_start, new_end;
};

static void put_range(struct buf *out, char mark, size_t start, size_t end)
{
	/* As diff(1) counts: an empty range is named by the line before it. */
	buf_printf(out, " %c%zu", mark, end > start ? start + 1 : start);
	if (end - start != 1)
		buf_printf(out, ",%zu", end - start);
}

/* Whether that says nothing of what is in the file: white space, brackets and commas. */
static bool is_bare(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!strchr(" \t{}[],\"", text[i]))
			return false;
	}
	return true;
}

/*
 * What the first lines begin with alike, and what the last ones end with alike: it stays, and may be
 * anything.
 */
static size_t same_start(const struct piece *one, const struct piece *other)
{
	size_t size = 0;

	while (size < one->size && size < other->size && one->at[size] == other->at[size] &&
	       one->at[size] != '\n')
		size++;
	/* Not within a character. */
	while (size && size < one->size && ((unsigned char)one->at[size] & 0xc0) == 0x80)
		size--;
	return is_bare(one->at, size) ? 0 : size;
}

static size_t text_size(const struct piece *line)
{
	return line->size - (line->size && line->at[line->size - 1] == '\n');
}

static size_t same_end(const struct piece *one, const struct piece *other, size_t start)
{
	size_t size = 0;
	size_t sizes[] = {text_size(one), text_size(other)};
	const char *end;

	while (start + size < sizes[0] && start + size < sizes[1] &&
	       one->at[sizes[0] - size - 1] == other->at[sizes[1] - size - 1])
		size++;
	end = one->at + sizes[0] - size;
	for (; size && ((unsigned char)*end & 0xc0) == 0x80; end++)
		size--;
	return is_bare(end, size) ? 0 : size;
}

/*
 * Whether the line stands on the other side as well: it has only moved, and is somebody else's. In a
 * file of so many lines that this would take long, any may be.
 */
static bool has_moved(const struct piece *line, const struct lines *other)
{
	if (other->ours || is_bare(line->at, text_size(line)))
		return false;
	for (size_t i = 0; i < other->count && other->count <= MOVES_MAX; i++) {
		if (is_same(line, &other->list[i]))
			return true;
	}
	return other->count > MOVES_MAX;
}

static void put_side(struct buf *out, char mark, const struct lines *lines,
		     const struct lines *other, size_t start, size_t end, size_t cut_start,
		     size_t cut_end)
{
	for (size_t i = start; i < end; i++) {
		size_t head = i == start ? cut_start : 0;
		size_t tail = i == end - 1 ? cut_end : 0;

		if (has_moved(&lines->list[i], other)) {
			put_text(out, mark, STAYS, "", 0, "");
			continue;
		}
		put_line(out, mark, &lines->list[i], head ? STAYS : "", tail ? STAYS : "", head,
			 tail);
	}
}

static void put_hunk(struct buf *out, const struct lines *old, const struct lines *fresh,
		     const struct hunk *hunk)
{
	size_t head = 0;
	size_t tail = 0;

	if (!old->ours && hunk->old_end > hunk->old_start && hunk->new_end > hunk->new_start) {
		bool single = hunk->old_end - hunk->old_start == 1 ||
			      hunk->new_end - hunk->new_start == 1;

		head = same_start(&old->list[hunk->old_start], &fresh->list[hunk->new_start]);
		tail = same_end(&old->list[hunk->old_end - 1], &fresh->list[hunk->new_end - 1],
				single ? head : 0);
	}
	buf_add_text(out, "@@");
	put_range(out, '-', hunk->old_start, hunk->old_end);
	put_range(out, '+', hunk->new_start, hunk->new_end);
	buf_add_text(out, " @@\n");
	put_side(out, '-', old, fresh, hunk->old_start, hunk->old_end, head, tail);
	put_side(out, '+', fresh, old, hunk->new_start, hunk->new_end, head, tail);
}

/* ---- what differs ----------------------------------------------------------------------------- */

/* table[i][j]: how many lines from i and j on stay, in their order. */
static uint32_t *longest_common(const struct lines *old, const struct lines *fresh,
				const struct hunk *all)
{
	size_t rows = all->old_end - all->old_start + 1;
	size_t columns = all->new_end - all->new_start + 1;
	uint32_t *table = rows <= TABLE_MAX / columns ? calloc(rows * columns, sizeof(*table))
						      : NULL;

	for (size_t i = table ? rows - 1 : 0; i-- > 0;) {
		for (size_t j = columns - 1; j-- > 0;) {
			uint32_t down = table[(i + 1) * columns + j];
			uint32_t right = table[i * columns + j + 1];

			if (is_same(&old->list[all->old_start + i],
				    &fresh->list[all->new_start + j]))
				table[i * columns + j] = table[(i + 1) * columns + j + 1] + 1;
			else
				table[i * columns + j] = down > right ? down : right;
		}
	}
	return table;
}

/* Walks the table from one line that stays to the next. */
static void put_hunks(struct buf *out, const struct lines *old, const struct lines *fresh,
		      const struct hunk *all, const uint32_t *table)
{
	size_t columns = all->new_end - all->new_start + 1;
	struct hunk hunk = {all->old_start, all->old_start, all->new_start, all->new_start};

	while (hunk.old_end < all->old_end || hunk.new_end < all->new_end) {
		size_t i = hunk.old_end - all->old_start;
		size_t j = hunk.new_end - all->new_start;
		const uint32_t *cell = &table[i * columns + j];

		if (hunk.old_end < all->old_end && hunk.new_end < all->new_end &&
		    is_same(&old->list[hunk.old_end], &fresh->list[hunk.new_end])) {
			if (hunk.old_end > hunk.old_start || hunk.new_end > hunk.new_start)
				put_hunk(out, old, fresh, &hunk);
			hunk.old_start = ++hunk.old_end;
			hunk.new_start = ++hunk.new_end;
		} else if (hunk.new_end == all->new_end ||
			   (hunk.old_end < all->old_end && cell[columns] >= cell[1])) {
			hunk.old_end++;
		} else {
			hunk.new_end++;
		}
	}
	if (hunk.old_end > hunk.old_start || hunk.new_end > hunk.new_start)
		put_hunk(out, old, fresh, &hunk);
}

static void put_differences(struct buf *out, const struct lines *old, const struct lines *fresh)
{
	struct hunk all = {0, old->count, 0, fresh->count};
	AUTOFREE uint32_t *table = NULL;

	while (all.old_start < all.old_end && all.new_start < all.new_end &&
	       is_same(&old->list[all.old_start], &fresh->list[all.new_start])) {
		all.old_start++;
		all.new_start++;
	}
	while (all.old_start < all.old_end && all.new_start < all.new_end &&
	       is_same(&old->list[all.old_end - 1], &fresh->list[all.new_end - 1])) {
		all.old_end--;
		all.new_end--;
	}
	table = longest_common(old, fresh, &all);
	if (table)
		put_hunks(out, old, fresh, &all, table);
	else
		buf_printf(out, "(%zu lines in place of %zu: too many to compare)\n",
			   all.new_end - all.new_start, all.old_end - all.old_start);
}

/* ---- files ------------------------------------------------------------------------------------ */

static void put_name(struct buf *out, const char *mark, const char *path, bool exists)
{
	AUTOBUF struct buf line = {0};

	buf_printf(&line, "%s %s", mark, exists ? path : "/dev/null");
	if (!line.data || buf_failed(&line))
		out->failed = true;
	else
		put_clean(out, UI_BOLD, line.data);
}

void diff_put(struct buf *out, const char *path, const struct diff_side *before,
	      const struct diff_side *after, bool ours)
{
	CLEANUP(lines_release) struct lines old = {.ours = ours};
	CLEANUP(lines_release) struct lines fresh = {.ours = ours};

	if (before->exists == after->exists && before->size == after->size &&
	    memcmp(before->text, after->text, before->size) == 0)
		return;
	put_name(out, "---", path, before->exists);
	put_name(out, "+++", path, after->exists);
	if (split(before, &old) && split(after, &fresh))
		put_differences(out, &old, &fresh);
	else
		out->failed = true;
}

void diff_put_masked(struct buf *out, const char *path, const char *before, const char *after)
{
	put_name(out, "---", path, before);
	put_name(out, "+++", path, after);
	buf_add_text(out, before ? "@@ -1" : "@@ -0,0");
	buf_add_text(out, after ? " +1 @@\n" : " +0,0 @@\n");
	if (before)
		put_text(out, '-', "", before, strlen(before), "");
	if (after)
		put_text(out, '+', "", after, strlen(after), "");
}
