/* SPDX-License-Identifier: MIT
 *
 * Why a transfer failed, in words that say what to do about it.
 */
#include <stdlib.h>
#include <string.h>

#include "net/transfer.h"

void url_show(const char *url, struct strbuf *out)
{
	const char *host = strstr(url, "://"), *end, *at = NULL;

	if (host) {
		host += 3;
		end = host + strcspn(host, "/?#");
		for (const char *p = host; p < end; p++)
			at = *p == '@' ? p : at;
	}
	if (!at) {
		strbuf_add_shown(out, url, 300);
		return;
	}
	strbuf_add(out, url, (size_t)(host - url));
	strbuf_add_shown(out, at + 1, 300);
}

/* --- TLS ------------------------------------------------------------------------------------------------------ */

/* What the certificate's check said, where libcurl is built with OpenSSL: numbers of X509_verify_cert_error_string. */
enum {
	NOT_YET_VALID = 9,
	EXPIRED = 10,
	SELF_SIGNED = 18,
	SELF_SIGNED_IN_CHAIN = 19,
	NO_ISSUER = 20
};

static void explain_certificate(const struct transfer *t, struct err *e)
{
	long verdict = 0;

	curl_lib.curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
	switch (verdict) {
	case NOT_YET_VALID:
	case EXPIRED:
		err_set(e, "the server's certificate is %s",
			verdict == EXPIRED ? "out of date" : "not yet valid");
		err_hint(e, "look whether this machine's clock is right (`date`)");
		return;
	case SELF_SIGNED:
	case SELF_SIGNED_IN_CHAIN:
	case NO_ISSUER:
		err_set(e, "the server's certificate is signed by nobody that this machine trusts");
		err_hint(
			e,
			"install the system's certificates (Debian: ca-certificates); for a server or "
			"proxy of your own, name its certificate with SSL_CERT_FILE=FILE.pem");
		return;
	}
	err_set(e, "the server's certificate is not accepted: %s", t->why);
	err_hint(
		e,
		"is it the right server? A proxy or a login page of the network may have answered");
}

/* --- the network ---------------------------------------------------------------------------------------------- */

static const char see_network[] =
	"is the network there? A proxy is named by https_proxy=http://HOST:PORT";

/* Whether a connection was there. */
static bool was_connected(const struct transfer *t)
{
	curl_off_t us = 0;

	curl_lib.curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &us);
	return us > 0;
}

static bool explain_time(struct transfer *t, struct err *e)
{
	if (was_connected(t)) {
		err_set(e, "the server sent nothing for %d s", t->opt->stalled_s);
		return true;
	}
	err_set(e, "no connection within %d s", t->opt->connect_s);
	err_hint(e, "%s", see_network);
	t->f->no_contact = true;
	return false;
}

static bool explain_cut(const struct transfer *t, struct err *e)
{
	if (t->f->total)
		err_set(e, "the connection was cut after %llu of %llu bytes",
			(unsigned long long)t->part.size, (unsigned long long)t->f->total);
	else
		err_set(e, "the connection was cut");
	return true;
}

static bool explain_network(struct transfer *t, CURLcode code, struct err *e)
{
	const char *why = t->why[0] ? t->why : curl_lib.curl_easy_strerror(code);

	switch (code) {
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return explain_cut(t, e);
	case CURLE_OPERATION_TIMEDOUT:
		return explain_time(t, e);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		t->f->no_contact = true;
		err_set(e, "%s", why);
		return err_hint(e, "%s", see_network);
	case CURLE_PEER_FAILED_VERIFICATION:
		t->f->no_contact = true;
		explain_certificate(t, e);
		return false;
	case CURLE_SSL_CACERT_BADFILE:
		t->f->no_contact = true;
		err_set(e, "the trusted certificates cannot be read: %s", why);
		return err_hint(e, "look at CURL_CA_BUNDLE and SSL_CERT_FILE");
	case CURLE_SSL_CONNECT_ERROR:
		t->f->no_contact = true;
		err_set(e, "no encrypted connection: %s", why);
		return err_hint(e, "does the server speak https at this address?");
	case CURLE_TOO_MANY_REDIRECTS:
		return err_set(e, "the server redirects in circles (more than 5 times)");
	case CURLE_UNSUPPORTED_PROTOCOL:
		err_set(e, "the address, or where it leads, is not http:// or https://: %s", why);
		return err_hint(e, "from https nothing leads back to http");
	default:
		return err_set(e, "%s", why);
	}
}

/* --- answers -------------------------------------------------------------------------------------------------- */

static bool explain_status(const struct transfer *t, struct err *e)
{
	int status = t->answer.status;

	switch (status) {
	case 404:
	case 410:
		return err_set(e, "there is no such file on the server (HTTP status %d)", status);
	case 401:
	case 403:
		return err_set(e, "the server does not give it to us (HTTP status %d)", status);
	case 407:
		err_set(e, "the proxy wants a name and a password (HTTP status 407)");
		return err_hint(e, "https_proxy=http://NAME:PASSWORD@HOST:PORT");
	}
	err_set(e, "the server answered with HTTP status %d", status);
	return status == 408 || status == 429 || status >= 500;
}

bool transfer_explain(struct transfer *t, CURLcode code, struct err *e)
{
	if (code != CURLE_OK)
		return explain_network(t, code, e);
	return explain_status(t, e);
}
