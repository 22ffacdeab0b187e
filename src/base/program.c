/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/text.h"

#define VARIABLE       "HF_TOKEN"
#define OLDER_VARIABLE "HUGGING_FACE_HUB_TOKEN"

static struct secret env_token;
static const char *env_name = VARIABLE;
static struct program_variable variables[PROGRAM_VARIABLES] = {
	{.name = VARIABLE},
	{.name = OLDER_VARIABLE},
};

/* As it was when we came: what we change of it is not meant for whom we start in our place. */
static const int changed_signals[] = {SIGPIPE, SIGXFSZ, SIGCHLD};
static struct {
	struct rlimit core;
	mode_t mask;
	struct sigaction signals[ARRAY_SIZE(changed_signals)];
	bool was_closed[STDERR_FILENO + 1];
	bool known;
} before;

/*
 * A vault opened in place of a closed stdout would get our messages. What takes stdout's place cannot
 * be written, so that lost output is an error.
 */
static void open_closed_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
		before.was_closed[fd] = true;
	}
}

static void remember(void)
{
	before.known = getrlimit(RLIMIT_CORE, &before.core) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(changed_signals); i++)
		(void)sigaction(changed_signals[i], NULL, &before.signals[i]);
}

static void limit_core(rlim_t hard)
{
	const struct rlimit none = {0, hard};

	(void)setrlimit(RLIMIT_CORE, &none);
}

void program_seal(void)
{
	limit_core(0);
}

void program_harden(void)
{
	program_harden_for_now();
	program_seal();
}

void program_harden_for_now(void)
{
	remember();
	(void)prctl(PR_SET_DUMPABLE, 0);
	limit_core(before.known ? before.core.rlim_max : 0);
	before.mask = umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG is an error like others */
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would hide how our children end */
	open_closed_descriptors();
}

void program_restore(void)
{
	if (before.known)
		(void)setrlimit(RLIMIT_CORE, &before.core);
	(void)umask(before.mask);
	for (size_t i = 0; i < ARRAY_SIZE(changed_signals); i++)
		(void)sigaction(changed_signals[i], &before.signals[i], NULL);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (before.was_closed[fd])
			(void)close(fd);
	}
}

bool program_no_input(void)
{
	const char *no_input = getenv("HFTOKEN_NO_INPUT");

	return (no_input && *no_input && strcmp(no_input, "0") != 0) ||
	       text_is_true(getenv("CI"));
}

/* Moves the value out of the environment. */
static int take_variable(struct program_variable *variable)
{
	char *value = getenv(variable->name);
	size_t size = value ? strlen(value) : 0;
	int error = 0;

	if (!value)
		return 0;
	variable->state = size ? VARIABLE_SET : VARIABLE_EMPTY;
	if (size)
		error = secret_set(&variable->value, value, size);
	explicit_bzero(value, size);
	(void)unsetenv(variable->name);
	return error;
}

/* As huggingface_hub does: a value that was folded by an editor or a form still is one token. */
static void remove_line_breaks(struct secret *secret)
{
	size_t size = 0;

	for (size_t i = 0; i < secret->size; i++) {
		if (secret->data[i] != '\r' && secret->data[i] != '\n')
			secret->data[size++] = secret->data[i];
	}
	secret_truncate(secret, size);
}

static void clean(struct program_variable *variable)
{
	size_t size = variable->value.size;

	remove_line_breaks(&variable->value);
	secret_trim(&variable->value);
	variable->changed = variable->value.size != size;
	if (variable->state == VARIABLE_SET && variable->value.size == 0)
		variable->state = VARIABLE_BLANK;
}

int program_take_token(struct err *err)
{
	const struct program_variable *used = &variables[0];

	for (size_t i = 0; i < PROGRAM_VARIABLES; i++) {
		if (take_variable(&variables[i]))
			return err_no_memory(err);
		clean(&variables[i]);
	}
	if (used->state == VARIABLE_UNSET || used->state == VARIABLE_EMPTY)
		used = &variables[1];
	env_name = used->value.size ? used->name : VARIABLE;
	if (secret_set(&env_token, secret_text(&used->value), used->value.size))
		return err_no_memory(err);
	return 0;
}

void program_forget_token(void)
{
	for (size_t i = 0; i < PROGRAM_VARIABLES; i++)
		secret_release(&variables[i].value);
	secret_release(&env_token);
}

const struct program_variable *program_variables(void)
{
	return variables;
}

struct secret *program_token(void)
{
	return &env_token;
}

const char *program_token_variable(void)
{
	return env_name;
}

const char *program_token_variables(void)
{
	bool both = variables[0].value.size && variables[1].value.size;

	return both ? VARIABLE " " OLDER_VARIABLE : env_name;
}
