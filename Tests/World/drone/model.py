"""What a Drone server holds. Times are unix seconds, 0: not yet. reference gitea-drone B."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

RIGHTS = {"": 0, "read": 1, "write": 2, "admin": 3}
OPEN = ("waiting_on_dependencies", "pending", "running")
PASSED = ("success", "skipped")


@dataclass
class User:
    id: int
    login: str
    token: str
    admin: bool = False
    # `owner/name` in lower case → a word of RIGHTS.
    rights: dict[str, str] = field(default_factory=dict)


@dataclass
class Commit:
    """`config` is what `.drone.yml` says there; none: there is no such file."""

    sha: str
    message: str
    config: str | None


@dataclass
class Repo:
    id: int
    slug: str
    branches: dict[str, Commit] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    visibility: str = "private"
    branch: str = "main"
    timeout: int = 60
    # For tests that cannot wait for minutes; none: the time-out above.
    timeout_seconds: float | None = None
    trusted: bool = True
    throttle: int = 0
    counter: int = 0
    protected: bool = False
    ignore_forks: bool = False
    ignore_pull_requests: bool = False
    config_path: str = ".drone.yml"
    owner_active: bool = True
    builds: dict[int, Build] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        return self.slug.partition("/")[0]

    @property
    def name(self) -> str:
        return self.slug.partition("/")[2]

    @property
    def seconds(self) -> float:
        return self.timeout * 60 if self.timeout_seconds is None else self.timeout_seconds


@dataclass
class Build:
    id: int
    repo: Repo
    number: int
    status: str
    event: str
    ref: str
    source: str
    commit: Commit
    trigger: str
    sender: str
    params: dict[str, str]
    created: int
    updated: int
    parent: int = 0
    error: str = ""
    action: str = ""
    message: str = ""
    started: int = 0
    finished: int = 0
    version: int = 1
    stages: list[Stage] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass
class Stage:
    id: int
    build: Build
    number: int
    name: str
    type: str
    status: str
    created: int
    updated: int
    os: str = "linux"
    arch: str = "amd64"
    limit: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    depends_on: list[str] = field(default_factory=list)
    on_success: bool = True
    on_failure: bool = False
    machine: str = ""
    exit_code: int = 0
    error: str = ""
    accepted: float = 0
    started: int = 0
    stopped: int = 0
    version: int = 1
    steps: list[Step] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass
class Step:
    """`chunks` are what was written, as it was written: (text, seconds since its start)."""

    id: int
    stage: Stage
    number: int
    name: str
    status: str = "pending"
    exit_code: int = 0
    started: int = 0
    stopped: int = 0
    version: int = 1
    chunks: deque[tuple[str, int]] = field(default_factory=deque)
    size: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
