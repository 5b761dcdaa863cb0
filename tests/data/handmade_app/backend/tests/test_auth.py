def test_an_account_can_sign_in_and_see_itself(ann):
    assert ann.get("/api/auth/me").json()["email"] == "ann@example.com"


def test_a_wrong_password_is_refused(ann):
    assert ann.post("/api/auth/login", json={"email": "ann@example.com", "password": "wrong horse"}).status_code == 401


def test_an_email_is_taken_once(ann):
    again = ann.post("/api/auth/register", json={"email": "ann@example.com", "password": "correct horse"})
    assert again.status_code == 409


def test_without_a_token_nothing_is_shown(visitor):
    assert visitor.get("/api/notes").status_code == 401
    assert visitor.get("/api/tags").status_code == 401
    assert visitor.get("/health").json() == {"status": "ok"}
