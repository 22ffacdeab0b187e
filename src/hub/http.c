/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http.h"

#include <curl/curl.h>
#include <dirent.h>
#include <malloc.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "hub/http_trouble.h"

#define TICK_MS      100
#define CA_FOLDER    "/etc/ssl/certs"
#define HTTP_URL_MAX ((size_t)4096)

/* ---- memory that is wiped when freed ---------------------------------------------------------- */

/* realloc() would leave the old copy behind. */
static void *wipe_realloc(void *pointer, size_t size)
{
	void *fresh = malloc(size);
	size_t old = pointer ? malloc_usable_size(pointer) : 0;

	if (!fresh)
		return NULL;
	if (old)
		memcpy(fresh, pointer, old < size ? old : size);
	secret_wipe_free(pointer);
	return fresh;
}

static int use_curl(struct err *err)
{
	static bool ready;

	if (ready)
		return 0;
	/* It would write the keys of our connections into a file. */
	(void)unsetenv("SSLKEYLOGFILE");
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, secret_wipe_free, wipe_realloc,
				 strdup, calloc) != CURLE_OK)
		return err_set(err, ERR_FAILED, "cannot start libcurl");
	ready = true;
	return 0;
}

/* ---- certificates ----------------------------------------------------------------------------- */

static bool is_hashed_folder(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!folder)
		return false;
	while (!found && (entry = readdir(folder)) != NULL) {
		size_t size = strlen(entry->d_name);

		found = size > 2 && strcmp(entry->d_name + size - 2, ".0") == 0;
	}
	(void)closedir(folder);
	return found;
}

/* The variables of curl and OpenSSL; else the hashed folder, three times faster than the bundle. */
static void set_certificates(CURL *curl)
{
	const char *bundle = getenv("CURL_CA_BUNDLE");
	const char *folder = getenv("SSL_CERT_DIR");

	if (!bundle || !*bundle)
		bundle = getenv("SSL_CERT_FILE");
	if (bundle && *bundle) {
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	} else if (folder && *folder) {
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	} else if (is_hashed_folder(CA_FOLDER)) {
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, CA_FOLDER);
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	}
}

/* ---- one transfer ----------------------------------------------------------------------------- */

struct transfer {
	struct http_call *call;
	CURL *curl;
	struct curl_slist *headers;
	char origin[ENDPOINT_SIZE];
	size_t header_size; /* of what came so far */
	bool too_long;
};

void http_call_release(struct http_call *call)
{
	secret_release(&call->answer);
}

static size_t on_body(char *data, size_t unit, size_t count, void *user)
{
	struct transfer *transfer = user;
	size_t max = transfer->call->body_max ? transfer->call->body_max : HTTP_BODY_MAX;
	size_t size = unit * count;

	if (transfer->call->answer.size + size > max ||
	    secret_add(&transfer->call->answer, data, size)) {
		transfer->too_long = true;
		secret_release(&transfer->call->answer);
		return 0;
	}
	return size;
}

static void take_header(const char *line, size_t size, const char *name, char *ret,
			size_t capacity)
{
	size_t name_size = strlen(name);

	if (size <= name_size || strncasecmp(line, name, name_size) != 0 ||
	    line[name_size] != ':')
		return;
	line += name_size + 1;
	size -= name_size + 1;
	while (size > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n'))
		size--;
	if (size >= capacity)
		size = capacity - 1;
	memcpy(ret, line, size);
	ret[size] = '\0';
}

static size_t on_header(char *line, size_t unit, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct http_call *call = transfer->call;
	size_t size = unit * count;

	transfer->header_size += size;
	if (transfer->header_size > HTTP_HEADERS_MAX) {
		transfer->too_long = true;
		return 0;
	}
	take_header(line, size, "X-Error-Code", call->error_code, sizeof(call->error_code));
	take_header(line, size, "X-Error-Message", call->error_message,
		    sizeof(call->error_message));
	take_header(line, size, "Retry-After", call->retry_after, sizeof(call->retry_after));
	take_header(line, size, "RateLimit", call->rate_limit, sizeof(call->rate_limit));
	take_header(line, size, "Location", call->location, sizeof(call->location));
	take_header(line, size, "X-Request-Id", call->request_id, sizeof(call->request_id));
	take_header(line, size, "Date", call->date, sizeof(call->date));
	take_header(line, size, "X-Repo-Commit", call->commit, sizeof(call->commit));
	return size;
}

static bool add_header(struct transfer *transfer, const char *line)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);

	if (longer)
		transfer->headers = longer;
	return longer != NULL;
}

static int add_headers(struct transfer *transfer, struct err *err)
{
	const struct http_call *call = transfer->call;
	AUTOSECRET struct secret line = {0};

	if (!add_header(transfer, "Accept: application/json"))
		return err_no_memory(err);
	/* Waiting for "100 Continue" would only cost a second. */
	if (call->body && (!add_header(transfer, "Content-Type: application/json") ||
			   !add_header(transfer, "Expect:")))
		return err_no_memory(err);
	if (!call->token)
		return 0;
	if (strpbrk(secret_text(call->token), "\r\n\t "))
		return err_set(err, ERR_FAILED,
			       "the token has a space, a line break or another "
			       "stray character in it");
	if (secret_add_text(&line, "Authorization: Bearer ") ||
	    secret_add(&line, secret_text(call->token), call->token->size) ||
	    !add_header(transfer, secret_text(&line)))
		return err_no_memory(err);
	return 0;
}

static int set_options(struct transfer *transfer, deadline_ms deadline)
{
	const struct http_call *call = transfer->call;
	CURL *curl = transfer->curl;
	bool loopback = endpoint_is_loopback(transfer->origin);
	CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(curl, CURLOPT_##option, value)
	SET(URL, call->url);
	SET(PROTOCOLS_STR, loopback ? "http,https" : "https");
	SET(FOLLOWLOCATION, 0L);
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(NOSIGNAL, 1L);
	SET(NOPROGRESS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	SET(QUICK_EXIT, 1L); /* a resolver that hangs is not waited for */
#endif
	SET(PATH_AS_IS, 1L);
	SET(USERAGENT, "hftoken/" HFTOKEN_VERSION);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* Over TLS the handshake tells whether one connection will do; else each has its own. */
	SET(PIPEWAIT, text_starts_with(transfer->origin, "https:") ? 1L : 0L);
	SET(CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	SET(TIMEOUT_MS, (long)(deadline_left(deadline) > 0 ? deadline_left(deadline) : 1));
	SET(HTTPHEADER, transfer->headers);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, transfer);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, transfer);
	SET(PRIVATE, transfer);
	if (loopback)
		SET(PROXY, "");
	if (call->head)
		SET(NOBODY, 1L);
	if (call->body) {
		SET(POST, 1L);
		SET(POSTFIELDSIZE, (long)call->body->size);
		SET(POSTFIELDS, secret_text(call->body));
	}
#undef SET
	set_certificates(curl);
	return code ? ERR_FAILED : 0;
}

static void end_transfer(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->curl);
	curl_slist_free_all(transfer->headers);
	transfer->curl = NULL;
	transfer->headers = NULL;
}

static int begin_transfer(struct transfer *transfer, deadline_ms deadline)
{
	struct err *err = &transfer->call->err;
	int error;

	if (strlen(transfer->call->url) > HTTP_URL_MAX)
		return err_set(err, ERR_NETWORK, "URL is too long");
	error = endpoint_of_url(transfer->call->url, transfer->origin, err);
	if (error)
		return error;
	transfer->curl = curl_easy_init();
	if (!transfer->curl)
		return err_no_memory(err);
	error = add_headers(transfer, err);
	if (!error && set_options(transfer, deadline))
		error = err_set(err, ERR_FAILED, "libcurl does not know an option");
	return error;
}

/* ---- the end of it ---------------------------------------------------------------------------- */

static enum http_silence silence_of(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return HTTP_NO_HOST;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return HTTP_NO_PROXY;
	case CURLE_COULDNT_CONNECT:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		return HTTP_NO_CONNECTION;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIME_OUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CONNECT_ERROR:
		return HTTP_NO_TRUST;
	default:
		return HTTP_NO_SENSE;
	}
}

static int explain(const struct transfer *transfer, CURLcode code)
{
	struct http_call *call = transfer->call;
	char *peer = NULL;
	struct http_failure failure = {.silence = silence_of(code),
				       .too_long = transfer->too_long,
				       .broke_off = code != CURLE_COULDNT_CONNECT,
				       .certificate = code != CURLE_SSL_CONNECT_ERROR,
				       .words = curl_easy_strerror(code),
				       .host = endpoint_host(transfer->origin)};

	(void)curl_easy_getinfo(transfer->curl, CURLINFO_HTTP_CONNECTCODE,
				&failure.connect_status);
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_PRIMARY_IP, &peer);
	failure.peer = peer ? peer : "";
	return http_explain(&failure, &call->silence, &call->err);
}

static void finish(CURLM *multi, const CURLMsg *message)
{
	CURLcode code = message->data.result;
	struct transfer *transfer;
	char *private;

	if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
		return;
	transfer = (struct transfer *)(void *)private;
	(void)curl_multi_remove_handle(multi, transfer->curl);
	if (code == CURLE_OK)
		(void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE,
					&transfer->call->status);
	transfer->call->error = code == CURLE_OK ? 0 : explain(transfer, code);
	trace("http %s: %s, status %ld", transfer->call->url,
	      code == CURLE_OK ? "answered" : transfer->call->err.message,
	      transfer->call->status);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static int run(CURLM *multi, void (*tick)(void), struct err *err)
{
	int running = 1;

	while (running) {
		const CURLMsg *message;
		int queued;

		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return err_set(err, ERR_FAILED, "libcurl failed");
		while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
			if (message->msg == CURLMSG_DONE)
				finish(multi, message);
		}
		if (running && curl_multi_poll(multi, NULL, 0, TICK_MS, NULL) != CURLM_OK)
			return err_set(err, ERR_FAILED, "libcurl failed");
		if (running && tick)
			tick();
	}
	return 0;
}

static int perform(struct transfer *transfers, struct http_call *calls, size_t count,
		   deadline_ms deadline, void (*tick)(void), struct err *err)
{
	CURLM *multi = curl_multi_init();
	int error;

	if (!multi)
		return err_no_memory(err);
	(void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)HTTP_CONNECTIONS);
	for (size_t i = 0; i < count; i++) {
		transfers[i].call = &calls[i];
		if (!calls[i].url)
			continue;
		calls[i].error = begin_transfer(&transfers[i], deadline);
		if (!calls[i].error &&
		    curl_multi_add_handle(multi, transfers[i].curl) != CURLM_OK)
			calls[i].error = err_no_memory(&calls[i].err);
	}
	error = run(multi, tick, err);
	for (size_t i = 0; i < count; i++) {
		if (transfers[i].curl)
			(void)curl_multi_remove_handle(multi, transfers[i].curl);
		end_transfer(&transfers[i]);
	}
	(void)curl_multi_cleanup(multi);
	return error;
}

int http_perform(struct http_call *calls, size_t count, deadline_ms deadline,
		 void (*tick)(void), struct err *err)
{
	AUTOFREE struct transfer *transfers = calloc(count + 1, sizeof(*transfers));
	int error = transfers ? use_curl(err) : err_no_memory(err);

	return error ? error : perform(transfers, calls, count, deadline, tick, err);
}
