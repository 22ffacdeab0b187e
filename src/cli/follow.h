/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of huggingface_hub's token file when a command has changed the default token.
 */
#pragma once

#include "cli/command.h"
#include "core/hf_follow.h"

/*
 * hf_follow_end(), and its outcome in words: into cli->out unless --json or --quiet, what went
 * wrong as a warning with the next step. It never fails the command, whose work is done.
 */
enum hf_outcome follow_end(struct cli *cli, struct hf_follow *follow, struct session *session);

/* HF_TOKEN wins over the file, whatever our setting `environment` is. */
void follow_warn_env(const struct session *session);
