/* SPDX-License-Identifier: Apache-2.0 */
#include "core/repo_reader.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

int reader_bad(struct reader *reader, const char *what)
{
	err_set(reader->err, ERR_USAGE, "%s", what);
	return err_hint(reader->err,
			"a repository looks like acme/m1, datasets/acme/d1 or its URL");
}

/*
 * First parts of paths that are pages of the Hub and no namespace, as far as they are known, and what
 * would be taken for a host: so an id can be written without "models/" and is read as the same.
 */
static bool is_reserved(const char *word)
{
	static const char *const words[] = {
		"api",
		"datasets",
		"spaces",
		"kernels",
		"buckets",
		"models",
		"docs",
		"blog",
		"settings",
		"oauth",
		"login",
		"join",
		"logout",
		"new",
		"chat",
		"posts",
		"papers",
		"collections",
		"organizations",
		"tasks",
		"pricing",
		"jobs",
		"v2",
		"search",
		"enterprise",
		".well-known",
		"learn",
		"changelog",
		"hf.co",
		"huggingface.co",
		"www.huggingface.co",
		"hub-ci.huggingface.co",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (text_equal_fold(words[i], word))
			return true;
	}
	return false;
}

bool reader_ends_in(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size > strlen(end) && strcasecmp(text + size - strlen(end), end) == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Appends a part to `ret`, decoded once. */
static int decode(struct reader *reader, const char *raw, char *ret, size_t capacity)
{
	size_t used = strlen(ret);

	while (*raw) {
		char c = *raw++;

		if (c == '%') {
			int high = hex_digit(raw[0]);
			int low = high < 0 ? -1 : hex_digit(raw[1]);

			if (low < 0)
				return reader_bad(reader, "percent-encoding is not valid");
			c = (char)(high * 16 + low);
			raw += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7f)
			return reader_bad(reader, "repository holds a control character");
		if (used + 1 >= capacity)
			return reader_bad(reader, "a part of the repository is too long");
		ret[used++] = c;
		ret[used] = '\0';
	}
	return 0;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static int check_part(struct reader *reader, const char *part)
{
	size_t size = strlen(part);

	for (size_t i = 0; i < size; i++) {
		if (!is_word_char(part[i]) && part[i] != '-' && part[i] != '.')
			return reader_bad(reader,
					  "repository holds a character that no name has");
	}
	if (size == 0)
		return reader_bad(reader, "a part of the repository is empty");
	if (!is_word_char(part[0]) || !is_word_char(part[size - 1]))
		return reader_bad(reader, "a name begins or ends with '-' or '.'");
	if (strstr(part, "--") || strstr(part, ".."))
		return reader_bad(reader, "a name holds '--' or '..'");
	if (reader_ends_in(part, ".git"))
		return reader_bad(reader, "a name ends in '.git'");
	return 0;
}

static int take_part(struct reader *reader, char *ret, bool is_name)
{
	char *raw = reader->segments[reader->next++];
	int error;

	*ret = '\0';
	if (is_name && reader_ends_in(raw, ".git"))
		raw[strlen(raw) - strlen(".git")] = '\0';
	error = decode(reader, raw, ret, REPO_PART_MAX + 1);
	return error ? error : check_part(reader, ret);
}

const char *reader_peek(const struct reader *reader, size_t ahead)
{
	size_t at = reader->next + ahead;

	return at < reader->count ? reader->segments[at] : "";
}

/* `refs/pr/1` and `refs/convert/parquet` are one revision also when their slashes are not encoded. */
int reader_take_revision(struct reader *reader)
{
	char *revision = reader->repo.revision;
	size_t parts = 1;
	int error = 0;

	if (strcmp(reader_peek(reader, 0), "refs") == 0 && *reader_peek(reader, 2) &&
	    (strcmp(reader_peek(reader, 1), "pr") == 0 ||
	     strcmp(reader_peek(reader, 1), "convert") == 0))
		parts = 3;
	for (size_t i = 0; i < parts && reader->next < reader->count && !error; i++) {
		if (i)
			error = decode(reader, "/", revision, sizeof(reader->repo.revision));
		if (!error)
			error = decode(reader, reader->segments[reader->next++], revision,
				       sizeof(reader->repo.revision));
	}
	return error;
}

static bool leads_out(const char *path)
{
	while (*path) {
		size_t size = strcspn(path, "/");

		if ((size == 1 && path[0] == '.') ||
		    (size == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += size + (path[size] == '/');
	}
	return false;
}

int reader_take_file(struct reader *reader)
{
	char *path = reader->repo.path;
	int error = 0;

	while (reader->next < reader->count && !error) {
		if (*path)
			error = decode(reader, "/", path, sizeof(reader->repo.path));
		if (!error)
			error = decode(reader, reader->segments[reader->next++], path,
				       sizeof(reader->repo.path));
	}
	if (!error && leads_out(path))
		return reader_bad(reader, "the path leads out of the repository");
	return error;
}

/* Cuts at slashes; one at the end is harmless. */
int reader_cut(struct reader *reader, char *text)
{
	if (*text == '/')
		text++;
	while (*text) {
		size_t size = strcspn(text, "/");
		bool more = text[size] == '/';

		if (size == 0)
			return reader_bad(reader, "a part of the repository is empty");
		if (reader->count == SEGMENTS_MAX)
			return reader_bad(reader, "the path is too deep");
		reader->segments[reader->count++] = text;
		text[size] = '\0';
		text += size + more;
	}
	return reader->count ? 0 : reader_bad(reader, "there is no repository");
}

bool reader_take_type(struct reader *reader)
{
	for (int type = 0; type < REPO_TYPE_COUNT; type++) {
		if (strcmp(reader_peek(reader, 0), repo_type_words[type]) == 0) {
			reader->repo.type = (enum repo_type)type;
			reader->next++;
			return true;
		}
	}
	return false;
}

/* An id of one or two segments. */
int reader_take_id(struct reader *reader, bool is_single, bool has_type)
{
	struct repo *repo = &reader->repo;
	bool needs_two = repo->type == REPO_KERNEL || repo->type == REPO_BUCKET;
	int error = 0;

	if (reader->next == reader->count)
		return reader_bad(reader, "there is no name of a repository");
	if (is_single && needs_two)
		return reader_bad(reader, "the name lacks its namespace");
	if (!is_single)
		error = take_part(reader, repo->namespace, false);
	if (!error && reader->next == reader->count)
		return reader_bad(reader, "the name lacks its namespace");
	if (!error)
		error = take_part(reader, repo->name, true);
	if (!error && (!has_type || repo->type == REPO_MODEL) &&
	    is_reserved(*repo->namespace ? repo->namespace : repo->name))
		return reader_bad(reader, "that is a page of the Hub, not a repository");
	return error;
}
