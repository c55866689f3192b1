"""The small library for recipe authors: what a test of an app needs, over the JSON files that a run names."""

from .app import abra_tty, assert_converges, exec_in_app, services
from .browser import open_browser, page_text, screenshot
from .deps import dependencies
from .env import set_env
from .http import http_get, http_post, retry_http_get, wait_for_http
from .oidc import client_token, discover, password_token
from .secret import insert_secret

__all__ = [
    "abra_tty", "assert_converges", "client_token", "dependencies", "discover", "exec_in_app", "http_get", "http_post", "insert_secret", "open_browser",
    "page_text", "password_token", "retry_http_get", "screenshot", "services", "set_env", "wait_for_http",
]
