/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/completion.h"
#include "cli/run.h"

int cmd_completion(struct cli *cli, struct err *err)
{
	static const struct {
		const char *name;
		void (*print)(struct buf *out);
	} shells[] = {
		{"bash", completion_bash},
		{"zsh", completion_zsh},
		{"fish", completion_fish},
	};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(cli->operands[0], shells[i].name) == 0) {
			shells[i].print(&cli->out);
			return 0;
		}
	}
	err_set(err, ERR_USAGE, "there is no completion for that shell");
	return err_hint(err, "hftoken completion bash, zsh or fish");
}
