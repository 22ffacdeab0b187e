/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server on loopback that gives one canned answer to every request, in a child process. What it
 * was asked is kept in a file of the test's home.
 */
#pragma once

#include "tests/unit/base/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/buf.h"

#define REQUEST_MAX 65536

struct server {
	const char
		*answer; /* NULL: whoami's answer, with the last word of the token as account */
	size_t size;     /* 0: strlen */
	const char *log; /* where the requests go; NULL: "requests" */
	bool silent;     /* accepts, and never answers */
	int port;
	int socket;
	pid_t pid;
};

/* Reads a request with its body. */
static size_t read_request(int fd, char *request)
{
	size_t size = 0;
	ssize_t got;

	while (size < REQUEST_MAX && (got = read(fd, request + size, REQUEST_MAX - size)) > 0) {
		const char *end;
		const char *length;

		size += (size_t)got;
		request[size] = '\0';
		end = strstr(request, "\r\n\r\n");
		length = strcasestr(request, "\r\nContent-Length:");
		if (end && (!length || length > end ||
			    strlen(end + 4) >= strtoul(length + 17, NULL, 10)))
			break;
	}
	return size;
}

static void give_answer(const struct server *server, int fd, const char *request)
{
	const char *bearer = strcasestr(request, "\r\nAuthorization: Bearer ");
	const char *data = server->answer;
	size_t size = server->size;
	char whoami[512];

	if (!data) {
		char token[128] = "";
		char body[256];

		if (bearer)
			(void)sscanf(bearer + 24, "%127s", token);
		(void)snprintf(body, sizeof(body), "{\"name\":\"%.100s\",\"auth\":{}}",
			       *token ? strrchr(token, '_') + 1 : "nobody");
		(void)snprintf(whoami, sizeof(whoami),
			       "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
			       body);
		data = whoami;
	}
	if (!size)
		size = strlen(data);
	while (size > 0) {
		ssize_t written = write(fd, data, size);

		if (written <= 0)
			return;
		data += written;
		size -= (size_t)written;
	}
}

static int converse(const struct server *server, int fd, int log)
{
	static char request[REQUEST_MAX + 1];
	size_t size = read_request(fd, request);

	(void)alarm(CHILD_SECONDS);
	if (write(log, request, size) != (ssize_t)size)
		return 1;
	give_answer(server, fd, request);
	(void)shutdown(fd, SHUT_WR);
	while (read(fd, request, REQUEST_MAX) > 0)
		;
	return 0;
}

/* A process for each connection: the client may keep one open while it waits for another. */
static int serve(void *user)
{
	const struct server *server = user;
	int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(server->socket, NULL, NULL);

		if (fd < 0 || log < 0 || write(log, "CONNECTED\n", 10) != 10)
			return 1;
		if (server->silent)
			continue;
		if (fork() == 0)
			_exit(converse(server, fd, log));
		(void)close(fd);
	}
}

static void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	if (!server->log)
		server->log = "requests";
	write_text(server->log, "", 0600);
	server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->socket >= 0);
	assert_int_equal(bind(server->socket, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->socket, 64), 0);
	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	server->pid = start_child(serve, server);
}

static void server_stop(struct server *server)
{
	if (server->pid > 0) {
		(void)kill(server->pid, SIGKILL);
		(void)end_child(server->pid);
		(void)close(server->socket);
	}
	server->pid = 0;
}
#define AUTOSERVER CLEANUP(server_stop)

/* "http://127.0.0.1:PORT" and more. */
static const char *url_of(const struct server *server, const char *path)
{
	static char urls[8][256];
	static unsigned next;
	char *url = urls[next++ % 8];

	(void)snprintf(url, sizeof(urls[0]), "http://127.0.0.1:%d%s", server->port, path);
	return url;
}

/* All requests so far, for the caller to free(). */
UNUSED static char *requests_of(const struct server *server)
{
	return read_bytes(server->log, NULL);
}

UNUSED static size_t connections_of(const struct server *server)
{
	char *text = requests_of(server);
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, "CONNECTED\n")) != NULL; at++)
		count++;
	free(text);
	return count;
}
