"""Git over HTTPS on loopback, for those who know the token.

    git_https.py ROOT CERTIFICATE KEY < token

ROOT holds bare repositories. The port is printed on one line; it serves until standard input's end. What the server is asked
is told on standard error: method, path, and whether the token was right; never the token.

While ROOT has a file `hold-unknown`, requests without the token have no answer, while it has `hold-known`, those with it. That one
is held is told by a file `held`.
"""

import base64
import hmac
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time

ROOT, CERTIFICATE, KEY = sys.argv[1:4]
TOKEN = sys.stdin.readline().rstrip("\n")


class Git(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def is_known(self):
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return False
        _, _, password = base64.b64decode(value).decode("utf-8", "replace").partition(":")
        return hmac.compare_digest(password.encode(), TOKEN.encode())

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def hold(self, who):
        gate = os.path.join(ROOT, "hold-" + who)
        if os.path.exists(gate):
            open(os.path.join(ROOT, "held"), "w").close()
        while os.path.exists(gate):
            time.sleep(0.02)

    def answer(self):
        path, _, query = self.path.partition("?")
        body = self.body()
        known = self.is_known()
        who = "known" if known else "unknown"
        print(self.command, path, who, file=sys.stderr, flush=True)
        self.hold(who)
        if not known:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": ROOT,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "*",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": "test",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.decode().split(": ", 1) for line in head.split(b"\r\n") if b": " in line]
        status = next((value for name, value in headers if name == "Status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Git)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
