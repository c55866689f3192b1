from ccci_test import http_get


def test_notes_come_through_the_upgrade(app):
    status, notes = http_get(f"{app.url}/notes")
    assert status == 200
    assert "written before the upgrade" in [note["text"] for note in notes]
