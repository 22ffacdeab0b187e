/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program `derive-key`: from a passphrase to a key, by scrypt. See derive_key.h. It trusts its
 * caller for the parameters, but for the memory they would take.
 */
#include "backends/derive_key.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "backends/file_bytes.h"
#include "base/program.h"

#define QUESTION_MAX (DERIVE_HEAD_SIZE + PASSPHRASE_MAX)
#define WAIT_MS      10000 /* for a question: its writer has it at hand */

struct question {
	uint64_t n;
	uint64_t r;
	uint64_t p;
	const unsigned char *salt;
	const char *passphrase;
	size_t passphrase_size;
};

static bool parse(const struct secret *input, struct question *ret)
{
	const unsigned char *numbers = (const unsigned char *)secret_text(input) +
				       sizeof(DERIVE_MAGIC) - 1;

	if (input->size <= DERIVE_HEAD_SIZE ||
	    memcmp(input->data, DERIVE_MAGIC, sizeof(DERIVE_MAGIC) - 1) != 0 ||
	    read_u16(numbers) >= 32)
		return false;
	*ret = (struct question) {
		.n = UINT64_C(1) << read_u16(numbers),
		.r = read_u16(numbers + 2),
		.p = read_u16(numbers + 4),
		.salt = numbers + 6,
		.passphrase = input->data + DERIVE_HEAD_SIZE,
		.passphrase_size = input->size - DERIVE_HEAD_SIZE,
	};
	return 128 * ret->n * ret->r <= DERIVE_MEMORY_MAX;
}

/* OpenSSL wipes what it used; its limit is for all that it takes, hence the double. */
static enum derive_exit derive(const struct question *question, struct secret *ret)
{
	if (secret_reserve(ret, CRYPTO_KEY_SIZE))
		return DERIVE_NO_MEMORY;
	if (EVP_PBE_scrypt(question->passphrase, question->passphrase_size, question->salt,
			   CRYPTO_SALT_SIZE, question->n, question->r, question->p,
			   2 * DERIVE_MEMORY_MAX, (unsigned char *)ret->data,
			   CRYPTO_KEY_SIZE) != 1)
		return DERIVE_NO_MEMORY; /* of what was parsed, nothing else can fail */
	secret_grew(ret, CRYPTO_KEY_SIZE);
	return DERIVE_OK;
}

static enum derive_exit run(void)
{
	AUTOSECRET struct secret input = {0};
	AUTOSECRET struct secret key = {0};
	struct question question;
	enum derive_exit status;

	if (io_read_all(STDIN_FILENO, &input, QUESTION_MAX, deadline_in(WAIT_MS), NULL) ||
	    !parse(&input, &question))
		return DERIVE_FAILED;
	status = derive(&question, &key);
	if (status == DERIVE_OK &&
	    io_write_all(STDOUT_FILENO, key.data, key.size, deadline_in(WAIT_MS), NULL))
		status = DERIVE_FAILED;
	return status;
}

int main(void)
{
	program_harden();
	/* Who asked has a deadline, and may be killed itself. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Its settings could name modules to load. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	_exit((int)run());
}
