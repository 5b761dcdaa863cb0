import { useState, type FormEvent } from "react";
import { api } from "../api/client";

export function SignIn({ onToken }: { onToken: (token: string) => void }) {
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState("");

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { email: String(form.get("email")), password: String(form.get("password")) };
    if (isNew) {
      const made = await api.POST("/api/auth/register", { body });
      if (made.error) return setProblem("This account cannot be made");
    }
    const { data } = await api.POST("/api/auth/login", { body });
    if (!data) return setProblem("Wrong email or password");
    onToken(data.access_token);
  };

  return (
    <form onSubmit={submit}>
      <h1>{isNew ? "Create account" : "Sign in"}</h1>
      <label>Email <input name="email" type="email" required /></label>
      <label>Password <input name="password" type="password" required minLength={8} /></label>
      {problem && <p role="alert">{problem}</p>}
      <button>{isNew ? "Create account" : "Sign in"}</button>
      {!isNew && <a href="#/new" onClick={() => setIsNew(true)}>Create account</a>}
    </form>
  );
}
