/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens in folders of mounted secrets: what systemd (LoadCredential=), Docker, Podman and
 * Kubernetes give to a service as files.
 *
 * Folders, in this order: $CREDENTIALS_DIRECTORY, /run/secrets, each absolute path of
 * HFTOKEN_SECRETS=DIR[:DIR]. In each of them the files of the names below, then `hftoken.NAME` in
 * alphabetical order. A name that an earlier folder has is not looked at again.
 *
 * A file must be a regular one of root or of ourselves that nobody else may write, reached by links
 * inside the folder only. The folder itself may be anybody's: Kubernetes mounts its own with mode
 * 1777. One line break at the end is cut; what is left must be a token.
 *
 * Kubernetes puts its files behind a link `..data`, which it swaps for another folder by rename
 * when a secret changes; what is found missing in that moment is looked for again.
 * However many files there are, all of that waiting ends after MOUNT_WAIT_MS.
 *
 * Sources: systemd.exec(5); Docker's and Kubernetes' pages on secrets; Kubernetes'
 * pkg/volume/util/atomic_writer.go.
 */
#pragma once

#include "core/sources.h"

#define MOUNT_STORE     "mount"
#define MOUNT_NAMES_MAX 64   /* files hftoken.NAME in one folder */
#define MOUNT_SCAN_MAX  4096 /* entries of a folder that are looked at */
#define MOUNT_WAIT_MS   200  /* in all, for files that are being replaced or written */

int mounts_search(struct sources *sources, struct err *err) MUST_CHECK;
