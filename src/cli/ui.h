/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people see: messages on stderr, tables on stdout, colour and marks where the terminal can
 * show them, and a sign of life while something takes longer than half a second.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

enum ui_colour { UI_PLAIN, UI_BOLD, UI_DIM, UI_GREEN, UI_YELLOW, UI_RED };
enum ui_mark { UI_YES, UI_NO, UI_WARNING, UI_ARROW };

/* Messages. Each is one line on stderr; what looks like a token is masked in all of them. */
void ui_say(const char *format, ...) PRINTF(1, 2);  /* no prefix */
void ui_warn(const char *format, ...) PRINTF(1, 2); /* "warning: " */
void ui_hint(const char *format, ...) PRINTF(1, 2); /* "hint: " */
void ui_error(const struct err *err);               /* "hftoken: ", and the hint below */
void ui_error_line(const struct err *err);          /* the same, in one line */
void ui_settings_warning(const char *where, const char *what);

/* Text for stdout, coloured only if stdout is a terminal that can. */
void ui_put(struct buf *out, enum ui_colour colour, const char *format, ...) PRINTF(3, 4);

/* Columns of the terminal that stdout is, 80 where it is none. */
size_t ui_width(void);

/* A sentence for stdout, broken between words and indented; what is in quotes stays together. */
void ui_put_folded(struct buf *out, size_t indent, const char *text);

/* ✓ ✗ ! →, or ASCII where the locale is not UTF-8. */
const char *ui_mark(enum ui_mark mark);

/*
 * A table: cells in order, row by row. Columns are padded to their widest cell, two spaces apart,
 * without trailing spaces. With `fit`, the widest columns are cut until a line fits the terminal,
 * or 80 columns where there is none; a cell that was cut ends in "...".
 */
#define UI_COLUMNS_MAX 16
struct ui_table {
	size_t columns;
	bool fit;
	size_t count;
	struct buf cells; /* a colour's byte, the text, a NUL */
};
void ui_table_add(struct ui_table *table, enum ui_colour colour, const char *text);
void ui_table_print(const struct ui_table *table, struct buf *out);
/* Whether a line takes no more columns than there are, so that nothing would be cut. */
bool ui_table_fits(const struct ui_table *table);
void ui_table_release(struct ui_table *table);
#define AUTOTABLE CLEANUP(ui_table_release)

/* For http_perform() and the like: a spinner on a terminal, nothing otherwise. */
void ui_tick(void);
void ui_tick_done(void);
