/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's config.json as far as credential helpers go: `credHelpers`, an object of registry and
 * helper. Its text is edited in place: whatever else is in it stays byte for byte, since docker
 * keeps passwords and other programs their settings there. So texts are secrets.
 */
#pragma once

#include "base/secret.h"

#define DOCKER_CONFIG_MAX ((size_t)1 << 20)
#define DOCKER_HELPER     "hftoken" /* docker puts `docker-credential-` before it */
#define DOCKER_REGISTRIES 3

extern const char *const docker_registries[DOCKER_REGISTRIES];

/*
 * Writes our helper for each registry, and what there is into `ret_before`: whether ours was there
 * already. An empty text is an empty object. ERR_FORMAT for a text that is no such file, ERR_FAILED
 * if another helper serves one of them, unless `force`.
 */
int docker_config_wire(const struct secret *text, bool force, struct secret *ret,
		       bool ret_before[DOCKER_REGISTRIES], struct err *err) MUST_CHECK;

/* Takes our helper out again, and `credHelpers` if nothing else is in it. */
int docker_config_unwire(const struct secret *text, struct secret *ret,
			 bool ret_before[DOCKER_REGISTRIES], struct err *err) MUST_CHECK;

/* Where docker keeps it, for the caller to free(); NULL where there is no home. */
char *docker_config_path(void);

/*
 * Calls `found` for each of our registries that a helper is named for, ours or another. ERR_FORMAT as
 * above.
 */
typedef void (*docker_helper_found)(void *user, const char *registry, const char *helper);
int docker_config_each(const struct secret *text, docker_helper_found found, void *user,
		       struct err *err) MUST_CHECK;
