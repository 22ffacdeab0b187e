/* SPDX-License-Identifier: Apache-2.0 */
#include "core/catalogue_watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"

void catalogue_watch_release(struct catalogue_watch *watch)
{
	free(watch->path);
	*watch = (struct catalogue_watch) {.path = NULL};
}

static void find_path(struct catalogue_watch *watch)
{
	AUTOFREE char *folder = NULL;

	if (!watch->path && path_of(PATH_DATA, &folder, NULL) == 0)
		watch->path = path_join(folder, "catalogue");
}

/* Every version is a file of its own, and the first line has its number. */
static void look(const char *path, struct catalogue_watch *ret)
{
	CLOSED int fd = -1;
	struct stat status;

	if (path)
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	ret->exists = true;
	ret->device = status.st_dev;
	ret->inode = status.st_ino;
	ret->changed = status.st_mtim;
	ret->line_size = pread(fd, ret->line, sizeof(ret->line), 0);
}

static bool same(const struct catalogue_watch *one, const struct catalogue_watch *other)
{
	return one->looked == other->looked && one->exists == other->exists &&
	       one->device == other->device && one->inode == other->inode &&
	       one->changed.tv_sec == other->changed.tv_sec &&
	       one->changed.tv_nsec == other->changed.tv_nsec &&
	       one->line_size == other->line_size &&
	       memcmp(one->line, other->line, sizeof(one->line)) == 0;
}

bool catalogue_watch_changed(struct catalogue_watch *watch)
{
	struct catalogue_watch now = {.looked = true};

	find_path(watch);
	look(watch->path, &now);
	if (same(watch, &now))
		return false;
	now.path = watch->path;
	*watch = now;
	return true;
}
