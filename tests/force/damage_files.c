/* SPDX-License-Identifier: Apache-2.0 */
/*
 * damage_files [NAME=OLDER...]
 *
 * Damages each file of the home in every way (every truncation, every flipped bit, some bytes more,
 * and spliced at every byte with the OLDER version of it that is given), reads it with the
 * functions of the programs, and puts it back. What is read must be what was written (or what an
 * older version held), or an error; of files meant to be edited, anything that makes sense.
 *
 * Prints a line for each file, and one for each finding. The exit status is 1 if there are any.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/backend.h"
#include "base/file.h"
#include "base/paths.h"
#include "core/catalogue_recover.h"
#include "core/outcomes.h"
#include "core/record.h"
#include "core/rules.h"
#include "core/settings.h"

#define HANG_SECONDS 20
#define FILE_MAX     ((size_t)1 << 20)
#define FINDINGS_MAX 20

static const struct store_call call = {.deadline = NO_DEADLINE};

/* Reads all that depends on a file, as text. */
typedef int (*reader)(struct buf *ret, struct err *err);

static struct catalogue whole; /* as it is undamaged: whose secrets there are */

/* ---- readers ------------------------------------------------------------------------------------ */

static void put_token(struct buf *ret, const struct token *token)
{
	buf_printf(ret,
		   "%s %s %u %s %s %d %d %s %s %" PRId64 " %" PRId64 " %" PRId64 " %s %s %s\n",
		   token->name, token->id, token->revision, token->endpoint, token->account,
		   token->kind, token->gated_read, token->store, token->masked, token->created,
		   token->expires, token->verified, token->identity,
		   token->grants ? token->grants : "", token->extra);
}

static int read_parts(enum catalogue_parts parts, struct buf *ret, struct err *err)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	int error = catalogue_load(&catalogue, parts, err);

	for (size_t i = 0; i < catalogue.count && !error; i++) {
		error = catalogue_complete(&catalogue.tokens[i], err);
		if (!error)
			put_token(ret, &catalogue.tokens[i]);
	}
	for (size_t i = 0; i < catalogue.default_count && !error; i++)
		buf_printf(ret, "default %s %s\n", catalogue.defaults[i].endpoint,
			   catalogue.defaults[i].id);
	return error;
}

static int read_lookup(struct buf *ret, struct err *err)
{
	return read_parts(CATALOGUE_LOOKUP, ret, err);
}

static int read_index(struct buf *ret, struct err *err)
{
	return read_parts(CATALOGUE_INDEX, ret, err);
}

static int read_all(struct buf *ret, struct err *err)
{
	return read_parts(CATALOGUE_ALL, ret, err);
}

/* What would be put back; not when it was written, which is the file's time. */
static int read_backup_catalogue(struct buf *ret, struct err *err)
{
	struct store_backup backup = {0};
	int error = catalogue_recover(false, &backup, err);

	buf_printf(ret, "%" PRIu64, backup.count);
	return error;
}

static int read_backup_vault(struct buf *ret, struct err *err)
{
	struct store_backup backup = {0};
	int error = store_backend.recover(&call, false, &backup, err);

	buf_printf(ret, "%" PRIu64, backup.count);
	return error;
}

/* Each token's secret, by its revision in the undamaged catalogue. */
static int read_secrets(struct buf *ret, struct err *err)
{
	int error = 0;

	for (size_t i = 0; i < whole.count && !error; i++) {
		AUTOSECRET struct secret record = {0};
		AUTOSECRET struct secret secret = {0};
		const struct token *token = &whole.tokens[i];
		char id[RECORD_ID_SIZE];

		(void)snprintf(id, sizeof(id), "%s.%u", token->id, token->revision);
		error = store_backend.get(&call, id, &record, err);
		if (!error)
			error = record_open(&record, token->endpoint, &secret, err);
		if (!error)
			buf_printf(ret, "%s %s\n", id, secret_text(&secret));
	}
	return error;
}

static int read_ids(struct buf *ret, struct err *err)
{
	return store_backend.list(&call, ret, err);
}

static int read_outcomes(struct buf *ret, struct err *err)
{
	AUTOOUTCOMES struct outcomes outcomes = {0};
	struct repo repo;
	int error = repo_parse("acme/private-model", &repo, err);

	if (error)
		return error;
	outcomes_load(&repo, &outcomes);
	for (size_t i = 0; i < outcomes.count; i++)
		buf_printf(ret, "%s %u %d %d %" PRId64 "\n", outcomes.list[i].id,
			   outcomes.list[i].revision, outcomes.list[i].operation,
			   outcomes.list[i].result, outcomes.list[i].at);
	return outcomes.count ? 0 : err_set(err, ERR_NOT_FOUND, "no outcomes");
}

/* A rule that counts is one that could have been added. */
static int read_rules(struct buf *ret, struct err *err)
{
	AUTORULES struct rules rules = {0};
	AUTORULELIST struct rule_list list = {0};
	int error = rules_load(&rules, err);

	if (!error)
		error = rules_list(&rules, &list, err);
	for (size_t i = 0; i < list.count && !error; i++) {
		const struct rule *rule = &list.rules[i];

		if (rule->problem)
			continue;
		if (rule_pattern_problem(rule->pattern) || rule_token_problem(rule->token))
			buf_printf(ret, "WRONG %s %s\n", rule->pattern, rule->token);
	}
	return error;
}

static int read_settings(struct buf *ret, struct err *err)
{
	struct settings settings;
	int error = settings_load(&settings, NULL, err);

	if (error)
		return error;
	if (!store_is_name(settings.store) ||
	    (unsigned)settings.environment > ENVIRONMENT_IGNORE)
		buf_printf(ret, "WRONG store %s\n", settings.store);
	for (size_t i = 0; i < settings.cache_count; i++) {
		if (token_name_check(settings.caches[i].token, NULL))
			buf_printf(ret, "WRONG cache of %s\n", settings.caches[i].token);
	}
	return 0;
}

/* ---- what is damaged ---------------------------------------------------------------------------- */

static const struct target {
	const char *name;
	enum path_kind folder;
	const char *without; /* a file beside it that is taken away meanwhile; NULL if none */
	bool edited;         /* by people too: any reading that makes sense is right */
	reader readers[4];
} targets[] = {
	{"catalogue", PATH_DATA, NULL, false, {read_lookup, read_index, read_all}},
	{"catalogue.prev", PATH_DATA, "catalogue", false, {read_backup_catalogue}},
	{"vault", PATH_DATA, NULL, false, {read_secrets, read_ids}},
	{"vault.prev", PATH_DATA, "vault", false, {read_backup_vault}},
	{"vault.key", PATH_STATE, NULL, false, {read_secrets}},
	{"outcomes", PATH_CACHE, NULL, false, {read_outcomes}},
	{"rules", PATH_CONFIG, NULL, true, {read_rules}},
	{"settings", PATH_CONFIG, NULL, true, {read_settings}},
};

struct damage {
	const struct target *target;
	const char *kind; /* "flipped"… */
	int fd;           /* the file, written in place */
	struct buf content;
	struct buf older;    /* empty if there is none */
	struct buf right[4]; /* of each reader */
	struct buf right_older[4];
	size_t tried;
	size_t refused;
};

static size_t findings;

static void put_content(const struct damage *damage, const void *data, size_t size)
{
	if (pwrite(damage->fd, data, size, 0) != (ssize_t)size ||
	    ftruncate(damage->fd, (off_t)size) < 0)
		abort();
}

static void find(const struct damage *damage, size_t which, size_t place, const char *what)
{
	if (findings++ < FINDINGS_MAX)
		(void)printf("FOUND %s %s at %zu, reader %zu: %s\n", damage->target->name,
			     damage->kind, place, which, what);
}

/* Reads what lies there now, and judges it. */
static void judge(struct damage *damage, size_t place)
{
	const struct target *target = damage->target;

	(void)alarm(HANG_SECONDS);
	damage->tried++;
	for (size_t i = 0; target->readers[i]; i++) {
		AUTOBUF struct buf got = {0};
		struct err err = {0};
		const char *text;
		int error = target->readers[i](&got, &err);

		text = buf_text(&got);
		if (error) {
			damage->refused++;
			if (!*err.message || err.code != (enum err_code)error)
				find(damage, i, place, "an error that says nothing");
		} else if (target->edited
				   ? strstr(text, "WRONG") != NULL
				   : strcmp(text, buf_text(&damage->right[i])) != 0 &&
					     strcmp(text, buf_text(&damage->right_older[i])) !=
						     0)
			find(damage, i, place, text);
	}
	(void)alarm(0);
}

/* ---- ways to damage ----------------------------------------------------------------------------- */

static void truncate_all(struct damage *damage)
{
	damage->kind = "cut";
	for (size_t size = 0; size < damage->content.size; size++) {
		put_content(damage, damage->content.data, size);
		judge(damage, size);
	}
}

static void flip_all(struct damage *damage)
{
	char *data = damage->content.data;

	damage->kind = "flipped";
	for (size_t bit = 0; bit < 8 * damage->content.size; bit++) {
		data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
		put_content(damage, data, damage->content.size);
		data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
		judge(damage, bit);
	}
}

static void lengthen(struct damage *damage)
{
	static const char more[][8] = {"\0", "\n", "x", " ", "\xff", "\0\0\0\0", "\n\n"};

	damage->kind = "longer";
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		AUTOBUF struct buf text = {0};

		buf_add(&text, damage->content.data, damage->content.size);
		buf_add(&text, more[i], *more[i] ? strlen(more[i]) : 4);
		put_content(damage, text.data, text.size);
		judge(damage, i);
	}
}

/* The beginning of one and the end of the other, cut at the same place. */
static void splice_at_each(struct damage *damage, const struct buf *one,
			   const struct buf *other)
{
	damage->kind = "spliced";
	for (size_t cut = 0; cut <= one->size && cut <= other->size; cut++) {
		AUTOBUF struct buf text = {0};

		buf_add(&text, one->data, cut);
		buf_add(&text, other->data + cut, other->size - cut);
		put_content(damage, text.data, text.size);
		judge(damage, cut);
	}
}

/* ---- one file ----------------------------------------------------------------------------------- */

static void read_right(const struct damage *damage, struct buf right[])
{
	for (size_t i = 0; damage->target->readers[i]; i++) {
		struct err err = {0};

		if (damage->target->readers[i](&right[i], &err)) {
			(void)printf("FOUND %s undamaged: %s\n", damage->target->name,
				     err.message);
			findings++;
		}
	}
}

static void damage_all(struct damage *damage)
{
	read_right(damage, damage->right);
	if (damage->older.size) {
		put_content(damage, damage->older.data, damage->older.size);
		/* The secrets are those of the newer catalogue, which an older vault need not have. */
		for (size_t i = 0; damage->target->readers[i]; i++)
			(void)damage->target->readers[i](&damage->right_older[i], NULL);
		splice_at_each(damage, &damage->content, &damage->older);
		splice_at_each(damage, &damage->older, &damage->content);
	}
	truncate_all(damage);
	flip_all(damage);
	lengthen(damage);
	put_content(damage, damage->content.data, damage->content.size);
	(void)printf("%s: %zu damages, %zu readings refused\n", damage->target->name,
		     damage->tried, damage->refused);
}

static void release(struct damage *damage)
{
	buf_release(&damage->content);
	buf_release(&damage->older);
	for (size_t i = 0; i < ARRAY_SIZE(damage->right); i++) {
		buf_release(&damage->right[i]);
		buf_release(&damage->right_older[i]);
	}
	cleanup_close(&damage->fd);
}

static int read_older(const char *path, struct buf *ret)
{
	CLOSED int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0 || !buf_reserve(ret, (size_t)status.st_size) ||
	    file_read_exactly(fd, ret->data, (size_t)status.st_size, NULL))
		return ERR_FAILED;
	ret->size = (size_t)status.st_size;
	return 0;
}

static int damage_target(const struct target *target, const char *older, struct err *err)
{
	CLEANUP(release) struct damage damage = {.target = target, .fd = -1};
	AUTOFREE char *path = NULL;
	CLOSED int folder = -1;
	int error = path_of(target->folder, &path, err);

	if (!error)
		error = folder_open(path, FOLDER_READ, &folder, err);
	if (!error)
		error = file_read(folder, target->name, FILE_PUBLIC, FILE_MAX, &damage.content,
				  err);
	if (error == ERR_NOT_FOUND)
		return 0; /* the caller knows which there must be */
	if (!error && older && read_older(older, &damage.older))
		error = err_set(err, ERR_FAILED, "cannot read '%s'", older);
	if (error)
		return err_context(err, "%s", target->name);
	damage.fd = openat(folder, target->name, O_WRONLY | O_CLOEXEC);
	if (target->without)
		(void)renameat(folder, target->without, folder, "away");
	damage_all(&damage);
	if (target->without)
		(void)renameat(folder, "away", folder, target->without);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	int error = catalogue_load(&whole, CATALOGUE_ALL, &err);

	for (size_t i = 0; i < ARRAY_SIZE(targets) && !error; i++) {
		const char *older = NULL;
		size_t size = strlen(targets[i].name);

		for (int word = 1; word < argc; word++) {
			if (strncmp(argv[word], targets[i].name, size) == 0 &&
			    argv[word][size] == '=')
				older = argv[word] + size + 1;
		}
		error = damage_target(&targets[i], older, &err);
	}
	catalogue_release(&whole);
	if (error)
		(void)fprintf(stderr, "damage_files: %s\n", err.message);
	return error ? 2 : findings > 0;
}
