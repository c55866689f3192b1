import uuid

from ccci_test import http_get, http_post


def test_a_note_can_be_written_and_read(app):
    text = f"custom {uuid.uuid4()}"
    status, _ = http_post(f"{app.url}/notes", {"text": text})
    assert status in (200, 201)
    _, notes = http_get(f"{app.url}/notes")
    assert text in [note["text"] for note in notes]
