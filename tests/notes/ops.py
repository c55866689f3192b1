"""Data that the ops must keep: written before each, looked for behind it by the tests of that tier."""

from ccci_test import http_post, wait_for_http


def _write(domain, text):
    wait_for_http(f"https://{domain}/")
    status, _ = http_post(f"https://{domain}/notes", {"text": text})
    assert status in (200, 201), f"POST /notes answers {status}"


def pre_upgrade(domain, meta):
    _write(domain, "written before the upgrade")


def pre_backup(domain, meta):
    _write(domain, "written before the backup")


def pre_restore(domain, meta):
    _write(domain, "written after the backup")
