#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A download site for tests: index pages and files in micropython.org's grammar, and the ways in which servers misbehave.
# Loopback only, a port of the system's choice, one line a request in a log.
#
# Usage: server.py FOLDER LOG [CERTIFICATE.pem]     prints the port, then serves until standard input ends
#
# FOLDER/download/BOARD, FOLDER/download/port=PORT and FOLDER/resources/firmware/FILE are what is served. FILE.how says how, a
# word with its arguments a line:
#   status N [TIMES]     answers with that status (the first TIMES requests; default: always)
#   retry-after N        says so with the status
#   cut N [TIMES]        the connection ends after N bytes of the body
#   slow N               N bytes, then a pause of 20 ms, and so on
#   stall N [TIMES]      N bytes, then nothing for as long as the client waits
#   say-length N         Content-Length of N, whatever the file's
#   no-length            neither Content-Length nor chunks: the body ends with the connection
#   type T               Content-Type
#   redirect URL         302
#   no-range             the whole file, whatever was asked for
#   any-range            parts of the file without a look at If-Range
#   bare-range           parts of the file without an ETag
#   packed               the file as gzip, though nobody asked for it
#   no-proof             no ETag, no Last-Modified
import gzip
import hashlib
import http.server
import os
import ssl
import sys
import threading
import time
import urllib.parse

root, log_path = sys.argv[1], sys.argv[2]
lock = threading.Lock()
counts = {}
running = 0
most = 0


def read_how(path):
    how = {}
    try:
        with open(path + ".how") as f:
            for line in f:
                words = line.split()
                if words:
                    how[words[0]] = words[1:]
    except FileNotFoundError:
        pass
    return how


def due(how, word, path):
    """The argument of a word that holds for a number of requests."""
    if word not in how:
        return None
    args = how[word]
    key = word, path, os.stat(path + ".how").st_mtime_ns
    with lock:
        n = counts[key] = counts.get(key, 0) + 1
    return int(args[0]) if len(args) < 2 or n <= int(args[1]) else None


def count(by):
    """How many slow answers are under way, and the most that ever were: LOG.most."""
    global running, most
    with lock:
        running += by
        most = max(most, running)
        with open(log_path + ".most", "w") as f:
            f.write(str(most))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, status):
        words = [self.command, self.path, str(status)]
        for name in ("Range", "If-Range", "If-None-Match", "User-Agent"):
            if self.headers.get(name):
                words.append("%s=%s" % (name, self.headers[name]))
        with lock, open(log_path, "a") as f:
            f.write(" ".join(words) + "\n")

    def finish_with(self, status, body=b"", headers=()):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def do_GET(self):
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def answer(self):
        url = urllib.parse.urlsplit(self.path)
        name = url.path + (url.query if url.query else "")
        path = os.path.join(root, name.strip("/"))
        how = read_how(path)
        status = due(how, "status", path)
        if "redirect" in how:
            return self.finish_with(302, headers=[("Location", how["redirect"][0])])
        if status:
            extra = [("Retry-After", how["retry-after"][0])] if "retry-after" in how else []
            return self.finish_with(status, b"<html>no</html>", extra)
        if ".." in path or not os.path.isfile(path):
            return self.finish_with(404, b"<!DOCTYPE html><html>404: there is no such page</html>",
                                    [("Content-Type", "text/html")])
        with open(path, "rb") as f:
            data = f.read()
        etag = '"%s"' % hashlib.md5(data).hexdigest()
        if self.headers.get("If-None-Match") == etag:
            return self.finish_with(304, headers=[("ETag", etag)])
        self.send_file(path, how, data, etag)

    def send_file(self, path, how, data, etag):
        begin, code = 0, 200
        asked = self.headers.get("Range")
        fits = self.headers.get("If-Range") in (None, etag) or "any-range" in how
        if asked and fits and "no-range" not in how:
            begin, code = int(asked[len("bytes="):].rstrip("-")), 206
            if begin >= len(data):
                return self.finish_with(416)
        page = "/download/" in path
        time.sleep(0.05 if not page else 0)
        self.note(code)
        self.send_response(code)
        if "no-proof" not in how and not (code == 206 and "bare-range" in how):
            self.send_header("ETag", etag)
        default = "text/html" if page else "application/octet-stream"
        self.send_header("Content-Type", how.get("type", [default])[0])
        if code == 206:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))
        body = data[begin:]
        if "packed" in how:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if "no-length" in how:
            self.close_connection = True
        else:
            length = int(how["say-length"][0]) if "say-length" in how else len(body)
            self.send_header("Content-Length", str(length))
            if length != len(body):
                self.close_connection = True
        self.end_headers()
        self.send_body(path, how, body)

    def send_body(self, path, how, body):
        cut, stall = due(how, "cut", path), due(how, "stall", path)
        if cut is not None or stall is not None:
            self.wfile.write(body[:cut if cut is not None else stall])
            self.wfile.flush()
            self.close_connection = True
            if stall is not None:
                self.connection.settimeout(60)
                self.rfile.read(1)
        elif "slow" in how:
            step = int(how["slow"][0])
            count(1)
            for at in range(0, len(body), step):
                if at + step >= len(body):  # with the last bytes the client is free for another
                    count(-1)
                self.wfile.write(body[at:at + step])
                self.wfile.flush()
                time.sleep(0.02)
        else:
            self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the tests


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
