/* SPDX-License-Identifier: Apache-2.0 */
/* What hftoken wants of the machine, and of its own installation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/kernel_keys.h"
#include "base/paths.h"
#include "base/proc.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/programs.h"

/* ---- memory ----------------------------------------------------------------------------------- */

static bool can_lock(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	bool locked;

	if (page == MAP_FAILED)
		return false;
	locked = mlock(page, size) == 0;
	(void)munmap(page, size);
	return locked;
}

void doctor_memory(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;

	if (can_lock()) {
		findings_add(findings, FINDING_OK, "tokens in memory are kept out of swap");
		return;
	}
	findings_add(findings, FINDING_WARNING,
		     "memory cannot be locked, so that tokens may be written into swap");
	findings_advice(findings,
			"raise the limit of locked memory: 'ulimit -l', LimitMEMLOCK= of "
			"a service, --ulimit memlock= of a container");
}

/* ---- the cache -------------------------------------------------------------------------------- */

#define PROBE_NAME    "hftoken-probe"
#define PROBE_SECONDS 5

void doctor_cache(struct doctor *doctor)
{
	AUTOSECRET struct secret payload = {0};
	struct findings *findings = &doctor->findings;
	bool usable;

	if (!settings_cache_seconds(&doctor->session.settings, "")) {
		findings_add(findings, FINDING_OK,
			     "used tokens are not kept, as was asked for");
		return;
	}
	usable = !secret_set(&payload, "probe", 5) &&
		 !kernel_key_put(PROBE_NAME, &payload, PROBE_SECONDS);
	kernel_key_drop(PROBE_NAME);
	if (usable)
		findings_add(findings, FINDING_OK,
			     "used tokens are kept in the kernel's keyring for %u s",
			     settings_cache_seconds(&doctor->session.settings, ""));
	else if (kernel_keys_are_anothers())
		findings_add(findings, FINDING_OK,
			     "used tokens are not kept: root of a container has the keyring of "
			     "the machine's root");
	else
		findings_add(findings, FINDING_OK,
			     "used tokens are not kept: the kernel's keyring is not to be had "
			     "here");
}

/* ---- the installation ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool needed;
	const char *without; /* what cannot be done then */
} helpers[] = {
	{"store-file", true, "tokens cannot be stored in the encrypted file"},
	{"derive-key", false, "the encrypted file can have no passphrase"},
	{"store-secret-service", false, "tokens cannot be stored in the desktop's keyring"},
};

static void put_helpers(struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++) {
		AUTOFREE char *path = NULL;

		if (!proc_helper_path(helpers[i].name, &path, NULL))
			continue;
		findings_add(findings, helpers[i].needed ? FINDING_ERROR : FINDING_OK,
			     "%s is not installed: %s", helpers[i].name, helpers[i].without);
		if (helpers[i].needed)
			findings_advice(findings, "install hftoken whole: make install");
	}
}

static void put_version(struct findings *findings, const char *path, bool in_path)
{
	char version[DOCTOR_VERSION_SIZE];
	AUTOFREE char *quoted = doctor_quote(path);

	if (!doctor_version_of(path, version)) {
		findings_add(findings, FINDING_WARNING, "%s does not tell its version", path);
		findings_advice(findings, "look at that program: it may be another's");
	} else if (strcmp(version, HFTOKEN_VERSION) != 0) {
		findings_add(findings, FINDING_WARNING, "%s is hftoken %s, and its helpers %s",
			     path, version, HFTOKEN_VERSION);
		if (in_path && quoted)
			findings_advice(findings, "install it anew, or remove it: rm %s",
					quoted);
		else
			findings_advice(findings, "install hftoken anew: make install");
	}
}

/* Every one that PATH leads to; the first is what people get. */
static void put_in_path(struct findings *findings, const char *own)
{
	AUTOFREE char *folders = strdup(getenv("PATH") ? getenv("PATH") : "");
	char *rest = folders;
	const char *folder;
	AUTOBUF struct buf told = {0};

	while (rest && (folder = strsep(&rest, ":")) != NULL) {
		AUTOFREE char *path = *folder == '/' ? path_join(folder, "hftoken") : NULL;
		AUTOFREE char *real = path ? realpath(path, NULL) : NULL;
		AUTOBUF struct buf line = {0};

		if (!real || access(real, X_OK) < 0 || (own && strcmp(real, own) == 0))
			continue;
		buf_printf(&line, "%s\n", real);
		if (strstr(buf_text(&told), buf_text(&line)))
			continue;
		buf_add_text(&told, buf_text(&line));
		put_version(findings, path, true);
	}
}

void doctor_installation(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	AUTOFREE char *own = doctor_program();
	size_t before = findings->count;

	put_helpers(findings);
	if (own)
		put_version(findings, own, false);
	put_in_path(findings, own);
	if (findings_worst(findings, before) == FINDING_OK)
		findings_add(findings, FINDING_OK, "hftoken %s%s%s", HFTOKEN_VERSION,
			     own ? ", " : "", own ? own : "");
}
