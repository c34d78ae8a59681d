"""A proxy before an S3 server on loopback, which fails as stores and networks do: it answers 500, slowly, or breaks off in the middle."""

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><AWSAccessKeyId>{key}</AWSAccessKeyId>
<StringToSign>AWS4-HMAC-SHA256 {key}</StringToSign></Error>"""

FAILS = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"""


class Proxy:
    """Passes requests on to a port. `fault(method, path, number)` says what becomes of a request: nothing, or the name of a fault."""

    def __init__(self, port):
        self.upstream = port
        self.fault = None
        self.requests = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def passed(self):
                with proxy.lock:
                    proxy.requests.append((self.command, self.path, self.headers.get("Range")))
                    number = len(proxy.requests)
                    fault = proxy.fault and proxy.fault(self.command, self.path, number)
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                if fault == "500":
                    return self.answered(500, [], FAILS.encode())
                if fault == "403":
                    key = self.headers.get("Authorization", "").split("Credential=")[-1].split("/")[0]
                    return self.answered(403, [], DENIED.format(key=key).encode())
                if fault == "slow":
                    time.sleep(0.4)
                if fault == "dropped":
                    self.close_connection = True
                    return self.connection.close()
                upstream = http.client.HTTPConnection("127.0.0.1", proxy.upstream, timeout=60)
                upstream.request(self.command, self.path, body, {name: value for name, value in self.headers.items()})
                answer = upstream.getresponse()
                content = answer.read()
                kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("transfer-encoding", "content-length", "connection")]
                upstream.close()
                if self.command == "HEAD":
                    kept.append(("Content-Length", answer.getheader("Content-Length") or "0"))
                self.answered(answer.status, kept, content, cut=fault == "cut")

            def answered(self, status, headers, content, cut=False):
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("server", "date"):
                        self.send_header(name, value)
                if self.command != "HEAD":
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                # What follows the head of an answer to HEAD would be taken for the next answer.
                if self.command != "HEAD":
                    self.wfile.write(content[: len(content) // 2] if cut else content)
                if cut:
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.close()

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = passed

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # connections that were closed on purpose

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def with_fault(self, fault):
        """Forgets the requests before, and fails the next ones so."""
        self.requests, self.fault = [], fault
