/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include <string.h>

const struct verb verbs[] = {
	{CMD_RULE, "add", "PATTERN NAME", "add a rule, or replace the one for the same"},
	{CMD_RULE, "list", "", "list the rules, and what is wrong with them"},
	{CMD_RULE, "remove", "PATTERN...", "remove the rules with these patterns"},
	{CMD_GIT, "get", "", "give git a token"},
	{CMD_GIT, "store", "", "note that a token was let in"},
	{CMD_GIT, "erase", "", "note that a token was refused"},
	{CMD_DOCKER, "get", "", "give docker a token"},
	{CMD_DOCKER, "store", "", "what docker login calls"},
	{CMD_DOCKER, "erase", "", "what docker logout calls"},
	{CMD_DOCKER, "list", "", "list registries and the account"},
	{CMD_DOCKER, "version", "", "print name and version"},
	{CMD_BAZEL, "get", "", "give Bazel a token"},
	{CMD_SETUP, "git", "", "git and git-lfs"},
	{CMD_SETUP, "docker", "", "docker, skopeo and podman"},
	{CMD_SETUP, "bazel", "", "Bazel"},
	{CMD_SETUP, "hf", "", "hf and all that uses huggingface_hub"},
	{CMD_STORE, "list", "", "which stores there are, and their state"},
	{CMD_STORE, "move", "NAME...", "move tokens to another store"},
	{CMD_STORE, "unlock", "[STORE]", "open what is locked"},
	{CMD_STORE, "lock", "", "forget keys and cached tokens"},
	{CMD_STORE, "passphrase", "", "protect the file with a passphrase"},
	{CMD_STORE, "recover", "[STORE]", "go back to the version before"},
	{CMD_CONFIG, "get", "KEY", "print a setting"},
	{CMD_CONFIG, "set", "KEY VALUE", "change a setting"},
	{CMD_CONFIG, "unset", "KEY", "go back to what is usual"},
	{CMD_CONFIG, "list", "", "print all settings"},
	{CMD_COMPLETION, "bash", "", "for bash"},
	{CMD_COMPLETION, "zsh", "", "for zsh"},
	{CMD_COMPLETION, "fish", "", "for fish"},
};
const size_t verb_count = ARRAY_SIZE(verbs);

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

const char *command_verb(const struct command *command, unsigned number, size_t *ret_size)
{
	const char *name = command->operands;

	for (;; name++) {
		size_t size = strspn(name, LETTERS);

		if (size == 0)
			return NULL;
		if (number-- == 0) {
			*ret_size = size;
			return name;
		}
		name += size;
		if (*name != '|')
			return NULL;
	}
}

const struct verb *verb_find(const struct command *command, const char *name, size_t size)
{
	for (size_t i = 0; i < verb_count; i++) {
		if (command == &commands[verbs[i].command] && strlen(verbs[i].name) == size &&
		    memcmp(verbs[i].name, name, size) == 0)
			return &verbs[i];
	}
	return NULL;
}
