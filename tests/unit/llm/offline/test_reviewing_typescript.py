"""The offline reviewer reads TypeScript by its tokens, so that comments and texts are not taken for code."""

import pytest

from llm.offline.reviewing.typescript import tokenize
from tests.unit.llm.offline.review_samples import said

PAGE = "frontend/src/pages/Notes.tsx"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("const a = <div dangerouslySetInnerHTML={{ __html: note.body }} />;", "dangerouslySetInnerHTML puts text"),
        ("const props = { dangerouslySetInnerHTML: { __html: body } };", "dangerouslySetInnerHTML puts text"),
        ("element.innerHTML = note.title;", "innerHTML puts text"),
        ("element.innerHTML += `<b>${note.title}</b>`;", "innerHTML puts text"),
        ("list.insertAdjacentHTML('beforeend', row);", "insertAdjacentHTML puts text"),
        ("document.write(title);", "document.write puts text"),
        ("const x = eval(code);", "eval runs text"),
        ("const f = new Function('a', body);", "eval runs text"),
        ("setTimeout('refresh()', 100);", "a timer runs text"),
        ("localStorage.setItem('token', token);", "kept in localStorage"),
        ("window.localStorage.setItem(KEY, session.accessToken);", "kept in localStorage"),
        ("localStorage['jwt'] = value;", "kept in localStorage"),
        ("localStorage.authToken = value;", "kept in localStorage"),
        ("const note: any = await load();", "`any` switches"),
        ("const notes = data as any;", "`any` switches"),
        ("function show(rows: Array<any>) {}", "`any` switches"),
        ("const map: Record<string, any> = {};", "`any` switches"),
        ("// @ts-ignore\nrender(note.titel);", "a check is silenced"),
        ("/* eslint-disable */\nrender();", "a check is silenced"),
        ("fetch(`/api/notes?token=${token}`);", "the token stands in a URL"),
        ('fetch("/api/notes?limit=5&access_token=" + token);', "the token stands in a URL"),
        ('const link = <a href="javascript:void(0)">x</a>;', "a link runs text"),
        ("const API_KEY = 'abcd1234efgh5678';", "a secret stands in the code"),
        ("const config = { password: 'hunter2-hunter2' };", "a secret stands in the code"),
        ("const key = 'AKIAIOSFODNN7EXAMPLE';", "a secret stands in the code"),
        ("try { await save(); } catch (error) {}", "an error is swallowed"),
        ("save().catch(() => {});", "an error is swallowed"),
        ("other.postMessage(session, '*');", "any origin"),
        ("console.log(notes);", "debugging output"),
        ("debugger;", "debugger"),
        ("const text = `${eval(code)}`;", "eval runs text"),
        ("const p = <p>It's {eval(code)} o'clock</p>;", "eval runs text"),
    ],
)  # fmt: skip
def test_what_must_not_stand_in_typescript_is_found(code: str, words: str) -> None:
    assert any(words in line for line in said({PAGE: code})), said({PAGE: code})


@pytest.mark.parametrize(
    "code",
    [
        "// innerHTML = x; eval(x); any: any; localStorage.setItem('token', t)",
        "/* never use dangerouslySetInnerHTML={...}, nor: any */ const a = 1;",
        "const help = \"Do not use eval(x), : any or console.log(x)\";",
        "const help = `innerHTML = ${name} as any`;",
        "const html = element.innerHTML;\nif (element.innerHTML === '') stop();",
        "const token = localStorage.getItem('token'); localStorage.removeItem('token');",
        "localStorage.setItem('theme', 'dark');",
        "sessionStorage.setItem(KEY, token);",
        "const company = { any: 1, many: 2 };\nconst isAny = rows.some((row) => row.any);",
        "// anything: any kind of note, see https://example.org/a?token=1\nconst x: unknown = 1;",
        "const url = `/api/notes?limit=${limit}&q=${encodeURIComponent(q)}`;",
        "const label = { password: 'Password', token: 'Token' };",
        "<label>Password <input name=\"password\" type=\"password\" autoComplete=\"current-password\" /></label>",
        "model.evaluate(x); retrieval(x); const medieval = (x: number) => x;",
        "try { save(); } catch (error) { setProblem(error); }",
        "const { data } = await api.GET('/api/notes/{note_id}', { params: { path: { note_id: 1 } } });",
        "setTimeout(() => refresh(), 100);",
        "it's {rows.map((row) => <td key={row.id}>Don't say \"any\"</td>)}",
        "const path = 'https://example.org'; // see any page",
        "console.error(problem);",
    ],
)  # fmt: skip
def test_texts_comments_and_look_alikes_are_left_alone(code: str) -> None:
    assert said({PAGE: code}) == []


def test_tests_and_generated_types_are_not_reviewed() -> None:
    assert said({"frontend/src/a.test.tsx": "const a: any = 1;", "frontend/src/api/schema.d.ts": "type A = any;"}) == []


def test_tokens_keep_their_places() -> None:
    text = "a('x') // c\n`t${b + `u${1}`}v` /* d */ e"
    source = tokenize(text)
    assert len(source.code) == len(text)
    assert source.code.count("\n") == text.count("\n")
    assert [string.said for string in source.strings] == ["x", "u${}", "t${}v"]
    assert [comment.said for comment in source.comments] == ["// c", "/* d */"]
    assert "b + " in source.code
    assert " e" in source.code
