"""What a forge holds. Times are unix seconds; ids are the forge's own, one row of numbers a kind."""

from __future__ import annotations

from dataclasses import dataclass, field

GHOST_ID = -1
NONE, READ, WRITE, ADMIN = range(4)
MODES = {"none": NONE, "read": READ, "write": WRITE, "admin": ADMIN}


@dataclass
class Token:
    """`scopes` are none for a token of before 1.20, that may do all its user may."""

    text: str
    scopes: tuple[str, ...] | None = None

    def has(self, level: str, category: str) -> bool:
        wanted = {"all", f"write:{category}", f"{level}:{category}"}
        return self.scopes is None or bool(wanted & set(self.scopes))

    @property
    def public_only(self) -> bool:
        return self.scopes is not None and "public-only" in self.scopes


@dataclass
class Account:
    """A user or an organisation: both are owners, and share one space of names and numbers."""

    id: int
    name: str
    is_org: bool = False
    full_name: str = ""
    admin: bool = False
    password: str = ""
    two_factor: bool = False
    tokens: list[Token] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    # Of an organisation: lower-case login → who it is there.
    members: dict[str, Membership] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.name.lower()


@dataclass
class Membership:
    public: bool = False
    mode: int = READ


@dataclass
class Repository:
    id: int
    owner: Account
    name: str
    private: bool = False
    archived: bool = False
    issues_on: bool = True
    pulls_on: bool = True
    collaborators: dict[str, int] = field(default_factory=dict)
    fork_of: Repository | None = None
    commits: set[str] = field(default_factory=set)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    gone: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.owner.name}/{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        return self.owner.key, self.name.lower()


@dataclass
class Pull:
    """What makes an issue a pull request. `head_repo` is none once the fork is gone."""

    head_ref: str
    head_sha: str
    head_repo: Repository | None
    base_ref: str
    base_sha: str
    agit: bool = False
    branch_gone: bool = False
    draft: bool = False
    merged_at: int = 0


@dataclass
class Issue:
    id: int
    repo: Repository
    number: int
    title: str
    author: Account
    created: int
    updated: int
    body: str = ""
    state: str = "open"
    locked: bool = False
    closed_at: int = 0
    comments: int = 0
    pull: Pull | None = None

    @property
    def is_pull(self) -> bool:
        return self.pull is not None


@dataclass
class Comment:
    """A row of the timeline; `kind` is `comment` for what people write, else the event's name."""

    id: int
    issue: Issue
    author: Account | None
    body: str
    created: int
    updated: int
    kind: str = "comment"
    original_author: str = ""
    reactions: list[tuple[str, Account, int]] = field(default_factory=list)


@dataclass
class Status:
    id: int
    sha: str
    state: str
    target_url: str
    description: str
    context: str
    creator: Account
    created: int


@dataclass
class Hook:
    id: int
    url: str
    content_type: str
    secret: str
    events: list[str]
    active: bool
    branch_filter: str
    authorization_header: str
    created: int
    updated: int
