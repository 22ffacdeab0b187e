/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/run.h"
#include "cli/store.h"

#define VERB_OPTIONS 5

static const struct verb {
	const char *name;
	const char *usage;
	unsigned max; /* operands */
	int (*run)(struct cli *cli, struct err *err);
	enum option_id options[VERB_OPTIONS]; /* besides --json, --quiet, --help */
} verbs[] = {
	{"list", "list [--wide]", 0, store_do_list, {OPT_WIDE}},
	{"move",
	 "move NAME...|--all --to STORE",
	 OPERANDS_MAX,
	 store_do_move,
	 {OPT_TO, OPT_ALL, OPT_NAME, OPT_YES}},
	{"unlock",
	 "unlock [STORE] [--with-passphrase]",
	 1,
	 store_do_unlock,
	 {OPT_WITH_PASSPHRASE}},
	{"lock", "lock", 0, store_do_lock, {OPT_END}},
	{"passphrase",
	 "passphrase [--with-passphrase] [--remove]",
	 0,
	 store_do_passphrase,
	 {OPT_WITH_PASSPHRASE, OPT_REMOVE}},
	{"recover", "recover [STORE] [--yes]", 1, store_do_recover, {OPT_YES}},
};

static bool takes(const struct verb *verb, enum option_id option)
{
	if (option == OPT_JSON || option == OPT_QUIET)
		return true;
	for (size_t i = 0; i < VERB_OPTIONS && verb->options[i] != OPT_END; i++) {
		if (verb->options[i] == option)
			return true;
	}
	return false;
}

static int check(const struct cli *cli, const struct verb *verb, struct err *err)
{
	for (int id = OPT_END + 1; id < OPT_COUNT; id++) {
		if (!cli->values[id] || takes(verb, (enum option_id)id))
			continue;
		err_set(err, ERR_USAGE, "'hftoken store %s' has no option '--%s'", verb->name,
			options[id].name);
		return err_hint(err, "hftoken store %s", verb->usage);
	}
	if (cli->operand_count - 1 > verb->max) {
		err_set(err, ERR_USAGE, "'hftoken store %s' was given too many words",
			verb->name);
		return err_hint(err, "hftoken store %s", verb->usage);
	}
	return 0;
}

int cmd_store(struct cli *cli, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		int error;

		if (strcmp(cli->operands[0], verbs[i].name) != 0)
			continue;
		error = check(cli, &verbs[i], err);
		if (error)
			return error;
		cli->operand_count--;
		memmove(cli->operands, cli->operands + 1,
			cli->operand_count * sizeof(*cli->operands));
		return verbs[i].run(cli, err);
	}
	err_set(err, ERR_USAGE, "store can list, move, unlock, lock, passphrase and recover");
	return err_hint(err, "hftoken store --help");
}
