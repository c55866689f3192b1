from ccci_test import http_get


def texts(app):
    status, notes = http_get(f"{app.url}/notes")
    assert status == 200
    return [note["text"] for note in notes]


def test_what_the_backup_held_is_back(app):
    assert "written before the backup" in texts(app)


def test_what_came_after_the_backup_is_gone(app):
    assert "written after the backup" not in texts(app)


def test_the_restore_was_of_this_run(op_state):
    assert op_state["restore"]["snapshot"] == op_state["backup"]["snapshot"]
