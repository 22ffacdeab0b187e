/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

#include "base/io.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/ui.h"

#define ANSWER_MAX ((size_t)8192)
#define TRIES_MAX  5

static bool is_wanted(void)
{
	return !program_no_input();
}

bool prompt_possible(void)
{
	return is_wanted() && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool prompt_possible_on_tty(void)
{
	CLOSED int fd = is_wanted() && isatty(STDERR_FILENO)
				? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
				: -1;

	return fd >= 0;
}

/* ---- one line --------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* Signals that would leave the terminal without echo are held until it has it back. */
struct signals {
	struct sigaction before[4];
	struct sigaction stop;
};
static const int held_signals[4] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void hold_signals(struct signals *signals)
{
	struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: poll shall end */

	interrupted = 0;
	for (size_t i = 0; i < ARRAY_SIZE(held_signals); i++)
		(void)sigaction(held_signals[i], &action, &signals->before[i]);
	/* Stopped and continued, we would read on with the echo that the shell has switched on. */
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGTSTP, &action, &signals->stop);
}

static void release_signals(const struct signals *signals)
{
	for (size_t i = 0; i < ARRAY_SIZE(held_signals); i++)
		(void)sigaction(held_signals[i], &signals->before[i], NULL);
	(void)sigaction(SIGTSTP, &signals->stop, NULL);
}

static int cancelled(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "cancelled");
}

/* Waits for input, a signal, or the end of patience. */
static int wait_for_answer(int fd, deadline_ms deadline, struct err *err)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};

	for (;;) {
		int ready = interrupted ? -1 : poll(&input, 1, deadline_left(deadline));

		if (interrupted)
			return cancelled(err);
		if (ready > 0)
			return 0;
		if (ready == 0)
			return err_set(err, ERR_CANCELLED, "no answer in %d s",
				       PROMPT_MS / 1000);
		if (errno != EINTR)
			return err_errno(err, "cannot wait for an answer");
	}
}

/* Reads a byte at a time: what stands behind the newline belongs to whoever reads next. */
static int read_line(int fd, struct secret *ret, struct err *err)
{
	deadline_ms deadline = deadline_in(PROMPT_MS);

	for (;;) {
		char byte;
		ssize_t size;
		int error = wait_for_answer(fd, deadline, err);

		if (error)
			return error;
		size = read(fd, &byte, 1);
		if (size < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (size <= 0)
			return cancelled(err);
		if (byte == '\n')
			return 0;
		if (ret->size >= ANSWER_MAX)
			return err_set(err, ERR_FORMAT, "the answer is too long");
		if (secret_add(ret, &byte, 1))
			return err_no_memory(err);
	}
}

static int ask(const char *question, bool echo, struct secret *ret, struct err *err)
{
	CLOSED int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	AUTOSECRET struct secret answer = {0};
	struct termios before;
	struct termios quiet;
	struct signals signals;
	bool silenced = false;
	int error;

	if (fd < 0)
		return err_set(err, ERR_FAILED, "cannot open the terminal");
	ui_tick_done();
	hold_signals(&signals);
	/* Before the question: who answers at once must not be seen either. */
	if (!echo && tcgetattr(fd, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		quiet.c_lflag |= ICANON | ISIG;
		silenced = tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
	}
	error = io_write_all(fd, question, strlen(question), deadline_in(1000), err);
	if (!error)
		error = read_line(fd, &answer, err);
	if (silenced) {
		/* Further lines of a paste must not become commands of the shell. */
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		if (io_write_all(fd, "\n", 1, deadline_in(1000), NULL))
			error = error ? error : ERR_IO;
	}
	release_signals(&signals);
	if (interrupted == SIGTERM || interrupted == SIGHUP)
		(void)raise(interrupted); /* to die of it, as it was meant */
	if (!error)
		secret_move(ret, &answer);
	return error;
}

int prompt_secret(const char *question, struct secret *ret, struct err *err)
{
	return ask(question, false, ret, err);
}

int prompt_enter(const char *question, struct err *err)
{
	AUTOSECRET struct secret answer = {0};
	int error = ask(question, true, &answer, err);

	if (error)
		return error;
	secret_trim(&answer);
	return answer.size ? err_set(err, ERR_CANCELLED, "not wanted") : 0;
}

/* ---- choices ---------------------------------------------------------------------------------- */

enum tristate prompt_meaning(const char *answer)
{
	if (text_equal_fold(answer, "y") || text_equal_fold(answer, "yes"))
		return YES;
	return text_equal_fold(answer, "n") || text_equal_fold(answer, "no") ? NO : UNKNOWN;
}

int prompt_yes(const char *question, bool usual, bool *ret, struct err *err)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "%s [%s] ", question, usual ? "Y/n" : "y/N");
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		AUTOSECRET struct secret answer = {0};
		int error = ask(text, true, &answer, err);

		if (error)
			return error;
		secret_trim(&answer);
		if (answer.size == 0) {
			*ret = usual;
			return 0;
		}
		if (prompt_meaning(secret_text(&answer)) != UNKNOWN) {
			*ret = prompt_meaning(secret_text(&answer)) == YES;
			return 0;
		}
	}
	return cancelled(err);
}

/* A number of the list, or an item's name up to the first space. */
static bool find_choice(const char *answer, const char *const items[], size_t count,
			size_t *ret)
{
	uint64_t number;

	if (text_to_number(answer, count, &number) && number > 0) {
		*ret = (size_t)number - 1;
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		size_t size = strcspn(items[i], " ");

		if (strlen(answer) == size && strncmp(items[i], answer, size) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* Arrow keys and their like come as escape sequences, and choose nothing. */
static bool has_escape(const struct secret *answer)
{
	return answer->size && memchr(answer->data, '\033', answer->size);
}

static bool is_way_out(const char *answer, const char *const items[], size_t count,
		       bool has_current)
{
	size_t unused;

	if (!*answer)
		return !has_current;
	return strcmp(answer, "q") == 0 && !find_choice(answer, items, count, &unused);
}

int prompt_menu(const char *question, const char *const items[], size_t count, int current,
		size_t *ret, struct err *err)
{
	char text[128];

	ui_say("%s", question);
	for (size_t i = 0; i < count; i++)
		ui_say("%s %zu  %s", (int)i == current ? ui_mark(UI_ARROW) : "  ", i + 1,
		       items[i]);
	(void)snprintf(text, sizeof(text), "number or name [%s]: ",
		       current >= 0 ? "Enter keeps it, q: none" : "Enter or q: none");
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		AUTOSECRET struct secret answer = {0};
		int error = ask(text, true, &answer, err);

		if (error)
			return error;
		secret_trim(&answer);
		if (has_escape(&answer)) {
			ui_say("type a number or a name");
			continue;
		}
		if (answer.size == 0 && current >= 0) {
			*ret = (size_t)current;
			return 0;
		}
		if (is_way_out(secret_text(&answer), items, count, current >= 0))
			return cancelled(err);
		if (find_choice(secret_text(&answer), items, count, ret))
			return 0;
		ui_say("there is no such choice");
	}
	return cancelled(err);
}
