/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file_derive.h"

#include <sys/wait.h>

#include "backends/derive_key.h"
#include "backends/file_bytes.h"
#include "base/proc.h"

#define HELPER  "derive-key"
#define WAIT_MS 60000 /* where the caller says nothing */

static int no_helper(struct err *err)
{
	err_set(err, ERR_UNAVAILABLE,
		"no key can be derived from a passphrase: program '" HELPER
		"' is not installed");
	return err_hint(err, "install an hftoken that was built with OpenSSL");
}

static int make_question(const struct slot_scrypt *scrypt, const struct secret *passphrase,
			 struct secret *ret, struct err *err)
{
	unsigned char numbers[6];

	write_u16(numbers, scrypt->log2_n);
	write_u16(numbers + 2, scrypt->r);
	write_u16(numbers + 4, scrypt->p);
	if (secret_add_text(ret, DERIVE_MAGIC) ||
	    secret_add(ret, (const char *)numbers, sizeof(numbers)) ||
	    secret_add(ret, (const char *)scrypt->salt, sizeof(scrypt->salt)) ||
	    secret_add(ret, secret_text(passphrase), passphrase->size))
		return err_no_memory(err);
	return 0;
}

static int exchange(struct proc *proc, const struct secret *question, deadline_ms deadline,
		    struct secret *ret, int *ret_status, struct err *err)
{
	int error = io_write_all(proc->in, question->data, question->size, deadline, err);

	cleanup_close(&proc->in);
	if (!error)
		error = io_read_all(proc->out, ret, CRYPTO_KEY_SIZE, deadline, err);
	return error ? error : proc_end(proc, deadline, ret_status, err);
}

static int does_not_work(struct err *err)
{
	err_set(err, ERR_UNAVAILABLE, "program '" HELPER "' does not work");
	return err_hint(err, "install hftoken again: its programs must be of one version");
}

static int check_answer(int status, const struct secret *key, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == DERIVE_OK &&
	    key->size == CRYPTO_KEY_SIZE)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == DERIVE_NO_MEMORY)
		return err_set(err, ERR_NO_MEMORY,
			       "there is not enough memory to derive the key");
	return does_not_work(err);
}

int derive_slot_key(const struct slot_scrypt *scrypt, const struct secret *passphrase,
		    deadline_ms deadline, struct secret *ret, struct err *err)
{
	static const char *const argv[] = {HELPER, NULL};
	CLEANUP(proc_kill) struct proc proc = PROC_NONE;
	AUTOSECRET struct secret question = {0};
	AUTOSECRET struct secret key = {0};
	AUTOFREE char *path = NULL;
	int status = 0;
	int error = make_question(scrypt, passphrase, &question, err);

	if (deadline == NO_DEADLINE)
		deadline = deadline_in(WAIT_MS);
	if (error)
		return error;
	if (proc_helper_path(HELPER, &path, err) || proc_start(&proc, path, argv, err))
		return no_helper(err);
	error = exchange(&proc, &question, deadline, &key, &status, err);
	if (error == ERR_TIMED_OUT)
		return err_set(err, error, "the key was not derived in time");
	error = error ? does_not_work(err) : check_answer(status, &key, err);
	if (!error)
		secret_move(ret, &key);
	return error;
}
