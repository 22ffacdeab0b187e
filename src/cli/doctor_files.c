/* SPDX-License-Identifier: Apache-2.0 */
/* Our folders and files: who can read them, what was left in them, and whether there is room. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/run_file.h"
#include "core/ladder.h"

#define ENTRIES_MAX 4096 /* of one folder that are looked at */

static const enum path_kind kinds[] = {PATH_CONFIG, PATH_DATA, PATH_STATE, PATH_CACHE};

/* ---- a walk through our folders --------------------------------------------------------------- */

struct entry {
	enum path_kind kind;
	int folder;
	const char *path;
	const char *name;
	const struct stat *status; /* lstat's */
};
typedef void (*entry_found)(void *user, const struct entry *entry);

static void walk_folder(enum path_kind kind, const char *path, entry_found found, void *user)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *next;

	if (!entries) {
		cleanup_close(&fd);
		return;
	}
	for (int i = 0; i < ENTRIES_MAX && (next = readdir(entries)) != NULL; i++) {
		AUTOFREE char *whole = path_join(path, next->d_name);
		struct stat status;
		struct entry entry = {kind, dirfd(entries), whole, next->d_name, &status};

		if (whole && strcmp(next->d_name, ".") != 0 &&
		    strcmp(next->d_name, "..") != 0 &&
		    fstatat(entry.folder, next->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
			found(user, &entry);
	}
	(void)closedir(entries);
}

static void walk(entry_found found, void *user)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		AUTOFREE char *path = NULL;

		if (!path_of(kinds[i], &path, NULL))
			walk_folder(kinds[i], path, found, user);
	}
}

/* ---- modes and owners ------------------------------------------------------------------------- */

struct faults {
	doctor_file_found found;
	void *user;
};

static void judge(const struct faults *faults, const char *path, enum checkup_kind kind,
		  const struct stat *status)
{
	struct doctor_file file = {.path = path,
				   .kind = kind,
				   .fault = checkup_file(status, kind, geteuid()),
				   .link = S_ISLNK(status->st_mode)};

	if (file.fault != FAULT_NONE)
		faults->found(faults->user, &file);
}

/* Settings and rules may be links into somebody's dotfiles; what they lead to counts. */
static void judge_entry(void *user, const struct entry *entry)
{
	enum checkup_kind kind = entry->kind == PATH_CONFIG ? CHECKUP_PUBLIC_FILE
							    : CHECKUP_FILE;
	struct stat status = *entry->status;

	if (S_ISDIR(status.st_mode))
		return; /* none of ours */
	if (kind == CHECKUP_PUBLIC_FILE && S_ISLNK(status.st_mode) &&
	    fstatat(entry->folder, entry->name, &status, 0) < 0)
		status = *entry->status;
	judge(user, entry->path, kind, &status);
}

void doctor_each_fault(doctor_file_found found, void *user)
{
	struct faults faults = {found, user};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		AUTOFREE char *path = NULL;
		struct stat status;

		if (!path_of(kinds[i], &path, NULL) && stat(path, &status) == 0)
			judge(&faults, path,
			      kinds[i] == PATH_CONFIG ? CHECKUP_PUBLIC_FOLDER : CHECKUP_FOLDER,
			      &status);
	}
	walk(judge_entry, &faults);
}

static void put_fault(void *user, const struct doctor_file *file)
{
	struct findings *findings = user;
	AUTOFREE char *quoted = doctor_quote(file->path);
	bool folder = file->kind == CHECKUP_FOLDER || file->kind == CHECKUP_PUBLIC_FOLDER;
	/* Of a folder that others can look into, the names alone are told: no reason to refuse it. */
	bool mild = file->fault == FAULT_READ && folder;

	switch (file->fault) {
	case FAULT_KIND:
		findings_add(findings, FINDING_ERROR,
			     file->link ? "%s is a symbolic link, which is not followed"
					: "%s is none of the files that hftoken makes",
			     file->path);
		findings_advice(findings,
				file->link ? "put the file itself there, and set XDG_DATA_HOME "
					     "and its kin to use another folder"
					   : "look at it, and move it away");
		return;
	case FAULT_OWNER:
		findings_add(findings, FINDING_ERROR, "%s belongs to another user", file->path);
		findings_advice(findings,
				"run hftoken as that user, or have root give it to you: "
				"chown");
		return;
	case FAULT_WRITE:
	case FAULT_READ:
		findings_add(findings, mild ? FINDING_WARNING : FINDING_ERROR,
			     file->fault == FAULT_WRITE ? "other users can change %s"
							: "other users can read %s",
			     file->path);
		if (quoted)
			findings_command(findings, "chmod %s %s",
					 file->kind == CHECKUP_PUBLIC_FILE ||
							 file->kind == CHECKUP_PUBLIC_FOLDER
						 ? "go-w"
					 : folder ? "700"
						  : "600",
					 quoted);
		return;
	case FAULT_NONE:
		return;
	}
}

void doctor_files(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	struct err err = {0};
	AUTOFREE char *path = NULL;

	if (path_of(PATH_DATA, &path, &err)) {
		findings_add_err(findings, FINDING_ERROR, &err);
		return;
	}
	doctor_each_fault(put_fault, findings);
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "nobody else can read or change our files");
}

/* ---- room ------------------------------------------------------------------------------------- */

/* The folder, or what there is of the way to it. */
static bool look_at_disk(const char *path, struct statvfs *ret, dev_t *ret_device)
{
	AUTOFREE char *copy = strdup(path);
	struct stat status;
	char *slash;

	while (copy && stat(copy, &status) < 0) {
		slash = strrchr(copy, '/');
		if (errno != ENOENT || !slash || slash == copy)
			return false;
		*slash = '\0';
	}
	if (!copy || statvfs(copy, ret) < 0)
		return false;
	*ret_device = status.st_dev;
	return true;
}

static void put_disk(struct findings *findings, const char *path, const struct statvfs *disk)
{
	enum finding_level level = checkup_space((uint64_t)disk->f_bavail * disk->f_frsize,
						 disk->f_files, disk->f_favail);

	if (disk->f_flag & ST_RDONLY) {
		findings_add(
			findings, FINDING_WARNING,
			"%s is on a disk that cannot be written: tokens can be used, and not "
			"changed",
			path);
		findings_advice(findings,
				"make it writable, or set XDG_DATA_HOME, XDG_STATE_HOME "
				"and XDG_CONFIG_HOME to folders that are");
	} else if (level != FINDING_OK) {
		findings_add(findings, level, "the disk of %s is %s", path,
			     level == FINDING_ERROR ? "full" : "nearly full");
		findings_advice(findings, "make room on that disk, or in your quota");
	}
}

void doctor_disk(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	dev_t seen[ARRAY_SIZE(kinds)] = {0};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		AUTOFREE char *path = NULL;
		struct statvfs disk;
		bool known = false;

		if (path_of(kinds[i], &path, NULL) || !look_at_disk(path, &disk, &seen[count]))
			continue;
		for (size_t j = 0; j < count; j++)
			known |= seen[j] == seen[count];
		if (known)
			continue;
		put_disk(findings, path, &disk);
		count++;
	}
	if (ladder_home_is_remote())
		findings_add(findings, FINDING_OK,
			     "the home directory is on a network file system: login uses the "
			     "encrypted file");
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "there is room, and it can be written");
}

/* ---- what was left ---------------------------------------------------------------------------- */

struct lefts {
	doctor_left_found found;
	void *user;
};

static void judge_left(void *user, const struct entry *entry)
{
	const struct lefts *lefts = user;
	struct doctor_left left = {entry->folder, entry->path, entry->name};

	/* Settings and rules are written under names with a dot before them. */
	if (entry->kind == PATH_CONFIG && *entry->name != '.')
		return;
	if (S_ISREG(entry->status->st_mode) && entry->status->st_uid == geteuid() &&
	    checkup_is_temporary(entry->name) &&
	    entry->status->st_mtime + DOCTOR_LEFT_SECONDS < time_now())
		lefts->found(lefts->user, &left);
}

void doctor_each_left(doctor_left_found found, void *user)
{
	struct lefts lefts = {found, user};

	walk(judge_left, &lefts);
}

static void put_left(void *user, const struct doctor_left *left)
{
	struct findings *findings = user;

	findings_add(findings, FINDING_WARNING, "a writer that was killed has left %s",
		     left->path);
	findings_command(findings, DOCTOR_FIX);
}

void doctor_left_files(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	size_t before = findings->count;
	size_t runs = run_file_left();

	doctor_each_left(put_left, findings);
	if (runs) {
		findings_add(
			findings, FINDING_WARNING,
			"'hftoken run' was killed, and a token is left in memory (files: %zu)",
			runs);
		findings_command(findings, DOCTOR_FIX);
	}
	if (findings->count == before)
		findings_add(findings, FINDING_OK, "no writer has left anything");
}
