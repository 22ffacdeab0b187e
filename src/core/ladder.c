/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ladder.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/paths.h"
#include "base/text.h"

/* Numbers that linux/magic.h does not have. Source: statfs(2). */
#define CIFS_MAGIC   0xff534d42
#define LUSTRE_MAGIC 0x0bd00bd0
#define GPFS_MAGIC   0x47504653
#define BEEGFS_MAGIC 0x19830326

/* Compute nodes share such a home, and none of them has the desktop's keyring. */
bool ladder_home_is_remote(void)
{
	static const unsigned long remote[] = {
		NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_MAGIC,
		CEPH_SUPER_MAGIC, AFS_FS_MAGIC,    CODA_SUPER_MAGIC, V9FS_MAGIC,
		LUSTRE_MAGIC,     GPFS_MAGIC,      BEEGFS_MAGIC};
	const char *home = path_home();
	struct statfs status;

	if (!home || statfs(home, &status) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(remote); i++) {
		if ((unsigned long)status.f_type == remote[i])
			return true;
	}
	return false;
}

/* Whether there is a bus to ask at all: without one the store's program need not be started. */
static bool has_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	AUTOFREE char *path = NULL;

	if (address && *address)
		return true;
	path = runtime && *runtime == '/' ? path_join(runtime, "bus") : NULL;
	return path && access(path, F_OK) == 0;
}

/* What speaks against the keyring; NULL if nothing is known to. */
static const char *reason_against(void)
{
	const char *ssh = getenv("SSH_CONNECTION");

	/* It is unlocked by today's desktop session, and locked for tomorrow's ssh. */
	if (ssh && *ssh)
		return "logged in over ssh";
	if (ladder_home_is_remote())
		return "the home directory is on a network file system";
	return has_bus() ? NULL : "no session bus";
}

static void decide(const char *against, struct ladder_step *ret)
{
	*ret = (struct ladder_step) {.store = against ? STORE_FILE : STORE_KEYRING};
	(void)text_copy(ret->why, sizeof(ret->why), against ? against : "");
}

void ladder_decide(const struct store_state *keyring, struct ladder_step *ret)
{
	const char *against = reason_against();

	decide(!against && keyring->code != ERR_OK ? keyring->why : against, ret);
}

int ladder_choose(struct session *session, struct ladder_step *ret, struct err *err)
{
	const char *against = reason_against();
	struct store_state state = {0};
	struct store_client *store;
	struct err cause = {0};
	int error;

	if (!against) {
		error = session_store(session, STORE_KEYRING, &store, err);
		if (error)
			return error;
		if (store_probe(store, &state, &cause))
			against = cause.message;
		else if (state.code != ERR_OK)
			against = state.why;
	}
	decide(against, ret);
	return 0;
}

int ladder_add(struct session *session, struct ladder_step *step, struct token *token,
	       const struct secret *secret, bool make_default, struct token **ret,
	       struct err *err)
{
	int error;

	token->store = step->store;
	error = session_add(session, token, secret, make_default, ret, err);
	if (error != ERR_DENIED || strcmp(step->store, STORE_FILE) == 0)
		return error;
	token->store = step->store = STORE_FILE;
	(void)text_copy(step->why, sizeof(step->why), err->message);
	return session_add(session, token, secret, make_default, ret, err);
}
