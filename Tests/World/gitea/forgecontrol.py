"""The forge's own control calls, beside those that every stand-in has (`serving/control.py`).

| call | what |
|---|---|
| `POST /<kind>` | one thing of that kind, or a list of them; kinds and words: `seeds.py`. The answer says what was made |
| `POST /seed` | `{"users": [...], "orgs": [...], …}`: much at once, in the order of `SEEDS` |
| `GET, POST /settings` | the forge's configuration and the switches of deliveries (`Settings`) |
| `GET /comments` | every comment, oldest first; `?repo=owner/name&number=n&author=login` |
| `GET /statuses` | every commit status; `?repo=` |
| `GET /hooks` | every hook with its secret |
| `GET /notified` | whom and what the texts so far mentioned and referred to |
| `GET, DELETE /deliveries` | the history of webhooks |
| `POST /deliveries/release` | sends what `hold_deliveries` held; `{"order": [1, 0]}` |
| `POST /deliveries/{id}/again` | redelivery by hand |
"""

from __future__ import annotations

import shapes
from control import Control, add_seeds, body_of
from deliveries import Deliveries
from forge import Forge
from model import Comment
from seeds import SEEDS
from server import Server
from wire import Request


def forge_control(served: Server, forge: Forge, deliveries: Deliveries) -> Control:
    control = Control(served)
    add_seeds(control, forge, SEEDS, forge.settings)
    add_looking(control, forge)
    add_deliveries(control, deliveries)
    return control


def add_looking(control: Control, forge: Forge) -> None:
    @control.router.add("GET", "/comments")
    async def comments(request: Request, _: dict[str, str]) -> object:
        wanted = request.query
        rows = [row for row in forge.comments.values() if row.kind == "comment" and fits(row, wanted)]
        return [shapes.comment(forge, row) | {"repo": row.issue.repo.full_name, "number": row.issue.number} for row in rows]

    @control.router.add("GET", "/statuses")
    async def statuses(request: Request, _: dict[str, str]) -> object:
        repos = [repo for repo in forge.repos.values() if request.query.get("repo", repo.full_name) == repo.full_name]
        return [shapes.status(forge, row, repo) | {"sha": row.sha, "repo": repo.full_name} for repo in repos for row in repo.statuses]

    @control.router.add("GET", "/hooks")
    async def hooks(_request: Request, _: dict[str, str]) -> object:
        rows = [(repo, hook) for repo in forge.repos.values() for hook in repo.hooks]
        return [shapes.hook(forge, hook) | {"repo": repo.full_name, "secret": hook.secret} for repo, hook in rows]

    @control.router.add("GET", "/notified")
    async def notified(_request: Request, _: dict[str, str]) -> object:
        return forge.notified


def fits(row: Comment, wanted: dict[str, str]) -> bool:
    author = row.author.name if row.author else "Ghost"
    facts = {"repo": row.issue.repo.full_name, "number": str(row.issue.number), "author": author}
    return all(wanted.get(key, value) == value for key, value in facts.items())


def add_deliveries(control: Control, deliveries: Deliveries) -> None:
    @control.router.add("GET", "/deliveries")
    async def history(_request: Request, _: dict[str, str]) -> object:
        return [delivery.json for delivery in deliveries.history]

    @control.router.add("DELETE", "/deliveries")
    async def forget(_request: Request, _: dict[str, str]) -> object:
        deliveries.history.clear()
        return []

    @control.router.add("POST", "/deliveries/release")
    async def release(request: Request, _: dict[str, str]) -> object:
        order = body_of(request).get("order")
        return {"sent": deliveries.release([int(position) for position in order] if isinstance(order, list) else None)}

    @control.router.add("POST", "/deliveries/{id}/again")
    async def again(_request: Request, arguments: dict[str, str]) -> object:
        return deliveries.again(int(arguments["id"])).json
