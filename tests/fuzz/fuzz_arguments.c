/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of any words, a line each: understood within bounds, or an error that shows no token. */
#include "tests/fuzz/fuzz.h"

#include "cli/command.h"

#define WORDS_MAX 64

static void check_error(const struct err *err, const char *const words[])
{
	CHECK(err->code == ERR_USAGE && *err->message);
	for (; *words; words++)
		CHECK(!looks_like_token(*words) || strlen(*words) < 12 ||
		      (!strstr(err->message, *words) && !strstr(err->hint, *words)));
}

static void check_parsed(const struct cli *cli)
{
	CHECK(cli->id < CMD_COUNT && cli->command);
	CHECK(cli->operand_count <= OPERANDS_MAX && cli->repo_count <= REPOS_MAX);
	CHECK(cli->operand_count <= cli->command->max || cli->command->wraps);
	for (unsigned i = 0; i < cli->operand_count; i++)
		CHECK(cli->operands[i]);
	for (unsigned i = 0; cli->wrapped && i < cli->wrapped_count; i++)
		CHECK(cli->wrapped[i]);
	(void)cli_is_online(cli);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = copy_input(data, size);
	const char *words[WORDS_MAX + 1] = {NULL};
	char *argv[WORDS_MAX + 1] = {NULL};
	struct err err = {0};
	struct cli cli = {.id = CMD_NONE};
	char *rest = text;
	int count = 0;

	while (rest && count < WORDS_MAX) {
		argv[count] = next_line(&rest);
		words[count] = argv[count];
		count++;
	}
	if (cli_parse(&cli, count, argv, &err))
		check_error(&err, words);
	else
		check_parsed(&cli);
	cli_release(&cli);
	return 0;
}
