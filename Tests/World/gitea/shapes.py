"""The forge's things as JSON. Field sets: reference gitea-drone E."""

from __future__ import annotations

from forge import Forge
from model import ADMIN, GHOST_ID, WRITE, Account, Comment, Hook, Issue, Pull, Repository, Status
from times import text_of

Json = dict[str, object]
NEVER = "0001-01-01T00:00:00Z"


def time_of(forge: Forge, when: int) -> str:
    return text_of(when, forge.zone)


def optional_time(forge: Forge, when: int) -> str | None:
    return text_of(when, forge.zone) if when else None


def user(forge: Forge, account: Account | None) -> Json:
    """A deleted user is Ghost, number -1 (A.3)."""
    name = account.name if account else "Ghost"
    value: Json = {"id": account.id if account else GHOST_ID, "login": name}
    if forge.version.since(1, 20):
        value |= {"login_name": "", "source_id": 0}
    value |= {"full_name": account.full_name if account else "", "email": f"{name.lower()}@noreply.localhost"}
    value |= {"avatar_url": f"{forge.root_url}/avatars/{name.lower()}"}
    if forge.version.since(1, 20):
        value |= {"html_url": f"{forge.root_url}/{name}"}
    value |= {"language": "", "is_admin": False, "last_login": NEVER, "created": time_of(forge, 1_700_000_000), "restricted": False}
    value |= {"active": False, "prohibit_login": False, "location": "", "website": "", "description": "", "visibility": "public"}
    return value | {"followers_count": 0, "following_count": 0, "starred_repos_count": 0, "username": name}


def repository(forge: Forge, repo: Repository, mode: int) -> Json:
    clone = f"{forge.root_url}/{repo.full_name}"
    return {
        "id": repo.id, "owner": user(forge, repo.owner), "name": repo.name, "full_name": repo.full_name, "description": "", "empty": False,
        "private": repo.private, "fork": repo.fork_of is not None, "html_url": clone, "clone_url": f"{clone}.git", "default_branch": "main",
        "archived": repo.archived, "has_issues": repo.issues_on, "has_pull_requests": repo.pulls_on,
        "permissions": {"admin": mode >= ADMIN, "push": mode >= WRITE, "pull": True},
    }


def html_url(forge: Forge, issue: Issue) -> str:
    kind = "pulls" if issue.is_pull else "issues"
    return f"{forge.root_url}/{issue.repo.full_name}/{kind}/{issue.number}"


def comment(forge: Forge, row: Comment) -> Json:
    """`pull_request_url` is a page's address and no API's; of the two one is empty (A.3)."""
    page = html_url(forge, row.issue)
    value: Json = {
        "id": row.id, "html_url": f"{page}#issuecomment-{row.id}", "pull_request_url": page if row.issue.is_pull else "",
        "issue_url": "" if row.issue.is_pull else page, "user": user(forge, row.author), "original_author": row.original_author,
        "original_author_id": 0, "body": row.body,
    }
    if forge.version.since(1, 18):
        value["assets"] = []
    return value | {"created_at": time_of(forge, row.created), "updated_at": time_of(forge, row.updated)}


def timeline_entry(forge: Forge, row: Comment) -> Json:
    return {"id": row.id, "type": row.kind, **{key: value for key, value in comment(forge, row).items() if key not in ("id", "assets")}}


def issue(forge: Forge, item: Issue) -> Json:
    pull = item.pull and {
        "merged": bool(item.pull.merged_at), "merged_at": optional_time(forge, item.pull.merged_at), "draft": item.pull.draft,
        "html_url": html_url(forge, item),
    }
    repo = item.repo
    return {
        "id": item.id, "url": f"{forge.root_url}/api/v1/repos/{repo.full_name}/issues/{item.number}", "html_url": html_url(forge, item),
        "number": item.number, "user": user(forge, item.author), "original_author": "", "original_author_id": 0, "title": item.title,
        "body": item.body, "ref": "", "assets": [], "labels": [], "milestone": None, "assignee": None, "assignees": None,
        "state": item.state, "is_locked": item.locked, "comments": item.comments, "created_at": time_of(forge, item.created),
        "updated_at": time_of(forge, item.updated), "closed_at": optional_time(forge, item.closed_at), "due_date": None, "time_estimate": 0,
        "pull_request": pull,
        "repository": {"id": repo.id, "name": repo.name, "owner": repo.owner.name, "full_name": repo.full_name}, "pin_order": 0,
    }


def pull_request(forge: Forge, item: Issue) -> Json:
    """`url` is the page's, as `html_url` (A.5)."""
    assert item.pull
    page, pull, since_22 = html_url(forge, item), item.pull, forge.version.since(1, 22)
    value: Json = {
        "id": item.id, "url": page, "number": item.number, "user": user(forge, item.author), "title": item.title, "body": item.body,
        "labels": [], "milestone": None, "assignee": None, "assignees": [], "requested_reviewers": [], "state": item.state, "is_locked": item.locked,
        "comments": item.comments, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch",
        "mergeable": item.state == "open",
        "merged": bool(pull.merged_at), "merged_at": optional_time(forge, pull.merged_at),
        "merge_commit_sha": pull.head_sha if pull.merged_at else None, "merged_by": None, "allow_maintainer_edit": False,
        "base": base(forge, item, pull), "head": head(forge, item, pull), "merge_base": pull.base_sha, "due_date": None,
        "created_at": time_of(forge, item.created), "updated_at": time_of(forge, item.updated),
        "closed_at": optional_time(forge, item.closed_at),
    }
    if since_22:
        value |= {"draft": pull.draft, "additions": 1, "deletions": 1, "changed_files": 1, "requested_reviewers_teams": [], "pin_order": 0}
    return value


def base(forge: Forge, item: Issue, pull: Pull) -> Json:
    repo = repository(forge, item.repo, 1)
    return {"label": pull.base_ref, "ref": pull.base_ref, "sha": pull.base_sha, "repo_id": item.repo.id, "repo": repo}


def head(forge: Forge, item: Issue, pull: Pull) -> Json:
    """The three kinds of A.5: a branch; a branch or fork that is gone; AGit, without a label. The sha is right in all."""
    hidden = f"refs/pull/{item.number}/head"
    if pull.agit:
        repo = repository(forge, item.repo, 1)
        return {"label": "", "ref": hidden, "sha": pull.head_sha, "repo_id": item.repo.id, "repo": repo}
    if pull.head_repo is None:
        return {"label": pull.head_ref, "ref": hidden, "sha": pull.head_sha, "repo_id": -1, "repo": None}
    ref = hidden if pull.branch_gone else pull.head_ref
    repo = repository(forge, pull.head_repo, 1)
    return {"label": pull.head_ref, "ref": ref, "sha": pull.head_sha, "repo_id": pull.head_repo.id, "repo": repo}


def status(forge: Forge, row: Status, repo: Repository) -> Json:
    """What came in as `state` goes out as `status` (E)."""
    return {
        "id": row.id, "status": row.state, "target_url": row.target_url, "description": row.description,
        "url": f"{forge.root_url}/api/v1/repos/{repo.full_name}/statuses/{row.sha}", "context": row.context,
        "creator": user(forge, row.creator), "created_at": time_of(forge, row.created), "updated_at": time_of(forge, row.created),
    }


def hook(forge: Forge, row: Hook) -> Json:
    """Never with its secret (A.7)."""
    return {
        "id": row.id, "type": "gitea", "branch_filter": row.branch_filter, "config": {"content_type": row.content_type, "url": row.url},
        "events": row.events, "authorization_header": row.authorization_header, "active": row.active,
        "updated_at": time_of(forge, row.updated), "created_at": time_of(forge, row.created),
    }


def reaction(forge: Forge, content: str, account: Account, when: int) -> Json:
    return {"user": user(forge, account), "content": content, "created_at": time_of(forge, when)}
