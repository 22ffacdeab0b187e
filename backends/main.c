/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main() of every store program: reads questions until the caller closes the pipe, hands each
 * to the one store that is linked in, and writes one answer for each. The wire is described in
 * core/store.h. Nothing here waits with a deadline: the caller has one, and kills us when it is
 * over.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backends/backend.h"
#include "backends/question.h"
#include "base/lines.h"
#include "base/program.h"
#include "base/text.h"

/* ---- answering: each appends the lines that follow the status, if it fails none ---- */

static int add_each_line(struct secret *answer, const char *key, const char *text, size_t size,
			 struct err *err)
{
	const char *end = text + size;
	size_t before = answer->size;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		int error = lines_add(answer, key, text, (size_t)(stop - text), err);

		if (error) {
			secret_truncate(answer, before);
			return error;
		}
		text = stop + 1;
	}
	return 0;
}

static int answer_get(const struct question *question, struct secret *answer, struct err *err)
{
	AUTOSECRET struct secret record = {0};
	int error = store_backend.get(&question->call, question->id, &record, err);

	if (error)
		return error;
	return add_each_line(answer, "record[]", secret_text(&record), record.size, err);
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static int answer_put(const struct question *question, struct secret *answer UNUSED,
		      struct err *err)
{
	const struct store_label label = {
		.label = text_or_empty(question->label),
		.service = text_or_empty(question->service),
		.username = text_or_empty(question->username),
	};

	if (!question->record.size)
		return err_set(err, ERR_FORMAT, "'put' without a record");
	return store_backend.put(&question->call, question->id, &question->record, &label, err);
}

static int answer_del(const struct question *question, struct secret *answer UNUSED,
		      struct err *err)
{
	return store_backend.del(&question->call, question->id, err);
}

static int answer_list(const struct question *question, struct secret *answer, struct err *err)
{
	AUTOBUF struct buf ids = {0};
	int error = store_backend.list(&question->call, &ids, err);

	if (error)
		return error;
	if (buf_failed(&ids))
		return err_no_memory(err);
	return add_each_line(answer, "id[]", buf_text(&ids), ids.size, err);
}

static int answer_recover(const struct question *question, struct secret *answer,
			  struct err *err)
{
	bool apply = question->apply && strcmp(question->apply, "1") == 0;
	char written[TIME_TEXT_SIZE] = "";
	struct store_backup backup = {0};
	char count[24];
	int error = store_backend.recover
			    ? store_backend.recover(&question->call, apply, &backup, err)
			    : err_set(err, ERR_NOT_FOUND, "this store keeps nothing back");

	if (error)
		return error;
	(void)snprintf(count, sizeof(count), "%" PRIu64, backup.count);
	if (backup.written != TIME_UNKNOWN)
		time_to_text(backup.written, written);
	error = lines_add_text(answer, "count", count, err);
	if (!error)
		error = lines_add_text(answer, "written", written, err);
	return error ? error : lines_add_text(answer, "aside", backup.aside, err);
}

/* These lines are given in any case. */
static int answer_probe(const struct question *question, struct secret *answer, struct err *err)
{
	const struct store_capability_name *names = store_capability_names;
	struct store_report report = {.protects = ""};
	int status = store_backend.probe(&question->call, &report, err);
	int error = lines_add_text(answer, "protects", report.protects, NULL);

	for (size_t i = 0; i < STORE_CAPABILITIES && !error; i++) {
		if ((store_backend.capabilities | report.besides) & names[i].capability)
			error = lines_add_text(answer, "capability[]", names[i].name, NULL);
	}
	return error ? err_no_memory(err) : status;
}

static const struct secret *passphrase_of(const struct question *question)
{
	return question->has_passphrase ? &question->passphrase : NULL;
}

/* A store that cannot be locked has nothing to do. */
static int answer_unlock(const struct question *question, struct secret *answer UNUSED,
			 struct err *err)
{
	if (!store_backend.unlock)
		return 0;
	return store_backend.unlock(&question->call, passphrase_of(question), err);
}

static int answer_lock(const struct question *question, struct secret *answer UNUSED,
		       struct err *err)
{
	return store_backend.lock ? store_backend.lock(&question->call, err) : 0;
}

static int answer_passphrase(const struct question *question, struct secret *answer UNUSED,
			     struct err *err)
{
	if (!store_backend.set_passphrase)
		return err_set(err, ERR_FAILED, "this store has no passphrase of its own");
	return store_backend.set_passphrase(&question->call, passphrase_of(question), err);
}

static const struct operation {
	const char *name;
	int (*run)(const struct question *question, struct secret *answer, struct err *err);
	bool wants_id;
} operations[] = {
	{"get", answer_get, true},          {"put", answer_put, true},
	{"del", answer_del, true},          {"list", answer_list, false},
	{"probe", answer_probe, false},     {"unlock", answer_unlock, false},
	{"lock", answer_lock, false},       {"passphrase", answer_passphrase, false},
	{"recover", answer_recover, false},
};

static int run(const struct question *question, struct secret *answer, struct err *err)
{
	if (!question->op)
		return err_set(err, ERR_FORMAT, "the question has no 'op'");
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (strcmp(question->op, operations[i].name) != 0)
			continue;
		if (operations[i].wants_id && (!question->id || !store_is_id(question->id)))
			return err_set(err, ERR_FORMAT, "'id' is not the id of a record");
		return operations[i].run(question, answer, err);
	}
	return err_set(err, ERR_FORMAT, "this store does not know the operation");
}

/* A message may name a path, and a path may hold anything. */
static int add_message(struct secret *answer, const char *key, const char *text)
{
	AUTOBUF struct buf clean = {0};

	if (!text[0])
		return 0;
	text_clean(&clean, text, strlen(text), sizeof(((struct err *)0)->message));
	return lines_add_text(answer, key, buf_text(&clean), NULL);
}

/* What has no name of its own on the wire is `failed`. */
static int write_failure(const struct err *err, const char *body, size_t body_size)
{
	AUTOSECRET struct secret answer = {0};
	const char *name = err_name(err->code);

	if (lines_add_text(&answer, "store", STORE_VERSION, NULL) ||
	    lines_add_text(&answer, "status", name ? name : "failed", NULL) ||
	    add_message(&answer, "message", err->message) ||
	    add_message(&answer, "hint", err->hint) || secret_add(&answer, body, body_size) ||
	    secret_add(&answer, "\n", 1))
		return ERR_NO_MEMORY;
	return io_write_all(STDOUT_FILENO, answer.data, answer.size, NO_DEADLINE, NULL);
}

/* One write for each answer. It starts as a good one, so that a record is not copied again. */
static int answer_question(char *text, size_t size)
{
	static const char good[] = "store=" STORE_VERSION "\nstatus=ok\n";
	const size_t head = sizeof(good) - 1;
	CLEANUP(question_release) struct question question = {0};
	AUTOSECRET struct secret answer = {0};
	struct err err = {0};
	int error = question_parse(&question, text, size, &err);

	if (secret_set(&answer, good, head))
		return ERR_NO_MEMORY;
	if (!error)
		error = run(&question, &answer, &err);
	if (!error && (answer.size >= STORE_ANSWER_MAX || secret_add(&answer, "\n", 1))) {
		secret_truncate(&answer, head);
		error = err_set(&err, ERR_FAILED, "the answer is larger than the caller reads");
	}
	if (!error)
		return io_write_all(STDOUT_FILENO, answer.data, answer.size, NO_DEADLINE, NULL);
	return write_failure(&err, answer.data + head, answer.size - head);
}

/* ---- the session ---- */

/* What was answered is wiped; what was read behind it is the start of the next question. */
static void drop_message(struct secret *input, size_t size)
{
	memmove(input->data, input->data + size, input->size - size);
	secret_truncate(input, input->size - size);
}

/*
 * A question that breaks off is refused as a whole: the rest of a record may be missing. The
 * session ends there, since nothing behind it has a known beginning.
 */
static int refuse_rest(const struct err *err)
{
	(void)write_failure(err, "", 0);
	return err->code;
}

static int run_session(struct secret *input)
{
	struct err err = {0};

	for (;;) {
		size_t size = question_size(input);
		int error;

		if (!size) {
			if (io_read_message(STDIN_FILENO, input, STORE_MESSAGE_MAX, NO_DEADLINE,
					    &err))
				return refuse_rest(&err);
			size = question_size(input);
		}
		if (!size && !input->size)
			return 0;
		if (!size) {
			err_set(&err, ERR_FORMAT, "the question ends without an empty line");
			return refuse_rest(&err);
		}
		error = answer_question(input->data, size);
		if (error)
			return error;
		drop_message(input, size);
	}
}

int main(void)
{
	struct secret input = {0};
	int error;

	program_harden();
	error = run_session(&input);
	secret_release(&input);
	/* Nothing is buffered, and what libraries would do on exit costs more than an answer. */
	_exit(error ? 1 : 0);
}
