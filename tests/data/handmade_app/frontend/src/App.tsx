import { useEffect, useState } from "react";
import { setToken } from "./api/client";
import { Notes } from "./pages/Notes";
import { SignIn } from "./pages/SignIn";
import { Tags } from "./pages/Tags";

export function App() {
  const [hash, setHash] = useState(location.hash);
  const [signedIn, setSignedIn] = useState(false);

  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  const enter = (token: string) => {
    setToken(token);
    setSignedIn(true);
  };

  if (!signedIn) return <SignIn onToken={enter} />;
  return (
    <>
      <nav>
        <a href="#/notes">Notes</a> <a href="#/tags">Tags</a>
        <button onClick={() => setSignedIn(false)}>Sign out</button>
      </nav>
      {hash === "#/tags" ? <Tags /> : <Notes />}
    </>
  );
}
