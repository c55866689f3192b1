"""Keycloak's place: its admin API, its OpenID endpoints, its data in a volume.

What of the real one is kept, as its documentation and its answers have it:
- an admin token lives 60 s, and is taken with the password grant of the client admin-cli in the realm master;
- POST /admin/realms takes a whole realm with its clients and users; 409 when it exists; DELETE is 204, then 404;
- GET /admin/realms shows attributes, save with briefRepresentation=true;
- a user without e-mail address and names is "not fully set up" and gets no token by the password grant;
- the issuer is the address under which it was asked, as a proxy names it;
- its data moves forward with the version at the first start, and never back: an older version refuses what a newer one wrote.

KEYCLOAK_FAULT=after-migration: it moves the data forward, and then ends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

DATA = Path("/data/realms.json")
# 26.0 is 1, 26.1 is 2, 27.0 is 11. Format 1 has the realms at the top; each later one names itself, with the realms below.
FORMAT = (lambda major, minor: (major - 26) * 10 + minor + 1)(*map(int, os.environ["KEYCLOAK_VERSION"].split(".")[:2]))
ADMIN_TOKEN_LIFE = 60
TOKEN_LIFE = 300
PROTOCOL = "/protocol/openid-connect"
LOCK = threading.Lock()

Realm = dict[str, Any]


class Answer(Exception):
    """What is answered: a status and a JSON value, or nothing."""

    def __init__(self, status: int, value: Any = None, location: str | None = None) -> None:
        super().__init__(status)
        self.status, self.value, self.location = status, value, location


def refused(status: int, error: str, description: str | None = None) -> Answer:
    value = {"error": error}
    if description:
        value["error_description"] = description
    return Answer(status, value)


def content() -> tuple[int, dict[str, Realm]]:
    """The format of the data, and the realms."""
    value = json.loads(DATA.read_text()) if DATA.exists() else {}
    return (value["format"], value["realms"]) if isinstance(value.get("format"), int) else (1, value)


def load() -> dict[str, Realm]:
    return content()[1]


def store(realms: dict[str, Realm]) -> None:
    fresh = DATA.with_suffix(".new")
    fresh.write_text(json.dumps(realms if FORMAT == 1 else {"format": FORMAT, "realms": realms}, indent=2))
    os.replace(fresh, DATA)


def migrate() -> None:
    """Forward; never back."""
    found, realms = content()
    if found > FORMAT:
        sys.exit(f"FATAL: the data has format {found}, Keycloak {os.environ['KEYCLOAK_VERSION']} knows {FORMAT}")
    if DATA.exists() and found < FORMAT:
        print(f"moving the data from format {found} to {FORMAT}", flush=True)
        store(realms)
    if os.environ.get("KEYCLOAK_FAULT") == "after-migration":
        sys.exit("FATAL: cannot start the server: no such theme")


def first_start() -> None:
    """The realm master with its administrator; the key that signs tokens."""
    realms = load()
    if "master" in realms:
        return
    password = Path(os.environ["KEYCLOAK_ADMIN_PASSWORD_FILE"]).read_text().strip()
    admin = {
        "username": os.environ.get("KEYCLOAK_ADMIN", "admin"), "enabled": True, "email": "admin@localhost", "firstName": "a", "lastName": "b",
        "credentials": [{"type": "password", "value": password}],
    }
    client = {"clientId": "admin-cli", "publicClient": True, "directAccessGrantsEnabled": True, "enabled": True}
    realms["master"] = {"realm": "master", "enabled": True, "attributes": {}, "clients": [client], "users": [admin], "key": secrets.token_hex(32)}
    store(realms)


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(realm: Realm, claims: dict[str, Any]) -> str:
    head = encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = encoded(json.dumps(claims).encode())
    mark = hmac.new(bytes.fromhex(realm["key"]), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{encoded(mark)}"


def claims_of(realm: Realm, token: str, issuer: str) -> dict[str, Any]:
    try:
        head, body, mark = token.split(".")
        expected = hmac.new(bytes.fromhex(realm["key"]), f"{head}.{body}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(encoded(expected), mark):
            raise ValueError
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        raise refused(401, "invalid_token", "Token verification failed") from None
    if claims["iss"] != issuer or claims["exp"] < time.time():
        raise refused(401, "invalid_token", "Token verification failed")
    return claims


def client_of(realm: Realm, form: dict[str, str]) -> dict[str, Any]:
    client = next((c for c in realm.get("clients", []) if c["clientId"] == form.get("client_id") and c.get("enabled", True)), None)
    if client is None:
        raise refused(401, "invalid_client", "Invalid client or Invalid client credentials")
    if not client.get("publicClient") and not hmac.compare_digest(client.get("secret", ""), form.get("client_secret", "")):
        raise refused(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    return client


def user_of(realm: Realm, form: dict[str, str]) -> dict[str, Any]:
    user = next((u for u in realm.get("users", []) if u["username"] == form.get("username") and u.get("enabled")), None)
    secret = next((c["value"] for c in (user or {}).get("credentials", []) if c["type"] == "password"), None)
    if user is None or secret is None or not hmac.compare_digest(secret, form.get("password", "")):
        raise refused(401, "invalid_grant", "Invalid user credentials")
    if not all(user.get(key) for key in ("email", "firstName", "lastName")):
        raise refused(400, "invalid_grant", "Account is not fully set up")
    return user


def token_answer(realm: Realm, form: dict[str, str], issuer: str) -> Answer:
    client = client_of(realm, form)
    claims: dict[str, Any] = {"iss": issuer, "azp": client["clientId"], "iat": int(time.time())}
    match form.get("grant_type"):
        case "password":
            if not client.get("directAccessGrantsEnabled"):
                raise refused(400, "unauthorized_client", "Client not allowed for direct access grants")
            user = user_of(realm, form)
            claims |= {"preferred_username": user["username"], "sub": user.get("id", user["username"]), "email": user["email"]}
        case "client_credentials":
            if client.get("publicClient") or not client.get("serviceAccountsEnabled"):
                raise refused(401, "unauthorized_client", "Client not enabled to retrieve service account")
            claims |= {"preferred_username": f"service-account-{client['clientId']}", "sub": client["clientId"]}
        case _:
            raise refused(400, "unsupported_grant_type", "Unsupported grant_type")
    life = ADMIN_TOKEN_LIFE if realm["realm"] == "master" else TOKEN_LIFE
    token = signed(realm, claims | {"exp": time.time() + life})
    return Answer(200, {"access_token": token, "expires_in": life, "token_type": "Bearer", "id_token": token, "scope": form.get("scope", "")})


def discovery(issuer: str) -> Answer:
    base = f"{issuer}{PROTOCOL}"
    return Answer(200, {
        "issuer": issuer, "token_endpoint": f"{base}/token", "userinfo_endpoint": f"{base}/userinfo", "authorization_endpoint": f"{base}/auth",
        "jwks_uri": f"{base}/certs", "grant_types_supported": ["password", "client_credentials"],
    })


def shown(realm: Realm, brief: bool) -> Realm:
    hidden = {"users", "clients", "key"} | ({"attributes"} if brief else set())
    return {key: value for key, value in realm.items() if key not in hidden}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "keycloak"

    def log_message(self, format: str, *arguments: Any) -> None:
        print(format % arguments, flush=True)

    def answer(self, method: str) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            with LOCK:
                raise self.route(method, urlsplit(self.path), body)
        except Answer as answer:
            data = b"" if answer.value is None else json.dumps(answer.value).encode()
            self.send_response(answer.status)
            if answer.location:
                self.send_header("Location", answer.location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def base(self) -> str:
        return f"{self.headers.get('X-Forwarded-Proto', 'http')}://{self.headers.get('X-Forwarded-Host') or self.headers['Host']}"

    def route(self, method: str, url: Any, body: bytes) -> Answer:
        realms = load()
        if method == "GET" and url.path == "/":
            return Answer(302, None, "/admin/")
        if method == "GET" and url.path == "/admin/":
            return Answer(200, {"welcome": True})
        if found := re.fullmatch(r"/realms/([^/]+)(/.*)?", url.path):
            return self.open_id(method, realms, found[1], found[2] or "", body)
        if found := re.fullmatch(r"/admin/realms(?:/([^/]+))?(/users|/clients)?", url.path):
            self.require_admin(realms)
            query = parse_qs(url.query)
            return self.admin(method, realms, found[1], (found[2] or "").lstrip("/"), query.get("briefRepresentation") == ["true"], body)
        raise Answer(404, {"error": "Unable to find matching target resource method"})

    def open_id(self, method: str, realms: dict[str, Realm], name: str, rest: str, body: bytes) -> Answer:
        realm = realms.get(name)
        if realm is None or not realm.get("enabled"):
            raise Answer(404, {"error": "Realm does not exist"})
        issuer = f"{self.base()}/realms/{name}"
        match (method, rest):
            case ("GET", "/.well-known/openid-configuration"):
                return discovery(issuer)
            case ("POST", p) if p == f"{PROTOCOL}/token":
                return token_answer(realm, {key: values[0] for key, values in parse_qs(body.decode()).items()}, issuer)
            case ("GET", p) if p == f"{PROTOCOL}/userinfo":
                claims = claims_of(realm, self.bearer(), issuer)
                return Answer(200, {key: claims[key] for key in ("sub", "preferred_username", "email") if key in claims})
        raise Answer(404, {"error": "HTTP 404 Not Found"})

    def bearer(self) -> str:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Answer(401, {"error": "HTTP 401 Unauthorized"})
        return token

    def require_admin(self, realms: dict[str, Realm]) -> None:
        try:
            claims = claims_of(realms["master"], self.bearer(), f"{self.base()}/realms/master")
        except Answer:
            raise Answer(401, {"error": "HTTP 401 Unauthorized"}) from None
        if claims["azp"] != "admin-cli":
            raise Answer(403, {"error": "HTTP 403 Forbidden"})

    def admin(self, method: str, realms: dict[str, Realm], name: str | None, part: str, brief: bool, body: bytes) -> Answer:
        if name is None:
            if method == "GET":
                return Answer(200, [shown(realm, brief) for realm in realms.values()])
            if method == "POST":
                return self.create(realms, json.loads(body))
            raise Answer(405, {"error": "HTTP 405 Method Not Allowed"})
        if name not in realms:
            raise Answer(404, {"error": "Realm not found."})
        if part and method == "GET":
            return Answer(200, [{k: v for k, v in row.items() if k != "credentials"} for row in realms[name].get(part, [])])
        if method == "DELETE" and not part:
            del realms[name]
            store(realms)
            return Answer(204)
        if method == "GET" and not part:
            return Answer(200, shown(realms[name], False))
        raise Answer(405, {"error": "HTTP 405 Method Not Allowed"})

    def create(self, realms: dict[str, Realm], realm: Realm) -> Answer:
        name = realm.get("realm", "")
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name):
            raise Answer(400, {"errorMessage": "Realm name is not valid"})
        if name in realms:
            raise Answer(409, {"errorMessage": "Conflict detected. See logs for details"})
        realms[name] = {"enabled": False, "attributes": {}} | realm | {"key": secrets.token_hex(32)}
        store(realms)
        return Answer(201, None, f"{self.base()}/admin/realms/{name}")

    def do_GET(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_DELETE(self) -> None:
        self.answer("DELETE")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    DATA.parent.mkdir(parents=True, exist_ok=True)
    migrate()
    first_start()
    print(f"Keycloak {os.environ['KEYCLOAK_VERSION']} listens", flush=True)
    ThreadingHTTPServer(("", 80), Handler).serve_forever()


main()
