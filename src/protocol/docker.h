/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's credential helper protocol: `get`, `store`, `erase`, `list`, `version`; one registry's
 * name or one JSON object on stdin, one answer on stdout. Source: docker-credential-helpers
 * (credentials/credentials.go, client/client.go).
 *
 * Three registries are served, and no other: registry.hf.space, hf.co and huggingface.co. The name
 * docker sends never holds a repository. Tokens have names, and docker does not know them: so
 * `store` takes a token that is here already and refuses another, and `erase` removes nothing and
 * says so.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"

#define DOCKER_INPUT_MS  5000
#define DOCKER_INPUT_MAX ((size_t)64 << 10)

/* The texts by which docker knows these errors, byte for byte. */
#define DOCKER_NOT_FOUND   "credentials not found in native keychain"
#define DOCKER_NO_SERVER   "no credentials server URL"
#define DOCKER_NO_USERNAME "no credentials username"

/* What `store` is told. The secret is in no other place. */
struct docker_login {
	char server[2048 + 1];
	char username[256];
	struct secret secret;
};

void docker_login_release(struct docker_login *login);

/* Cuts white space at both ends of a key, and line breaks within, as docker's own helpers do. */
void docker_key_trim(struct secret *key);

/* Whether we serve the registry of that name: `host`, with or without `https://`, port 443, path. */
bool docker_is_ours(const char *key);

/* ERR_FORMAT with docker's own text where it has one. Release in any case. */
int docker_login_parse(const struct secret *text, struct docker_login *ret,
		       struct err *err) MUST_CHECK;

/*
 * Serves one action on stdin and stdout. `name` is the explicit token's, or NULL. On failure
 * stdout has nothing yet, and the error's message is what docker wants to read there. `ret_note` is
 * for people, on stderr; empty if there is nothing to say.
 */
int docker_serve(const char *action, const char *name, struct buf *ret_note,
		 struct err *err) MUST_CHECK;
