def test_a_tag_is_made_renamed_and_removed(ann):
    tag = ann.post("/api/tags", json={"name": "home"}).json()
    address = f"/api/tags/{tag['id']}"
    assert ann.patch(address, json={"name": "house"}).json()["name"] == "house"
    assert ann.get(address).json()["name"] == "house"
    assert ann.get("/api/tags").json()["total"] == 1
    assert ann.delete(address).status_code == 204


def test_names_of_tags_are_unique(ann):
    ann.post("/api/tags", json={"name": "home"})
    assert ann.post("/api/tags", json={"name": "home"}).status_code == 409


def test_a_tag_that_notes_use_stays(ann):
    tag = ann.post("/api/tags", json={"name": "home"}).json()
    ann.post("/api/notes", json={"title": "Milk", "tag_ids": [tag["id"]]})
    assert ann.delete(f"/api/tags/{tag['id']}").status_code == 409
