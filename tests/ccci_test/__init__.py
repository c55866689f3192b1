"""The small library for recipe authors: what a test of an app needs, over the JSON files that a run names."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .app import abra_tty, assert_converges, exec_in_app, services
from .browser import open_browser, page_text, screenshot
from .http import http_get, http_post, retry_http_get, wait_for_http
from .oidc import client_token, discover, password_token

if TYPE_CHECKING:
    from .deps import dependencies
    from .env import set_env
    from .secret import insert_secret

__all__ = [
    "abra_tty", "assert_converges", "client_token", "dependencies", "discover", "exec_in_app", "http_get", "http_post", "insert_secret", "open_browser",
    "page_text", "password_token", "retry_http_get", "screenshot", "services", "set_env", "wait_for_http",
]

# Modules that are programs too (python3 -m ccci_test.env): Python complains when they are loaded before they are run.
_LATE = {"dependencies": ".deps", "insert_secret": ".secret", "set_env": ".env"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
