/* SPDX-License-Identifier: Apache-2.0 */
#include "core/settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/guest_file.h"
#include "base/paths.h"
#include "base/text.h"
#include "core/cache.h"

#define SYSTEM_FOLDER "/etc/hftoken"
#define FILE_NAME     "settings"
#define FILE_MAX      ((size_t)64 << 10)
#define TOKEN_CACHE   "cache." /* and the name of a token */

const char *const settings_keys[] = {"store",     "environment", "cache", "git.adopt",
				     "hf.follow", "endpoint",    NULL};

static const char *const environment_words[] = {
	[ENVIRONMENT_DEFAULT] = "default",
	[ENVIRONMENT_FIRST] = "first",
	[ENVIRONMENT_IGNORE] = "ignore",
};

const struct settings settings_usual = {
	.store = "auto", .cache = CACHE_SECONDS, .git_adopt = true};

/* ---- single values ---------------------------------------------------------------------------- */

static bool read_environment(const char *value, enum environment_setting *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(environment_words); i++) {
		if (strcmp(value, environment_words[i]) == 0) {
			*ret = (enum environment_setting)i;
			return true;
		}
	}
	return false;
}

static bool read_switch(const char *value, bool *ret)
{
	bool on = strcmp(value, "on") == 0;

	if (!on && strcmp(value, "off") != 0)
		return false;
	*ret = on;
	return true;
}

static bool read_endpoint(const char *value, char ret[ENDPOINT_URL_MAX + 1])
{
	char origin[ENDPOINT_SIZE];

	return endpoint_of_url(value, origin, NULL) == 0 &&
	       text_copy(ret, ENDPOINT_URL_MAX + 1, value);
}

#define NOT_SECONDS "must be a number of seconds, at most a day, or off"

static bool is_token_cache(const char *key)
{
	return text_starts_with(key, TOKEN_CACHE) &&
	       !token_name_check(key + strlen(TOKEN_CACHE), NULL);
}

static bool read_cache(const char *value, unsigned *ret)
{
	uint64_t seconds = 0;

	if (strcmp(value, "off") != 0 && !text_to_number(value, CACHE_SECONDS_MAX, &seconds))
		return false;
	*ret = (unsigned)seconds;
	return true;
}

/* Where the token's own setting is; `cache_count` if it has none. */
static size_t find_cache(const struct settings *settings, const char *token)
{
	size_t i = 0;

	while (i < settings->cache_count && strcmp(settings->caches[i].token, token) != 0)
		i++;
	return i;
}

static unsigned token_cache(const struct settings *settings, const char *token)
{
	size_t i = find_cache(settings, token);

	if (i < settings->cache_count)
		return settings->caches[i].seconds;
	return settings->caches_lost ? 0 : settings->cache;
}

/* Somebody wanted something else than what is usual: what cannot be read keeps nothing. */
static const char *apply_cache(struct settings *settings, const char *value)
{
	bool known = read_cache(value, &settings->cache);

	if (!known)
		settings->cache = 0;
	return known ? NULL : NOT_SECONDS;
}

static const char *apply_token_cache(struct settings *settings, const char *token,
				     const char *value)
{
	size_t i = find_cache(settings, token);
	unsigned seconds = 0;
	bool known = read_cache(value, &seconds);

	if (i == SETTINGS_CACHES) {
		settings->caches_lost = true;
		return "is one of too many settings of this kind";
	}
	if (i == settings->cache_count)
		settings->cache_count++;
	(void)text_copy(settings->caches[i].token, TOKEN_NAME_MAX + 1, token);
	settings->caches[i].seconds = seconds;
	return known ? NULL : NOT_SECONDS;
}

/* What is wrong with a setting; NULL if nothing is, and it was taken over into `settings`. */
static const char *apply(struct settings *settings, const char *key, const char *value)
{
	if (strcmp(key, "store") == 0)
		return store_is_name(value) && text_copy(settings->store,
							 sizeof(settings->store), value)
			       ? NULL
			       : "must be auto or the name of a store";
	if (strcmp(key, "environment") == 0)
		return read_environment(value, &settings->environment)
			       ? NULL
			       : "must be default, first or ignore";
	if (strcmp(key, "git.adopt") == 0)
		return read_switch(value, &settings->git_adopt) ? NULL : "must be on or off";
	if (strcmp(key, "hf.follow") == 0)
		return read_switch(value, &settings->hf_follow) ? NULL : "must be on or off";
	if (strcmp(key, "endpoint") == 0)
		return read_endpoint(value, settings->endpoint)
			       ? NULL
			       : "must be a URL such as https://huggingface.co";
	if (strcmp(key, "cache") == 0)
		return apply_cache(settings, value);
	if (is_token_cache(key))
		return apply_token_cache(settings, key + strlen(TOKEN_CACHE), value);
	return "is not a setting";
}

static bool is_key(const char *key)
{
	if (is_token_cache(key))
		return true;
	for (size_t i = 0; settings_keys[i]; i++) {
		if (strcmp(settings_keys[i], key) == 0)
			return true;
	}
	return false;
}

static int unknown_key(const char *key, struct err *err)
{
	(void)key; /* it may be anything, also a secret in the wrong place */
	err_set(err, ERR_USAGE, "there is no such setting");
	return err_hint(err, "hftoken config list shows them all");
}

/* ---- the files -------------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts spaces off both ends, in place. */
static char *trimmed(char *text)
{
	size_t size;

	while (is_space(*text))
		text++;
	size = strlen(text);
	while (size > 0 && is_space(text[size - 1]))
		text[--size] = '\0';
	return text;
}

/* Splits `key = value`; false for a comment, an empty line, or one without `=`. */
static bool split_line(char *line, char **ret_key, char **ret_value)
{
	char *equals = strchr(line, '=');

	line = trimmed(line);
	if (!*line || *line == '#' || !equals)
		return false;
	*equals = '\0';
	*ret_key = trimmed(line);
	*ret_value = trimmed(equals + 1);
	return true;
}

/* The next line of a text, cut up in place; NULL at the end. */
static char *next_line(char **text)
{
	return *text && **text ? strsep(text, "\n") : NULL;
}

static void read_text(struct settings *settings, const char *folder, char *text,
		      settings_warning warn)
{
	size_t number = 0;
	char *line;

	while ((line = next_line(&text)) != NULL) {
		const char *problem = NULL;
		const char *plain = line + strspn(line, " \t\r");
		char *key = line;
		char *value;

		number++;
		if (*plain == '\0' || *plain == '#')
			continue;
		problem = split_line(line, &key, &value) ? apply(settings, key, value)
							 : "is not of the form key = value";
		if (problem && warn) {
			char where[512];
			char what[128];

			(void)snprintf(where, sizeof(where), "%s/" FILE_NAME ":%zu", folder,
				       number);
			(void)snprintf(what, sizeof(what), "%.60s %s", key, problem);
			warn(where, what);
		}
	}
}

/* What stands behind a NUL would be lost without a word. */
static int check_text(const struct buf *text, struct err *err)
{
	if (text->size && memchr(text->data, '\0', text->size))
		return err_set(err, ERR_DAMAGED, "'" FILE_NAME "' holds a NUL byte");
	return 0;
}

/* Missing files and folders are empty ones. */
int settings_read_file(const char *folder, struct buf *ret, struct err *err)
{
	CLOSED int fd = -1;
	int error = folder_look(folder, &fd, err);

	if (error || fd < 0)
		return error;
	error = file_read(fd, FILE_NAME, FILE_PUBLIC, FILE_MAX, ret, err);
	if (error == ERR_NOT_FOUND)
		return 0;
	if (!error)
		error = check_text(ret, err);
	return error ? err_context(err, "%s", folder) : 0;
}

/* A variable is nobody's line of a file; what it says wrongly is wrong in the same words. */
static void check_variable(settings_warning warn)
{
	const char *variable = getenv("HFTOKEN_CACHE");
	unsigned unused;

	if (variable && *variable && !read_cache(variable, &unused))
		warn("HFTOKEN_CACHE", NOT_SECONDS);
}

int settings_load(struct settings *ret, settings_warning warn, struct err *err)
{
	struct settings settings = settings_usual;
	AUTOFREE char *folder = NULL;
	AUTOBUF struct buf system_text = {0};
	AUTOBUF struct buf text = {0};
	int error = settings_read_file(SYSTEM_FOLDER, &system_text, err);

	if (error)
		return error;
	if (system_text.data)
		read_text(&settings, SYSTEM_FOLDER, system_text.data, warn);
	error = path_of(PATH_CONFIG, &folder, err);
	if (!error)
		error = settings_read_file(folder, &text, err);
	if (error && error != ERR_NOT_FOUND)
		return error;
	if (text.data)
		read_text(&settings, folder, text.data, warn);
	if (warn)
		check_variable(warn);
	*ret = settings;
	return 0;
}

unsigned settings_cache_seconds(const struct settings *settings, const char *token)
{
	const char *variable = getenv("HFTOKEN_CACHE");
	unsigned seconds;

	if (variable && *variable)
		return read_cache(variable, &seconds) ? seconds : 0;
	return token_cache(settings, token);
}

/* ---- commands --------------------------------------------------------------------------------- */

static void print_cache(struct buf *value, unsigned seconds)
{
	if (seconds)
		buf_printf(value, "%u", seconds);
	else
		buf_add_text(value, "off");
}

int settings_get(const struct settings *settings, const char *key, char **ret, struct err *err)
{
	AUTOBUF struct buf value = {0};

	if (strcmp(key, "store") == 0)
		buf_add_text(&value, settings->store);
	else if (strcmp(key, "environment") == 0)
		buf_add_text(&value, environment_words[settings->environment]);
	else if (strcmp(key, "git.adopt") == 0)
		buf_add_text(&value, settings->git_adopt ? "on" : "off");
	else if (strcmp(key, "hf.follow") == 0)
		buf_add_text(&value, settings->hf_follow ? "on" : "off");
	else if (strcmp(key, "endpoint") == 0)
		buf_add_text(&value, *settings->endpoint ? settings->endpoint : ENDPOINT_HUB);
	else if (strcmp(key, "cache") == 0)
		print_cache(&value, settings->cache);
	else if (is_token_cache(key))
		print_cache(&value, token_cache(settings, key + strlen(TOKEN_CACHE)));
	else
		return unknown_key(key, err);
	*ret = buf_steal(&value);
	return *ret ? 0 : err_no_memory(err);
}

/* The file's text with the line of that key replaced, added, or (value NULL) left out. */
void settings_edit_text(char *text, const char *key, const char *value, struct buf *ret)
{
	bool done = value == NULL;
	char *line;

	while ((line = next_line(&text)) != NULL) {
		AUTOFREE char *copy = strdup(line);
		char *found;
		char *old;

		if (!copy) {
			ret->failed = true;
			return;
		}
		if (!split_line(copy, &found, &old) || strcmp(found, key) != 0) {
			buf_printf(ret, "%s\n", line);
		} else if (!done) {
			buf_printf(ret, "%s = %s\n", key, value);
			done = true;
		}
	}
	if (!done)
		buf_printf(ret, "%s = %s\n", key, value);
}

static int change(const char *key, const char *value, struct err *err)
{
	AUTOFREE char *folder = NULL;
	AUTOBUF struct buf text = {0};
	AUTOBUF struct buf fresh = {0};
	CLOSED int folder_fd = -1;
	CLOSED int lock = -1;
	char link;
	int error = path_of(PATH_CONFIG, &folder, err);

	if (!error)
		error = folder_open(folder, FOLDER_CREATE, &folder_fd, err);
	if (!error)
		error = file_lock(folder_fd, FILE_NAME ".lock", &lock, err);
	if (!error && readlinkat(folder_fd, FILE_NAME, &link, 1) >= 0) {
		err_set(err, ERR_FAILED, "the settings are a symbolic link");
		return err_hint(err, "edit the file that '%s/" FILE_NAME "' leads to", folder);
	}
	if (!error) {
		error = file_read(folder_fd, FILE_NAME, FILE_PUBLIC, FILE_MAX, &text, err);
		error = error == ERR_NOT_FOUND ? 0 : error;
	}
	if (!error)
		error = check_text(&text, err);
	if (error)
		return error;
	settings_edit_text(text.data, key, value, &fresh);
	if (buf_failed(&fresh))
		return err_no_memory(err);
	error = guest_file_replace(folder_fd, FILE_NAME, buf_text(&fresh), fresh.size, err);
	return error ? err_context(err, "cannot save the settings") : 0;
}

int settings_set(const char *key, const char *value, struct err *err)
{
	struct settings scratch = settings_usual;
	const char *problem;

	if (!is_key(key))
		return unknown_key(key, err);
	problem = strpbrk(value, "\r\n") ? "must be one line" : apply(&scratch, key, value);
	if (problem)
		err_set(err, ERR_USAGE, "%s %s", key, problem);
	if (problem && strcmp(problem, NOT_SECONDS) == 0)
		err_hint(err, "hftoken config set %s SECONDS, 0 to %d, or off", key,
			 CACHE_SECONDS_MAX);
	if (problem)
		return ERR_USAGE;
	return change(key, value, err);
}

int settings_unset(const char *key, struct err *err)
{
	return is_key(key) ? change(key, NULL, err) : unknown_key(key, err);
}

#define TOKEN_KEY_SIZE (sizeof(TOKEN_CACHE) + TOKEN_NAME_MAX)

/* False if the token has no setting of its own. */
static bool key_of_token(const struct settings *settings, const char *token,
			 char ret[TOKEN_KEY_SIZE])
{
	(void)snprintf(ret, TOKEN_KEY_SIZE, TOKEN_CACHE "%s", token);
	return find_cache(settings, token) < settings->cache_count;
}

int settings_copy_token(const struct settings *settings, const char *from, const char *to,
			struct err *err)
{
	char key[TOKEN_KEY_SIZE];
	AUTOFREE char *value = NULL;
	int error;

	if (!key_of_token(settings, from, key))
		return 0;
	error = settings_get(settings, key, &value, err);
	(void)snprintf(key, sizeof(key), TOKEN_CACHE "%s", to);
	return error ? error : settings_set(key, value, err);
}

int settings_forget_token(const struct settings *settings, const char *token, struct err *err)
{
	char key[TOKEN_KEY_SIZE];

	return key_of_token(settings, token, key) ? settings_unset(key, err) : 0;
}
