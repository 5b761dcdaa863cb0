import pytest


@pytest.fixture
def note(ann):
    return ann.post("/api/notes", json={"title": "Milk", "body": "Two litres"}).json()


def test_a_note_is_written_read_changed_and_removed(ann, note):
    address = f"/api/notes/{note['id']}"
    assert ann.get(address).json() == note
    assert ann.patch(address, json={"pinned": True}).json()["pinned"] is True
    assert ann.delete(address).status_code == 204
    assert ann.get(address).status_code == 404


def test_notes_are_searched_and_filtered(ann, note):
    assert ann.get("/api/notes", params={"q": "milk"}).json()["total"] == 1
    assert ann.get("/api/notes", params={"q": "bread"}).json()["total"] == 0
    assert ann.get("/api/notes", params={"pinned": True}).json()["items"] == []


def test_a_note_of_somebody_else_is_not_there(ann, note, sign_up):
    other = sign_up("bob@example.com")
    assert ann.get(f"/api/notes/{note['id']}", headers=other).status_code == 404
    assert ann.get("/api/notes", headers=other).json()["total"] == 0


def test_an_unknown_tag_is_invalid(ann):
    assert ann.post("/api/notes", json={"title": "Milk", "tag_ids": [99]}).status_code == 422


def test_a_note_needs_a_title(ann):
    assert ann.post("/api/notes", json={"title": ""}).status_code == 422
