"""Webhooks on their way. reference gitea-drone A.7."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import uuid
from dataclasses import dataclass, field
from fnmatch import fnmatch
from urllib.parse import urlencode, urlsplit

import shapes
from forge import Forge
from model import Account, Comment, Hook

Headers = dict[str, str]


@dataclass
class Delivery:
    """One entry of a hook's history. `status` 0: nobody answered, `reason` says why. Nothing is tried twice."""

    id: int
    hook: Hook
    uuid: str
    headers: Headers
    body: bytes
    status: int = 0
    reason: str = ""
    done: bool = False

    @property
    def json(self) -> dict[str, object]:
        return {
            "id": self.id, "hook": self.hook.id, "url": self.hook.url, "uuid": self.uuid, "headers": self.headers, "body": self.body.decode(),
            "status": self.status, "reason": self.reason, "done": self.done,
        }


@dataclass
class Deliveries:
    forge: Forge
    history: list[Delivery] = field(default_factory=list)
    held: list[Delivery] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def comment_changed(self, action: str, comment: Comment, by: Account, before: str) -> None:
        """A comment on a pull request is `pull_request_comment`; who asked for `issue_comment` alone hears nothing of it."""
        repo = comment.issue.repo
        kind = "pull_request_comment" if comment.issue.is_pull else "issue_comment"
        for hook in repo.hooks:
            if hook.active and kind in hook.events:
                self.send(hook, kind, payload(self.forge, action, comment, by, before))

    def send(self, hook: Hook, kind: str, content: dict[str, object]) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        body = text.encode() if hook.content_type == "json" else urlencode({"payload": text}).encode()
        delivery = Delivery(self.forge.next_id("delivery"), hook, str(uuid.uuid4()), {}, body)
        delivery.headers = headers(self.forge, hook, delivery.uuid, kind, text.encode())
        times = 1
        if self.forge.settings.double_deliveries > 0:
            # Two deliveries under one uuid: seen in 1.15.
            self.forge.settings.double_deliveries -= 1
            times = 2
        for _ in range(times):
            self.queue(Delivery(delivery.id, hook, delivery.uuid, delivery.headers, body))

    def queue(self, delivery: Delivery) -> None:
        self.history.append(delivery)
        if self.forge.settings.hold_deliveries:
            self.held.append(delivery)
        else:
            self.start(delivery)

    def start(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self.deliver(delivery))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def release(self, order: list[int] | None) -> int:
        """Sends what was held, in this order of positions: order is not kept by the real one either."""
        held, self.held = self.held, []
        for position in order if order is not None else range(len(held)):
            self.start(held[position])
        return len(held)

    def again(self, number: int) -> Delivery:
        """By hand, and with a new uuid."""
        old = next(delivery for delivery in self.history if delivery.id == number)
        fresh = str(uuid.uuid4())
        changed = {key: fresh if key.endswith("-Delivery") else value for key, value in old.headers.items()}
        delivery = Delivery(self.forge.next_id("delivery"), old.hook, fresh, changed, old.body)
        self.queue(delivery)
        return delivery

    async def deliver(self, delivery: Delivery) -> None:
        try:
            if not allowed(self.forge, delivery.hook.url):
                raise OSError("webhook can only call allowed HTTP servers")
            delivery.status = await asyncio.wait_for(post(delivery), self.forge.settings.deliver_timeout)
        except (OSError, ValueError, asyncio.IncompleteReadError) as problem:
            delivery.reason = str(problem) or type(problem).__name__
        delivery.done = True


def headers(forge: Forge, hook: Hook, number: str, kind: str, raw: bytes) -> Headers:
    """Hexadecimal HMAC-SHA256 over the raw body; without a secret the header is there and empty."""
    event = "issue_comment" if kind == "pull_request_comment" else kind
    signature = {name: hmac.new(hook.secret.encode(), raw, name).hexdigest() if hook.secret else "" for name in ("sha1", "sha256")}
    content_type = "application/json" if hook.content_type == "json" else "application/x-www-form-urlencoded"
    values = {"Content-Type": content_type, "User-Agent": "Go-http-client/1.1"}
    for name in ("Gitea", "Gogs", "GitHub"):
        values[f"X-{name}-Delivery"], values[f"X-{name}-Event"] = number, event
        if forge.version.has_event_type_header:
            values[f"X-{name}-Event-Type"] = kind
    values |= {"X-Gitea-Signature": signature["sha256"], "X-Gogs-Signature": signature["sha256"]}
    values |= {"X-Hub-Signature": f"sha1={signature['sha1']}", "X-Hub-Signature-256": f"sha256={signature['sha256']}"}
    if hook.authorization_header:
        values["Authorization"] = hook.authorization_header
    return values


def payload(forge: Forge, action: str, comment: Comment, by: Account, before: str) -> dict[str, object]:
    issue, repo = comment.issue, comment.issue.repo
    value: dict[str, object] = {"action": action, "issue": shapes.issue(forge, issue)}
    if issue.is_pull and forge.version.payload_has_pull:
        value["pull_request"] = shapes.pull_request(forge, issue)
    value["comment"] = shapes.comment(forge, comment)
    if action == "edited":
        value["changes"] = {"body": {"from": before}}
    value["repository"] = shapes.repository(forge, repo, 1)
    return value | {"sender": shapes.user(forge, by), "is_pull": issue.is_pull}


def allowed(forge: Forge, url: str) -> bool:
    """`ALLOWED_HOST_LIST`: `external` refuses private and loopback addresses, and says so in the history only."""
    host = urlsplit(url).hostname or ""
    if not forge.version.limits_hosts:
        return True
    kinds = {"loopback": is_loopback(host), "external": not is_private(host)}
    words = [word.strip() for word in forge.settings.allowed_hosts.split(",")]
    return any(kinds[word] if word in kinds else fnmatch(host, word) for word in words)


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return is_loopback(host)


async def post(delivery: Delivery) -> int:
    """The status of the answer. Plain HTTP: what receives here is on loopback."""
    url = urlsplit(delivery.hook.url)
    if url.scheme != "http":
        raise ValueError(f"only plain HTTP is delivered here: {delivery.hook.url}")
    reader, writer = await asyncio.open_connection(url.hostname, url.port or 80)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(delivery.body)}", "Connection: close"]
        lines += [f"{key}: {value}" for key, value in delivery.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + delivery.body)
        await writer.drain()
        words = (await reader.readline()).split(b" ")
        return int(words[1]) if len(words) > 1 else 0
    finally:
        writer.close()
