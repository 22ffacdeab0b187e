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

/*
 * A vault opened in place of a closed stdout would get our messages. What takes stdout's place cannot
 * be written, so that lost output is an error.
 */
static void open_closed_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
	}
}

void program_harden(void)
{
	const struct rlimit none = {0, 0};

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG is an error like others */
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would hide how our children end */
	open_closed_descriptors();
}

/* Moves the value into `ret`; 1 if the variable was set to something. */
static int take_variable(const char *name, struct secret *ret)
{
	char *value = getenv(name);
	int error = 0;
	size_t size;

	if (!value)
		return 0;
	size = strlen(value);
	if (size && !ret->size)
		error = secret_set(ret, value, size);
	explicit_bzero(value, size);
	(void)unsetenv(name);
	if (error)
		return error;
	return size > 0;
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

int program_take_token(struct err *err)
{
	AUTOSECRET struct secret value = {0};
	AUTOSECRET struct secret older = {0};
	int set = take_variable(VARIABLE, &value);
	int set_older = take_variable(OLDER_VARIABLE, &older);

	if (set < 0 || set_older < 0)
		return err_no_memory(err);
	env_name = !set && set_older ? OLDER_VARIABLE : VARIABLE;
	if (!set)
		secret_move(&value, &older);
	remove_line_breaks(&value);
	secret_trim(&value);
	secret_move(&env_token, &value);
	return 0;
}

struct secret *program_token(void)
{
	return &env_token;
}

const char *program_token_variable(void)
{
	return env_name;
}
