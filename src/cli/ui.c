/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ui.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/io.h"
#include "base/mask.h"
#include "base/text.h"

#define OUTPUT_MS  5000
#define SPINNER_MS 500
#define FOLD_MIN   40 /* columns; a terminal that is narrower breaks lines as it likes */
#define HINT       "hint: "

static const char *const colour_codes[] = {
	[UI_PLAIN] = "",         [UI_BOLD] = "\033[1m",    [UI_DIM] = "\033[2m",
	[UI_GREEN] = "\033[32m", [UI_YELLOW] = "\033[33m", [UI_RED] = "\033[31m",
};

/* ---- what the terminal can do ----------------------------------------------------------------- */

/* https://no-color.org, and CLICOLOR_FORCE of the same habit. */
static bool has_colour(int fd)
{
	const char *forced = getenv("CLICOLOR_FORCE");
	const char *none = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (none && *none)
		return false;
	if (forced && *forced && strcmp(forced, "0") != 0)
		return true;
	return isatty(fd) && terminal && strcmp(terminal, "dumb") != 0;
}

static bool has_utf8(void)
{
	static int known = -1;

	if (known < 0) {
		(void)setlocale(LC_CTYPE, "");
		known = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	}
	return known;
}

const char *ui_mark(enum ui_mark mark)
{
	static const char *const marks[][2] = {
		[UI_YES] = {"+", "✓"},
		[UI_NO] = {"x", "✗"},
		[UI_WARNING] = {"!", "!"},
		[UI_ARROW] = {"->", "→"},
	};

	return marks[mark][has_utf8()];
}

/* ---- messages --------------------------------------------------------------------------------- */

/* Columns of the terminal that messages go to; 0 if there is none, or it does not say. */
static size_t message_width(void)
{
	struct winsize size;

	if (!isatty(STDERR_FILENO) || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col >= FOLD_MIN ? size.ws_col : 0;
}

/* In place, at spaces: the terminal itself would break a line inside a word. */
static void fold_message(char *text, size_t used, size_t width)
{
	while (used + text_width(text) > width) {
		char *start = text + strspn(text, " ");
		char *end = text + text_fitting(text, width - used);
		char *space = end;

		while (space > start && *space != ' ')
			space--;
		if (space <= start) /* one long word, such as a path or a page */
			space = strchr(start, ' ');
		if (!space)
			return;
		*space = '\n';
		text = space + 1;
		used = 0;
	}
}

static void put_line(const char *prefix, enum ui_colour colour, char *text)
{
	AUTOBUF struct buf line = {0};
	bool coloured = *prefix && has_colour(STDERR_FILENO);

	ui_tick_done();
	/* Names and values in it may come from anywhere: files of a repository, variables, the Hub. */
	text_disarm(text);
	mask_tokens(text);
	/* Commands are copied from a hint: it is one line. */
	if (message_width() && strcmp(prefix, HINT) != 0)
		fold_message(text, strlen(prefix), message_width());
	buf_printf(&line, "%s%s%s%s\n", coloured ? colour_codes[colour] : "", prefix,
		   coloured ? "\033[0m" : "", text);
	if (buf_failed(&line))
		return;
	/* If even stderr is gone there is nobody to tell. */
	if (io_write_all(STDERR_FILENO, line.data, line.size, deadline_in(OUTPUT_MS), NULL))
		return;
}

#define PUT_FORMATTED(prefix, colour)                                 \
	do {                                                          \
		char text_[2048];                                     \
		va_list args_;                                        \
		va_start(args_, format);                              \
		(void)vsnprintf(text_, sizeof(text_), format, args_); \
		va_end(args_);                                        \
		put_line(prefix, colour, text_);                      \
	} while (0)

void ui_say(const char *format, ...)
{
	PUT_FORMATTED("", UI_PLAIN);
}

void ui_warn(const char *format, ...)
{
	PUT_FORMATTED("warning: ", UI_YELLOW);
}

void ui_hint(const char *format, ...)
{
	PUT_FORMATTED(HINT, UI_GREEN);
}

void ui_error(const struct err *err)
{
	char message[sizeof(err->message)];

	(void)text_copy(message, sizeof(message), err->message);
	put_line("hftoken: ", UI_RED, message);
	if (*err->hint)
		ui_hint("%s", err->hint);
}

void ui_error_line(const struct err *err)
{
	char line[sizeof(err->message) + sizeof(err->hint) + 2];

	(void)snprintf(line, sizeof(line), "%s%s%s", err->message, *err->hint ? "; " : "",
		       err->hint);
	put_line("hftoken: ", UI_RED, line);
}

void ui_settings_warning(const char *where, const char *what)
{
	ui_warn("%s: %s", where, what);
}

/* ---- stdout ----------------------------------------------------------------------------------- */

void ui_put(struct buf *out, enum ui_colour colour, const char *format, ...)
{
	AUTOBUF struct buf text = {0};
	bool coloured = colour != UI_PLAIN && has_colour(STDOUT_FILENO);
	va_list args;
	char line[2048];

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	buf_printf(out, "%s%s%s", coloured ? colour_codes[colour] : "", line,
		   coloured ? "\033[0m" : "");
}

#define TERMINAL_USUAL ((size_t)80)
#define TERMINAL_LEAST ((size_t)20)
#define FOLD_WIDTH     ((size_t)78) /* longer lines are hard to read, however wide it is */

size_t ui_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return TERMINAL_USUAL;
	return size.ws_col < TERMINAL_LEAST ? TERMINAL_LEAST : size.ws_col;
}

static size_t fold_width(void)
{
	size_t width = ui_width();

	return width < FOLD_WIDTH ? width : FOLD_WIDTH;
}

/* Words in quotes are looked for as they stand: they stay in one line if they fit. */
static size_t unbroken(const char *text, size_t room)
{
	size_t size = strcspn(text, " ");
	const char *end = *text == '"' ? strchr(text + 1, '"') : NULL;
	size_t quoted;

	if (!end)
		return size;
	quoted = (size_t)(end - text);
	quoted += strcspn(end, " ");
	return quoted <= room ? quoted : size;
}

void ui_put_folded(struct buf *out, size_t indent, const char *text)
{
	size_t limit = fold_width();
	size_t used = 0;

	while (*text) {
		size_t size = unbroken(text, limit - indent);
		AUTOFREE char *word = strndup(text, size);
		size_t width = word ? text_width(word) : size;

		if (used == 0 || used + 1 + width > limit) {
			buf_printf(out, "%s%*s", used ? "\n" : "", (int)indent, "");
			used = indent;
		} else {
			buf_add_char(out, ' ');
			used++;
		}
		buf_add(out, text, size);
		used += width;
		text += size + strspn(text + size, " ");
	}
	buf_add_char(out, '\n');
}

void ui_table_release(struct ui_table *table)
{
	buf_release(&table->cells);
}

void ui_table_add(struct ui_table *table, enum ui_colour colour, const char *text)
{
	buf_add_char(&table->cells, (char)colour);
	buf_add(&table->cells, text, strlen(text) + 1);
	if (!buf_failed(&table->cells))
		text_disarm(table->cells.data + table->cells.size - strlen(text) - 1);
	table->count++;
}

/* Calls for the text of each cell; the next one begins behind its NUL. */
static const char *next_cell(const char *cell)
{
	return cell + 1 + strlen(cell + 1) + 1;
}

static void measure(const struct ui_table *table, size_t widths[UI_COLUMNS_MAX])
{
	const char *cell = table->cells.data;

	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_width(cell + 1);

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
		cell = next_cell(cell);
	}
}

#define COLUMN_MIN ((size_t)8)
#define CUT        "..."

/* Takes columns from the widest until all fit, or none is left to take from. */
static void shrink(size_t columns, size_t widths[UI_COLUMNS_MAX])
{
	size_t room = ui_width();

	for (;;) {
		size_t total = 2 * (columns - 1);
		size_t widest = 0;

		for (size_t i = 0; i < columns; i++) {
			total += widths[i];
			widest = widths[i] > widths[widest] ? i : widest;
		}
		if (total <= room || widths[widest] <= COLUMN_MIN)
			return;
		widths[widest]--;
	}
}

static void print_cell(const char *cell, size_t width, bool last, struct buf *out)
{
	enum ui_colour colour = (enum ui_colour)cell[0];
	const char *text = cell + 1;
	size_t used = text_width(text);

	if (used > width) {
		size_t size = text_fitting(text, width - strlen(CUT));

		ui_put(out, colour, "%.*s" CUT, (int)size, text);
		used = width;
	} else if (used > 0) {
		ui_put(out, colour, "%s", text);
	}
	if (!last)
		buf_printf(out, "%*s", (int)(width + 2 - used), "");
}

bool ui_table_fits(const struct ui_table *table)
{
	size_t widths[UI_COLUMNS_MAX] = {0};
	size_t total = 2 * (table->columns - 1);

	if (table->cells.failed || !table->count)
		return true;
	(void)has_utf8();
	measure(table, widths);
	for (size_t i = 0; i < table->columns; i++)
		total += widths[i];
	return total <= ui_width();
}

void ui_table_print(const struct ui_table *table, struct buf *out)
{
	size_t widths[UI_COLUMNS_MAX] = {0};
	const char *cell = table->cells.data;

	if (table->cells.failed) {
		out->failed = true;
		return;
	}
	(void)has_utf8(); /* so that the C library knows how wide characters are */
	measure(table, widths);
	if (table->fit)
		shrink(table->columns, widths);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		print_cell(cell, widths[column], column + 1 == table->columns, out);
		if (column + 1 == table->columns) {
			while (out->size && out->data[out->size - 1] == ' ')
				out->data[--out->size] = '\0';
			buf_add_char(out, '\n');
		}
		cell = next_cell(cell);
	}
}

/* ---- waiting ---------------------------------------------------------------------------------- */

static deadline_ms spinner_start; /* 0: nobody waits */
static bool spinner_shown;

void ui_tick(void)
{
	static const char frames[] = "|/-\\";
	static unsigned frame;
	char text[] = "\r| waiting for the Hub ";

	if (!isatty(STDERR_FILENO))
		return;
	if (!spinner_start)
		spinner_start = deadline_in(SPINNER_MS);
	if (deadline_left(spinner_start) > 0)
		return;
	text[1] = frames[frame++ % 4];
	spinner_shown = true;
	if (io_write_all(STDERR_FILENO, text, sizeof(text) - 1, deadline_in(100), NULL))
		return;
}

void ui_tick_done(void)
{
	static const char clear[] = "\r\033[K";

	spinner_start = 0;
	if (!spinner_shown)
		return;
	spinner_shown = false;
	if (io_write_all(STDERR_FILENO, clear, sizeof(clear) - 1, deadline_in(100), NULL))
		return;
}
