"""What differs from one version of Gitea to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    text: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.text)[:3])

    def since(self, *numbers: int) -> bool:
        return self.numbers >= numbers

    @property
    def bad_token_is_refused(self) -> bool:
        return self.since(1, 22)  # reference gitea-drone A.1

    @property
    def has_scopes(self) -> bool:
        return self.since(1, 20)  # A.1

    @property
    def git_takes_tokens(self) -> bool:
        return self.since(1, 25)  # A.1: seen in its source; 1.15 takes Basic only

    @property
    def has_owner_filter(self) -> bool:
        return self.since(1, 16)  # A.4

    @property
    def counts_comments(self) -> bool:
        return self.since(1, 16)  # A.2

    @property
    def has_timeline(self) -> bool:
        return self.since(1, 17)  # go-gitea/gitea pull request 17403

    @property
    def status_needs_write(self) -> bool:
        return self.since(1, 17) or self.numbers[:2] == (1, 16) and self.since(1, 16, 9)  # A.2

    @property
    def members_need_token(self) -> bool:
        return self.since(1, 20)  # A.6

    @property
    def member_redirect(self) -> int:
        return 303 if self.since(1, 22) else 302  # A.6

    @property
    def repo_redirect(self) -> int:
        return 301 if self.since(1, 16) else 302  # A.1

    @property
    def sets_cookie(self) -> bool:
        return not self.since(1, 16)  # A.1

    @property
    def has_event_type_header(self) -> bool:
        return self.since(1, 16)  # A.7

    @property
    def limits_hosts(self) -> bool:
        return self.since(1, 16)  # A.7

    @property
    def payload_has_pull(self) -> bool:
        return self.since(1, 23)  # A.7
