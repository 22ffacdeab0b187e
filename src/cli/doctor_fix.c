/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hftoken doctor --fix`: removes secrets that no token leads to and files that killed writers have
 * left, and takes from others what they can do with our files. Nothing else, and each is said.
 *
 * All is found twice: first to ask about it, then to do it, under the locks of whoever writes there.
 * So what a writer has just put is never taken for what one has left.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/prompt.h"
#include "cli/run_file.h"
#include "cli/ui.h"
#include "core/catalogue_text.h"
#include "core/ladder.h"

struct fixing {
	bool apply;     /* else it is only told what would be done */
	struct buf log; /* a line each */
	size_t records; /* of these, secrets */
	struct session *session;
	const char *store;
};

static void note(struct fixing *fixing, bool done, const char *format, ...) PRINTF(3, 4);

static void note(struct fixing *fixing, bool done, const char *format, ...)
{
	AUTOBUF struct buf clean = {0};
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	text_clean(&clean, text, strlen(text), 1024);
	if (done)
		buf_printf(&fixing->log, "%s\n", buf_text(&clean));
	else
		ui_warn("could not: %s", buf_text(&clean));
}

/* ---- modes ------------------------------------------------------------------------------------ */

static bool narrow(const struct doctor_file *file)
{
	bool public = file->kind == CHECKUP_PUBLIC_FILE || file->kind == CHECKUP_PUBLIC_FOLDER;
	CLOSED int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
						 (public ? 0 : O_NOFOLLOW));
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
	       fchmod(fd, status.st_mode & 07777 & ~(mode_t)(public ? 022 : 077)) == 0;
}

static void fix_mode(void *user, const struct doctor_file *file)
{
	struct fixing *fixing = user;

	if (file->fault != FAULT_WRITE && file->fault != FAULT_READ)
		return;
	note(fixing, !fixing->apply || narrow(file), "keep other users out of %s", file->path);
}

/* ---- what was left ---------------------------------------------------------------------------- */

/* The lock that the writers of NAME.new hold; NULL for what is written without one. */
static const char *lock_of(const char *name)
{
	if (text_starts_with(name, CATALOGUE_FILE "."))
		return CATALOGUE_LOCK;
	if (text_starts_with(name, "vault"))
		return "vault.lock";
	return text_starts_with(name, "outcomes.") ? "outcomes.lock" : NULL;
}

/* Whether it still is as old, now that nobody can be writing it. */
static bool remove_old(const struct doctor_left *left)
{
	struct stat status;

	return fstatat(left->folder, left->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(status.st_mode) && status.st_mtime + DOCTOR_LEFT_SECONDS < time_now() &&
	       unlinkat(left->folder, left->name, 0) == 0;
}

bool doctor_remove_left(const struct doctor_left *left)
{
	const char *name = *left->name == '.' ? NULL : lock_of(left->name);
	CLOSED int lock = -1;

	if (*left->name != '.')
		return !(name && file_try_lock(left->folder, name, &lock, NULL)) &&
		       remove_old(left);
	/* A guest's writer holds a lock on the file itself (base/guest_file.h). */
	lock = openat(left->folder, left->name,
		      O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 && remove_old(left);
}

static void fix_left(void *user, const struct doctor_left *left)
{
	struct fixing *fixing = user;

	note(fixing, !fixing->apply || doctor_remove_left(left), "remove %s", left->path);
}

static void fix_runs(struct fixing *fixing)
{
	size_t count = run_file_left();

	if (!count)
		return;
	if (fixing->apply)
		run_file_sweep();
	note(fixing, !fixing->apply || !run_file_left(),
	     "remove tokens that 'hftoken run' has left in memory (files: %zu)", count);
}

/* ---- secrets ---------------------------------------------------------------------------------- */

static void fix_record(void *user, enum checkup_record what, const char *id,
		       const struct token *token)
{
	struct fixing *fixing = user;
	const char *name = token ? token->name : "";

	if (!doctor_may_remove(fixing->session, what, fixing->store, token))
		return;
	fixing->records++;
	note(fixing,
	     !fixing->apply || !session_drop_record(fixing->session, fixing->store, id, NULL),
	     what == RECORD_SHADOW ? "remove from store '%s' an old secret of token '%s'"
				   : "remove from store '%s' a secret that no token leads to%s",
	     fixing->store, name);
}

static void fix_store(struct fixing *fixing, const char *store)
{
	AUTOBUF struct buf ids = {0};
	struct store_client *client;

	fixing->store = store;
	if (session_store(fixing->session, store, &client, NULL) ||
	    store_list(client, &ids, NULL))
		return; /* the check says why */
	if (checkup_records(store, buf_text(&ids), &fixing->session->catalogue, fix_record,
			    fixing))
		ui_warn("store '%s' could not be compared", store);
}

/*
 * Under the catalogue's lock, which is held from before a secret is put until its token is committed.
 * Where there is no catalogue, it is the one that is lost, and not the secrets that are too many.
 */
static void fix_secrets(struct fixing *fixing)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const struct session_options how = {.parts = CATALOGUE_INDEX, .write = fixing->apply};

	if (session_open(&session, &how, NULL) || !session.catalogue.generation)
		return;
	fixing->session = &session;
	fix_store(fixing, STORE_FILE);
	fix_store(fixing, STORE_KEYRING);
	fixing->session = NULL;
}

/* ---- all of it -------------------------------------------------------------------------------- */

/* Modes first: what others can read is refused by all that follows. */
static void fix_all(struct fixing *fixing, bool secrets)
{
	doctor_each_fault(fix_mode, fixing);
	doctor_each_left(fix_left, fixing);
	fix_runs(fixing);
	if (secrets)
		fix_secrets(fixing);
}

static int line_size(const char *line)
{
	return (int)strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	line += line_size(line);
	return *line ? line + 1 : line;
}

static void say_plan(const struct buf *log)
{
	ui_say("To be done:");
	for (const char *line = buf_text(log); *line; line = next_line(line))
		ui_say("  %.*s", line_size(line), line);
}

static int consent(const struct cli *cli, const struct fixing *plan, struct err *err)
{
	bool yes = false;
	int error;

	if (cli_has(cli, OPT_YES))
		return 0;
	if (!prompt_possible()) {
		err_set(err, ERR_USAGE, "not done without being asked to");
		return err_hint(err, DOCTOR_FIX);
	}
	say_plan(&plan->log);
	error = prompt_yes("Do all of that?", false, &yes, err);
	return !error && !yes ? err_set(err, ERR_CANCELLED, "nothing was changed") : error;
}

static void put_done(struct cli *cli, const struct buf *log)
{
	for (const char *line = buf_text(log); *line; line = next_line(line))
		buf_printf(&cli->out, "%s done: %.*s\n", ui_mark(UI_YES), line_size(line),
			   line);
	if (log->size)
		buf_add_char(&cli->out, '\n');
}

int doctor_fix(struct cli *cli, struct buf *ret, struct err *err)
{
	struct fixing plan = {.apply = false};
	struct fixing work = {.apply = true};
	int error = 0;

	fix_all(&plan, true);
	if (plan.log.size)
		error = consent(cli, &plan, err);
	/* A store that could not be read before had nothing to agree to: that is for another time. */
	if (plan.log.size && !error)
		fix_all(&work, plan.records > 0);
	if (!cli_has(cli, OPT_JSON) && !cli_has(cli, OPT_QUIET)) {
		if (!plan.log.size)
			ui_say("nothing here is for --fix to mend");
		put_done(cli, &work.log);
	}
	*ret = work.log;
	buf_release(&plan.log);
	return error;
}
