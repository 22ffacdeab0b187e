/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rule_place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* PWD says by which way the shell came, if it is that folder at all. */
static char *logical_directory(void)
{
	const char *path = getenv("PWD");
	struct stat named;
	struct stat real;

	if (!path || *path != '/' || stat(path, &named) || stat(".", &real) ||
	    named.st_ino != real.st_ino || named.st_dev != real.st_dev)
		return NULL;
	return strdup(path);
}

void rule_place_find(struct rule_place *ret)
{
	const char *home = getenv("HOME");
	bool has_home = home && *home == '/' && home[1];

	*ret = (struct rule_place) {
		.directories = {getcwd(NULL, 0), logical_directory()},
		.homes = {has_home ? strdup(home) : NULL,
			  has_home ? realpath(home, NULL) : NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(ret->homes); i++) {
		size_t size = ret->homes[i] ? strlen(ret->homes[i]) : 0;

		while (size > 1 && ret->homes[i][size - 1] == '/')
			ret->homes[i][--size] = '\0';
	}
}

void rule_place_release(struct rule_place *place)
{
	for (size_t i = 0; i < ARRAY_SIZE(place->directories); i++) {
		cleanup_free(&place->directories[i]);
		cleanup_free(&place->homes[i]);
	}
}

void rule_place_apply(const struct rule_place *place, struct rule_request *request)
{
	for (size_t i = 0; i < ARRAY_SIZE(place->directories); i++) {
		request->directories[i] = place->directories[i];
		request->homes[i] = place->homes[i];
	}
}

static int absolute(const char *path, const struct rule_place *place, char **ret,
		    struct err *err)
{
	*ret = realpath(path, NULL);
	if (*ret)
		return 0;
	if (*path == '/' || strcmp(path, "~") == 0 || strncmp(path, "~/", 2) == 0)
		*ret = strdup(path);
	else if (!place->directories[0])
		return err_set(err, ERR_FAILED, "the current folder has no path");
	else if (asprintf(ret, "%s/%s", place->directories[0], path) < 0)
		*ret = NULL;
	return *ret ? 0 : err_no_memory(err);
}

int rule_place_directory(const char *path, char **ret, struct err *err)
{
	AUTOPLACE struct rule_place place = {0};
	AUTOFREE char *whole = NULL;
	int error;

	if (!*path)
		return err_set(err, ERR_USAGE, "the folder's name is empty");
	rule_place_find(&place);
	error = absolute(path, &place, &whole, err);
	if (error)
		return error;
	for (size_t i = 0; i < ARRAY_SIZE(place.homes); i++) {
		size_t size = place.homes[i] ? strlen(place.homes[i]) : 0;

		if (size && strncmp(whole, place.homes[i], size) == 0 &&
		    (whole[size] == '/' || !whole[size])) {
			if (asprintf(ret, "~%s", whole + size) < 0)
				return err_no_memory(err);
			return 0;
		}
	}
	*ret = whole;
	whole = NULL;
	return 0;
}

/* What of `path` lies below `home` and `tail` together; NULL: it is not there. */
static const char *below(const char *path, const char *home, const char *tail, size_t tail_size)
{
	size_t size = strlen(home);

	if (tail_size == 1 && *tail == '/' && !size)
		return path;
	if (strncmp(path, home, size) != 0 || strncmp(path + size, tail, tail_size) != 0)
		return NULL;
	path += size + tail_size;
	return *path == '\0' || *path == '/' ? path : NULL;
}

size_t rule_place_distance(const struct rule *rule, const struct rule_request *request)
{
	bool from_home = rule->directory && *rule->directory == '~';
	const char *tail = rule->directory ? rule->directory + from_home : "";
	size_t tail_size = rule->directory_size - from_home;
	size_t least = RULE_ELSEWHERE;

	for (size_t i = 0; rule->directory && i < ARRAY_SIZE(request->directories); i++) {
		const char *path = request->directories[i];

		for (size_t j = 0; path && j < ARRAY_SIZE(request->homes); j++) {
			const char *home = from_home ? request->homes[j] : "";
			const char *left = home ? below(path, home, tail, tail_size) : NULL;

			if (left && strlen(left) < least)
				least = strlen(left);
		}
	}
	return least;
}
