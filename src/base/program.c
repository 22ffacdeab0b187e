/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/text.h"

static struct secret env_token;

void program_harden(void)
{
	const struct rlimit none = {0, 0};
	int fd;

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would hide how our children end */
	/* Without this, a vault opened in place of a closed stdout would get our messages. */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
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

int program_take_token(struct err *err)
{
	AUTOSECRET struct secret value = {0};
	AUTOSECRET struct secret older = {0};
	int set = take_variable("HF_TOKEN", &value);
	int set_older = take_variable("HUGGING_FACE_HUB_TOKEN", &older);

	if (set < 0 || set_older < 0)
		return err_no_memory(err);
	if (!set)
		secret_move(&value, &older);
	secret_trim(&value);
	secret_move(&env_token, &value);
	return 0;
}

struct secret *program_token(void)
{
	return &env_token;
}
