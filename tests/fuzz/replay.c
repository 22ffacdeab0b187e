/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a harness on files, without a fuzzer: what the fuzzers start from, and what they once found.
 */
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX ((size_t)4 << 20)

static int replay(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *exact;
	size_t size;

	if (!file) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	exact = malloc(size ? size : 1);
	if (!exact)
		return 1;
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	if (!failed)
		(void)printf("%d inputs\n", argc - 1);
	return failed;
}
