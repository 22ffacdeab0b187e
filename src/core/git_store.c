/* SPDX-License-Identifier: Apache-2.0 */
#include "core/git_store.h"

#include <string.h>

/* Decoded, they would end the text or the line. */
static bool is_odd(const char *line)
{
	static const char *const breaks[] = {"%00", "%0a", "%0d"};

	for (size_t i = 0; i < ARRAY_SIZE(breaks); i++) {
		if (strcasestr(line, breaks[i]))
			return true;
	}
	return false;
}

/* Whether the line, without its end, is a credential that goes. */
static int judge(const char *line, size_t size, git_store_goes goes, void *user, bool *ret,
		 struct err *err)
{
	AUTOSECRET struct secret copy = {0};
	struct credential credential;

	*ret = false;
	if (size > 0 && line[size - 1] == '\r')
		size--;
	if (size == 0 || memchr(line, '\0', size) || memchr(line, '\r', size))
		return 0;
	if (secret_set(&copy, line, size))
		return err_no_memory(err);
	if (!is_odd(copy.data) && credential_of_url(copy.data, &credential))
		*ret = goes(user, &credential);
	return 0;
}

int git_store_filter(const struct secret *text, git_store_goes goes, void *user,
		     struct secret *ret, size_t *ret_count, struct err *err)
{
	AUTOSECRET struct secret rest = {0};
	size_t count = 0;
	size_t at = 0;

	while (at < text->size) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->size - at);
		size_t size = end ? (size_t)(end - line) + 1 : text->size - at;
		bool gone;
		int error = judge(line, size - (end != NULL), goes, user, &gone, err);

		if (error)
			return error;
		if (!gone && secret_add(&rest, line, size))
			return err_no_memory(err);
		count += gone;
		at += size;
	}
	secret_move(ret, &rest);
	*ret_count = count;
	return 0;
}
