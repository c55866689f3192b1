"""An app that knows nobody by itself: who logs in is asked of an OpenID provider, in the app's own name.

POST /login (username, password) → 200 {"user", "issuer", "client"} or 401. GET / is the health page; it never asks the provider.
The provider's name is not one that a container can resolve here, so that the proxy's task is connected to, with the provider's name in TLS.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ISSUER = os.environ.get("OIDC_ISSUER", "")
CLIENT = os.environ.get("OIDC_CLIENT_ID", "")
PROXY = os.environ["OIDC_PROXY"]


class Provider(http.client.HTTPSConnection):
    def __init__(self, host: str) -> None:
        super().__init__(host, 443, timeout=10, context=ssl.create_default_context(cafile="/run/secrets/oidc_ca"))

    def connect(self) -> None:
        address = socket.create_connection((PROXY, 443), timeout=10)
        self.sock = self._context.wrap_socket(address, server_hostname=self.host)


def ask(method: str, url: str, body: str | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    parts = urlsplit(url)
    connection = Provider(parts.hostname or "")
    try:
        connection.request(method, parts.path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(text) if text else None


def log_in(username: str, password: str) -> tuple[int, Any]:
    status, provider = ask("GET", f"{ISSUER}/.well-known/openid-configuration")
    if status != 200 or provider["issuer"] != ISSUER:
        return 502, {"error": f"the provider answers {status}"}
    secret = Path("/run/secrets/oidc_client").read_text().strip()
    form = {"grant_type": "password", "client_id": CLIENT, "client_secret": secret, "username": username, "password": password, "scope": "openid"}
    status, token = ask("POST", provider["token_endpoint"], urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 200:
        return 401, {"error": token.get("error_description", "refused")}
    status, user = ask("GET", provider["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"})
    if status != 200:
        return 401, {"error": "the token is not accepted"}
    return 200, {"user": user["preferred_username"], "issuer": ISSUER, "client": CLIENT}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def say(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.say(200, {"log in at": "/login"})

    def do_POST(self) -> None:
        form = {key: values[0] for key, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        try:
            self.say(*log_in(form.get("username", ""), form.get("password", "")))
        except OSError as error:
            self.say(502, {"error": f"the provider does not answer: {error}"})


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not ISSUER or not CLIENT:
        sys.exit("FATAL: OIDC_ISSUER and OIDC_CLIENT_ID must be set")
    ThreadingHTTPServer(("", 80), Handler).serve_forever()


main()
