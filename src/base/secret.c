/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Small secrets share one locked area, cut into slots: to map, lock and unmap a page for each costs
 * more than all else that is done with it. Programs of ours have one thread.
 */
#define SLOT_SIZE ((size_t)4096)
#define SLOTS     8

static struct {
	char *data; /* SLOTS * SLOT_SIZE, mapped at the first use and kept to the end */
	bool used[SLOTS];
} pool;

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static char *map_pages(size_t size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	if (data == MAP_FAILED)
		return NULL;
	/* Best effort: a low RLIMIT_MEMLOCK or an old kernel must not stop anybody's work. */
	if (mlock2(data, size, MLOCK_ONFAULT) < 0)
		(void)mlock(data, size);
	(void)madvise(data, size, MADV_DONTDUMP);
	(void)madvise(data, size, MADV_DONTFORK);
	return data;
}

/* A free slot; NULL if all are taken. */
static char *take_slot(void)
{
	if (!pool.data)
		pool.data = map_pages(SLOTS * SLOT_SIZE);
	for (size_t i = 0; pool.data && i < SLOTS; i++) {
		if (!pool.used[i]) {
			pool.used[i] = true;
			return pool.data + i * SLOT_SIZE;
		}
	}
	return NULL;
}

/* False if the memory is no slot. */
static bool return_slot(const char *data)
{
	if (!pool.data || data < pool.data || data >= pool.data + SLOTS * SLOT_SIZE)
		return false;
	pool.used[(size_t)(data - pool.data) / SLOT_SIZE] = false;
	return true;
}

static char *take_memory(size_t wanted, size_t *ret_size)
{
	char *data = wanted <= SLOT_SIZE ? take_slot() : NULL;

	*ret_size = data ? SLOT_SIZE : whole_pages(wanted);
	return data ? data : map_pages(*ret_size);
}

void secret_release(struct secret *secret)
{
	if (secret->data) {
		explicit_bzero(secret->data, secret->mapped);
		if (!return_slot(secret->data))
			(void)munmap(secret->data, secret->mapped);
	}
	*secret = (struct secret) {0};
}

int secret_reserve(struct secret *secret, size_t size)
{
	struct secret larger = {0};
	size_t wanted;

	if (size > SECRET_MAX || secret->size > SECRET_MAX - size)
		return ERR_NO_MEMORY;
	wanted = secret->size + size + 1;
	if (wanted <= secret->mapped)
		return 0;
	/* Doubling keeps a long read from copying (and wiping) the same bytes again and again. */
	if (wanted < 2 * secret->mapped)
		wanted = 2 * secret->mapped;
	larger.data = take_memory(wanted, &larger.mapped);
	if (!larger.data)
		return ERR_NO_MEMORY;
	if (secret->size)
		memcpy(larger.data, secret->data, secret->size);
	larger.size = secret->size;
	secret_release(secret);
	*secret = larger;
	return 0;
}

void secret_grew(struct secret *secret, size_t size)
{
	secret->size += size;
	secret->data[secret->size] = '\0';
}

int secret_add(struct secret *secret, const char *data, size_t size)
{
	int error = secret_reserve(secret, size);

	if (error)
		return error;
	if (size)
		memcpy(secret->data + secret->size, data, size);
	secret_grew(secret, size);
	return 0;
}

int secret_add_text(struct secret *secret, const char *text)
{
	return secret_add(secret, text, strlen(text));
}

int secret_set(struct secret *secret, const char *data, size_t size)
{
	struct secret fresh = {0};
	int error = secret_add(&fresh, data, size);

	if (error)
		return error;
	secret_move(secret, &fresh);
	return 0;
}

void secret_truncate(struct secret *secret, size_t size)
{
	if (size >= secret->size)
		return;
	explicit_bzero(secret->data + size, secret->size - size);
	secret->size = size;
}

static bool is_space(char character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

void secret_trim(struct secret *secret)
{
	size_t start = 0;
	size_t end = secret->size;

	while (end > 0 && is_space(secret->data[end - 1]))
		end--;
	while (start < end && is_space(secret->data[start]))
		start++;
	if (start)
		memmove(secret->data, secret->data + start, end - start);
	secret_truncate(secret, end - start);
}

void secret_move(struct secret *to, struct secret *from)
{
	secret_release(to);
	*to = *from;
	*from = (struct secret) {0};
}

bool secret_equal(const struct secret *one, const struct secret *other)
{
	unsigned char difference = 0;

	if (one->size != other->size)
		return false;
	for (size_t i = 0; i < one->size; i++)
		difference |= (unsigned char)(one->data[i] ^ other->data[i]);
	return difference == 0;
}

void secret_wipe_free(void *pointer)
{
	if (pointer)
		explicit_bzero(pointer, malloc_usable_size(pointer));
	free(pointer);
}
