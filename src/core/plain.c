/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plain.h"

#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/guest_file.h"
#include "base/io.h"
#include "base/paths.h"
#include "base/text.h"

#define FILE_MAX ((size_t)1 << 20)
#define WAIT_MS  1000

/* Opens without waiting for a FIFO's writer; whatever is no file reads as nothing. */
static int read_file(const char *path, struct secret *ret)
{
	CLOSED int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? ERR_NOT_FOUND
		      : io_read_all(fd, ret, FILE_MAX, deadline_in(WAIT_MS), NULL);
}

static char *under_home(const char *name)
{
	const char *home = path_home();

	return home ? path_join(home, name) : NULL;
}

/* A folder from a variable, or `name` under the home directory. */
static char *folder_of(const char *variable, const char *name)
{
	const char *value = getenv(variable);

	return value && *value ? strdup(value) : under_home(name);
}

/* Puts in the value of `$NAME` or `${NAME}`; what names nothing stays as it is. */
static const char *expand_one(const char *text, struct buf *ret)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	bool braced = text[1] == '{';
	const char *name = text + (braced ? 2 : 1);
	size_t size = braced ? strcspn(name, "}") : strspn(name, letters);
	const char *end = name + size + (braced && name[size]);
	AUTOFREE char *copy = strndup(name, size);
	const char *value = copy && size && (!braced || name[size]) ? getenv(copy) : NULL;

	if (value)
		buf_add_text(ret, value);
	else
		buf_add(ret, text, (size_t)(end - text));
	return end;
}

static char *expand(const char *text)
{
	AUTOBUF struct buf path = {0};

	while (*text) {
		size_t size = strcspn(text, "$");

		buf_add(&path, text, size);
		text += size;
		if (*text)
			text = expand_one(text, &path);
	}
	return buf_steal(&path);
}

/* `~` alone or before a slash; NULL where there is no home. */
static char *expand_home(const char *text)
{
	const char *home = path_home();

	if (text[0] != '~' || (text[1] && text[1] != '/'))
		return strdup(text);
	if (!home)
		return NULL;
	return text[1] && text[2] ? path_join(home, text + 2) : strdup(home);
}

/* A variable's path as huggingface_hub reads it, `~` and `$NAME` expanded; NULL if unset. */
static char *variable_path(const char *name)
{
	const char *value = getenv(name);
	AUTOFREE char *path = value && *value ? expand_home(value) : NULL;

	return path ? expand(path) : NULL;
}

/* $HF_HOME, else `huggingface` in $XDG_CACHE_HOME or ~/.cache. */
static char *hf_home(void)
{
	char *home = variable_path("HF_HOME");
	AUTOFREE char *cache = NULL;

	if (home)
		return home;
	cache = folder_of("XDG_CACHE_HOME", ".cache");
	return cache ? path_join(cache, "huggingface") : NULL;
}

static char *usual_token_path(void)
{
	char *path = variable_path("HF_TOKEN_PATH");
	AUTOFREE char *home = NULL;

	if (path)
		return path;
	home = hf_home();
	return home ? path_join(home, "token") : NULL;
}

/* The staging Hub has a file of its own, whatever the other variables say. */
char *plain_hf_path(void)
{
	if (text_is_true(getenv("HUGGINGFACE_CO_STAGING")))
		return under_home(".cache/huggingface_staging/token");
	return usual_token_path();
}

int plain_hf_token(struct secret *ret, struct err *err)
{
	AUTOFREE char *path = plain_hf_path();
	AUTOSECRET struct secret text = {0};

	if (!path || read_file(path, &text))
		return 0;
	secret_trim(&text);
	if (text.size == 0 || memchr(text.data, '\n', text.size))
		return 0;
	if (secret_set(ret, text.data, text.size))
		return err_no_memory(err);
	return 0;
}

static void look_into(char *path, const struct secret *secret,
		      void (*found)(const char *path, void *user), void *user)
{
	AUTOFREE char *owned = path;
	AUTOSECRET struct secret text = {0};

	if (owned && !read_file(owned, &text) && text.size &&
	    memmem(text.data, text.size, secret->data, secret->size))
		found(owned, user);
}

/* What a writer of ours that was killed has left beside the token file. */
struct left_search {
	char *folder;
	const struct secret *secret;
	void (*found)(const char *path, void *user);
	void *user;
};

static void look_at_left(const char *left, void *user)
{
	const struct left_search *search = user;

	look_into(path_join(search->folder, left), search->secret, search->found, search->user);
}

static void look_at_all_left(char *path, const struct secret *secret,
			     void (*found)(const char *path, void *user), void *user)
{
	AUTOFREE char *owned = path;
	char *slash = owned ? strrchr(owned, '/') : NULL;
	size_t size = slash == owned ? 1 : (size_t)(slash ? slash - owned : 0);
	AUTOFREE char *folder = slash ? strndup(owned, size) : strdup(".");
	struct left_search search = {
		.folder = folder, .secret = secret, .found = found, .user = user};
	CLOSED int fd = owned && folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		guest_file_left(fd, slash ? slash + 1 : owned, look_at_left, &search);
}

/* `stored_tokens` stands beside the token file, wherever that is, but also for the staging Hub. */
char *plain_hf_stored_path(void)
{
	AUTOFREE char *path = usual_token_path();
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	return path_join(path, "stored_tokens");
}

void plain_hf_stored_tokens(struct secret *ret)
{
	AUTOFREE char *path = plain_hf_stored_path();
	AUTOSECRET struct secret text = {0};

	if (path && read_file(path, &text) == 0)
		secret_move(ret, &text);
}

char *plain_git_path(unsigned number)
{
	AUTOFREE char *config = NULL;

	if (number == 0)
		return under_home(".git-credentials");
	config = folder_of("XDG_CONFIG_HOME", ".config");
	return config ? path_join(config, "git/credentials") : NULL;
}

void plain_search(const struct secret *secret, void (*found)(const char *path, void *user),
		  void *user)
{
	if (secret->size == 0)
		return;
	look_into(plain_hf_path(), secret, found, user);
	look_at_all_left(plain_hf_path(), secret, found, user);
	look_into(plain_hf_stored_path(), secret, found, user);
	for (unsigned number = 0; number < PLAIN_GIT_FILES; number++)
		look_into(plain_git_path(number), secret, found, user);
	look_into(under_home(".netrc"), secret, found, user);
}
