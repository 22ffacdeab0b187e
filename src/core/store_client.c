/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store_client.h"

#include <stdio.h>
#include <string.h>

#include "base/lines.h"
#include "base/log.h"
#include "base/text.h"
#include "core/store_answer.h"

/* Beyond the store's own deadline, so that its answer "timed out" still arrives. */
#define GRACE_MS        250
#define END_MS          500
#define STARVED_STEP_MS 20
#define IDLE_STEPS      5 /* in which it was asleep: then it hangs */

int store_init(struct store_client *store, const char *name, struct err *err)
{
	if (!store_is_name(name)) {
		err_set(err, ERR_USAGE, "not the name of a store");
		return err_hint(err, "stores: file, secret-service");
	}
	*store = (struct store_client) {.proc = PROC_NONE};
	(void)text_copy(store->name, sizeof(store->name), name);
	return 0;
}

void store_release(struct store_client *store)
{
	if (store->running)
		(void)proc_end(&store->proc, deadline_in(END_MS), NULL, NULL);
	store->running = false;
}

static void store_kill(struct store_client *store)
{
	proc_kill(&store->proc);
	store->running = false;
}

static int no_program(const struct store_client *store, const char *program, struct err *err)
{
	err_set(err, ERR_UNAVAILABLE, "store '%s' is not available: cannot start '%s'",
		store->name, program);
	if (strcmp(store->name, "file") == 0)
		return err_hint(err, "this is the single program: do that where hftoken is "
				     "installed whole");
	return err_hint(err, "stores: file, secret-service");
}

bool store_is_installed(const char *name)
{
	char program[STORE_NAME_MAX + 8];
	AUTOFREE char *path = NULL;

	if (!store_is_name(name))
		return false;
	(void)snprintf(program, sizeof(program), "store-%s", name);
	return proc_helper_path(program, &path, NULL) == 0 && access(path, X_OK) == 0;
}

static int start(struct store_client *store, struct err *err)
{
	char program[STORE_NAME_MAX + 8];
	AUTOFREE char *path = NULL;
	const char *argv[] = {program, NULL};
	int error;

	if (store->running && store->proc.in >= 0)
		return 0;
	store_release(store); /* one that was told to hurry has ended */
	(void)snprintf(program, sizeof(program), "store-%s", store->name);
	error = proc_helper_path(program, &path, err);
	if (!error)
		error = proc_start(&store->proc, path, argv, err);
	if (error)
		return no_program(store, program, err);
	store->running = true;
	return 0;
}

static int babble(const struct store_client *store, struct err *err)
{
	err_set(err, ERR_UNAVAILABLE, "store '%s' does not follow the store protocol",
		store->name);
	return err_hint(err, "install hftoken again: its programs must be of one version");
}

static int take_answer(const struct store_client *store, struct secret *text,
		       struct store_answer *answer, struct err *err)
{
	int error = store_answer_read(text, answer, err);

	return error == ERR_FORMAT ? babble(store, err) : error;
}

/*
 * A store whose time is over while it waits for nothing but a processor is not one that hangs: a
 * thousand of them at once on a busy machine take their time.
 */
static int read_message(const struct store_client *store, struct secret *ret,
			deadline_ms deadline, struct err *err)
{
	deadline_ms last = deadline_in(deadline_left(deadline) + STORE_STARVED_MS);
	int error = io_read_message(store->proc.out, ret, STORE_ANSWER_MAX, deadline, err);
	int idle = 0;

	while (error == ERR_TIMED_OUT && deadline_left(last) > 0 && idle < IDLE_STEPS) {
		idle = proc_is_runnable(&store->proc) ? 0 : idle + 1;
		error = io_read_message(store->proc.out, ret, STORE_ANSWER_MAX,
					deadline_in(STARVED_STEP_MS), err);
	}
	return error;
}

/* One question, one answer; whatever goes wrong on the way costs the program its life. */
static int exchange(struct store_client *store, const struct secret *question, int wait_ms,
		    struct store_answer *answer, struct err *err)
{
	deadline_ms deadline = deadline_in(wait_ms + GRACE_MS);
	AUTOSECRET struct secret text = {0};
	int error = io_write_all(store->proc.in, question->data, question->size, deadline, err);

	if (store->hurry)
		cleanup_close(&store->proc.in);
	if (!error)
		error = read_message(store, &text, deadline, err);
	if (error == ERR_TIMED_OUT) {
		store_kill(store);
		return err_set(err, ERR_TIMED_OUT, "store '%s' did not answer in %d.%d s",
			       store->name, wait_ms / 1000, wait_ms % 1000 / 100);
	}
	if (!error)
		error = text.size ? take_answer(store, &text, answer, err) : babble(store, err);
	else
		error = babble(store, err);
	if (error)
		store_kill(store);
	return error;
}

/* How a question is asked. */
struct manner {
	int wait_ms;
	bool interactive;
};

static struct manner reading(const struct store_client *store)
{
	int wait_ms = store->interactive ? STORE_PATIENT_READ_MS : STORE_READ_MS;

	return (struct manner) {wait_ms, store->interactive};
}

static struct manner writing(const struct store_client *store)
{
	return (struct manner) {STORE_WRITE_MS, store->interactive};
}

static struct manner prompting(bool interactive)
{
	return (struct manner) {interactive ? STORE_UNLOCK_MS : STORE_WRITE_MS, interactive};
}

static int begin_question(struct secret *question, const char *op, struct manner manner,
			  struct err *err)
{
	char wait[16];
	int error = lines_add_text(question, "store", STORE_VERSION, err);

	(void)snprintf(wait, sizeof(wait), "%d", manner.wait_ms);
	if (!error)
		error = lines_add_text(question, "op", op, err);
	if (!error)
		error = lines_add_text(question, "deadline", wait, err);
	if (!error)
		error = lines_add_text(question, "interactive", manner.interactive ? "1" : "0",
				       err);
	return error;
}

/* Sends the question and turns the answer's status into ours. */
static int ask(struct store_client *store, struct secret *question, int wait_ms,
	       struct store_answer *answer, struct err *err)
{
	deadline_ms started = deadline_in(0);
	int error = start(store, err);

	if (error)
		return error;
	if (secret_add(question, "\n", 1))
		return err_no_memory(err);
	error = exchange(store, question, wait_ms, answer, err);
	trace("store %s: %s in %d ms", store->name, error ? "no answer" : answer->status,
	      (int)(deadline_in(0) - started));
	if (error) {
		answer->status[0] = '\0'; /* what came of it counts for nothing */
		return error;
	}
	if (strcmp(answer->status, "ok") == 0)
		return 0;
	err_set(err, err_by_name(answer->status), "%s",
		answer->message[0] ? answer->message : err_name(err_by_name(answer->status)));
	err_context(err, "store '%s'", store->name);
	if (answer->hint[0])
		err_hint(err, "%s", answer->hint);
	return err_by_name(answer->status);
}

/* A question that is an operation and an id. */
static int ask_about(struct store_client *store, const char *op, const char *id,
		     struct manner manner, struct store_answer *answer, struct err *err)
{
	AUTOSECRET struct secret question = {0};
	int error = begin_question(&question, op, manner, err);

	if (!error && id)
		error = lines_add_text(&question, "id", id, err);
	return error ? error : ask(store, &question, manner.wait_ms, answer, err);
}

int store_get(struct store_client *store, const char *id, struct secret *ret_record,
	      struct err *err)
{
	AUTOSECRET struct secret record = {0};
	struct store_answer answer = {.record = &record};
	int error = ask_about(store, "get", id, reading(store), &answer, err);

	if (error)
		return error;
	if (record.size > RECORD_MAX)
		return err_set(err, ERR_DAMAGED, "store '%s': record is too long", store->name);
	secret_move(ret_record, &record);
	return 0;
}

/* The record's lines, one by one, so that none of it needs escaping. */
static int add_record(struct secret *question, const struct secret *record, struct err *err)
{
	const char *next = record->data;
	const char *end = next + record->size;

	while (next < end) {
		const char *stop = memchr(next, '\n', (size_t)(end - next));
		size_t size = stop ? (size_t)(stop - next) : (size_t)(end - next);
		int error = lines_add(question, "record[]", next, size, err);

		if (error)
			return error;
		next += size + 1;
	}
	return 0;
}

int store_put(struct store_client *store, const char *id, const struct secret *record,
	      const struct store_label *label, struct err *err)
{
	AUTOSECRET struct secret question = {0};
	struct store_answer answer = {0};
	struct manner manner = prompting(store->interactive);
	int error = begin_question(&question, "put", manner, err);

	if (!error)
		error = lines_add_text(&question, "id", id, err);
	if (!error)
		error = lines_add_text(&question, "label", label->label, err);
	if (!error)
		error = lines_add_text(&question, "service", label->service, err);
	if (!error)
		error = lines_add_text(&question, "username", label->username, err);
	if (!error)
		error = add_record(&question, record, err);
	return error ? error : ask(store, &question, manner.wait_ms, &answer, err);
}

int store_del(struct store_client *store, const char *id, struct err *err)
{
	struct store_answer answer = {0};

	return ask_about(store, "del", id, writing(store), &answer, err);
}

int store_list(struct store_client *store, struct buf *ret_ids, struct err *err)
{
	struct store_answer answer = {.ids = ret_ids};
	int error = ask_about(store, "list", NULL, reading(store), &answer, err);

	return !error && buf_failed(ret_ids) ? err_no_memory(err) : error;
}

int store_recover(struct store_client *store, bool apply, struct store_backup *ret,
		  struct err *err)
{
	AUTOSECRET struct secret question = {0};
	struct store_backup backup = {.written = TIME_UNKNOWN};
	struct store_answer answer = {.backup = &backup};
	int error = begin_question(&question, "recover", writing(store), err);

	if (!error)
		error = lines_add_text(&question, "apply", apply ? "1" : "0", err);
	if (!error)
		error = ask(store, &question, STORE_WRITE_MS, &answer, err);
	if (!error)
		*ret = backup;
	return error;
}

int store_probe(struct store_client *store, struct store_state *ret, struct err *err)
{
	struct store_state state = {0};
	struct store_answer answer = {.state = &state};
	int error = ask_about(store, "probe", NULL, reading(store), &answer, err);

	if (error && !answer.status[0])
		return error;
	state.code = err_by_name(answer.status);
	(void)text_copy(state.why, sizeof(state.why), error ? answer.message : "");
	(void)text_copy(state.hint, sizeof(state.hint), error ? answer.hint : "");
	*ret = state;
	return 0;
}

static int ask_with_passphrase(struct store_client *store, const char *op, bool interactive,
			       const struct secret *passphrase, struct err *err)
{
	AUTOSECRET struct secret question = {0};
	struct manner manner = prompting(interactive);
	struct store_answer answer = {0};
	int error = passphrase ? store_check_passphrase(passphrase, err) : 0;

	if (passphrase && !manner.interactive)
		manner.wait_ms = STORE_DERIVE_MS;
	if (!error)
		error = begin_question(&question, op, manner, err);
	if (!error && passphrase)
		error = lines_add(&question, "passphrase", passphrase->data, passphrase->size,
				  err);
	return error ? error : ask(store, &question, manner.wait_ms, &answer, err);
}

int store_unlock(struct store_client *store, bool interactive, const struct secret *passphrase,
		 struct err *err)
{
	return ask_with_passphrase(store, "unlock", interactive || store->interactive,
				   passphrase, err);
}

int store_lock(struct store_client *store, struct err *err)
{
	struct store_answer answer = {0};

	return ask_about(store, "lock", NULL, writing(store), &answer, err);
}

int store_set_passphrase(struct store_client *store, const struct secret *passphrase,
			 struct err *err)
{
	return ask_with_passphrase(store, "passphrase", store->interactive, passphrase, err);
}
