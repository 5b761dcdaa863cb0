import { useEffect, useState, type FormEvent } from "react";
import { api, type Tag } from "../api/client";

export function Tags() {
  const [tags, setTags] = useState<Tag[]>([]);
  const [problem, setProblem] = useState("");

  const load = async () => setTags((await api.GET("/api/tags")).data?.items ?? []);
  useEffect(() => void load(), []);

  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    const { error } = await api.POST("/api/tags", { body: { name } });
    setProblem(error ? "There is a tag of that name" : "");
    await load();
  };

  return (
    <>
      <h1>Tags</h1>
      <form onSubmit={add}>
        <label>Name <input name="name" required maxLength={40} /></label>
        <button>Save</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      <ul>{tags.map((tag) => <li key={tag.id}>{tag.name}</li>)}</ul>
    </>
  );
}
