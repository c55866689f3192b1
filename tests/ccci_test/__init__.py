"""The small library for recipe authors: what a test of an app needs, over the JSON files that a run names."""

from .http import http_get, http_post, retry_http_get, wait_for_http

__all__ = ["http_get", "http_post", "retry_http_get", "wait_for_http"]
