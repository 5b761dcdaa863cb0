import { useEffect, useState, type FormEvent } from "react";
import { api, type Note } from "../api/client";

export function Notes() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [problem, setProblem] = useState("");

  const load = async () => setNotes((await api.GET("/api/notes", { params: { query: { sort: "title" } } })).data?.items ?? []);
  useEffect(() => void load(), []);

  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title"));
    const { error } = await api.POST("/api/notes", { body: { title, pinned: false, tag_ids: [] } });
    setProblem(error ? "This note cannot be saved" : "");
    await load();
  };

  const remove = async (note: Note) => {
    await api.DELETE("/api/notes/{note_id}", { params: { path: { note_id: note.id } } });
    await load();
  };

  return (
    <>
      <h1>Notes</h1>
      <form onSubmit={add}>
        <label>Title <input name="title" required maxLength={120} /></label>
        <button>Save</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      <table>
        <tbody>
          {notes.map((note) => (
            <tr key={note.id}>
              <td>{note.title}</td>
              <td><button onClick={() => void remove(note)}>Delete</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
