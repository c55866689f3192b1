"""The page itself, as a visitor gets it."""

import os
import ssl
import urllib.request


def page(url):
    context = ssl.create_default_context(cafile=os.environ.get("CCCI_CA_FILE") or None)
    with urllib.request.urlopen(url, timeout=10, context=context) as response:
        return response.headers.get_content_type(), response.read().decode()


def test_the_front_page_is_html(app):
    kind, text = page(app.url)
    assert kind == "text/html"
    assert "<h1>" in text.lower()
