import { useQuery } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { answer as answered, api } from "@/api/client";
import { apiKey, setApiKey } from "@/api/key";
import { renderApp } from "@/testing/app";
import { json, serve } from "@/testing/events";
import { until } from "@/testing/until";
import { KeyDialog } from "./key-dialog";

const WRONG = "The service did not take the key that was given.";

/** A page with one question, and what the service answers to each key that it is asked with. */
async function page(answer: (key: string | null) => Promise<Response> | Response) {
  const Page = () => {
    const { data: who } = useQuery({ queryKey: ["who"], queryFn: () => answered(api.GET("/whoami")) });
    return (
      <>
        <p>{who?.name}</p>
        <KeyDialog />
      </>
    );
  };
  const asked = serve((_, request) => answer(request.headers.get("X-API-Key")));
  await renderApp(<Page />);
  return asked;
}

afterEach(() => setApiKey(null));

test("a key is tried before it is said that the service did not take it", async () => {
  let answer: (response: Response) => void = () => undefined;
  const refusal = () => json({ title: "No", detail: "no such key", status: 401 }, 401);
  const late = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const asked = await page((key) =>
    key === "good" ? json({ name: "Ada" }) : key === "bad" ? late : refusal(),
  );
  const field = await screen.findByLabelText("API key");
  expect(screen.queryByText(WRONG)).toBeNull();

  await userEvent.type(field, "bad{Enter}");
  await until(() => expect(asked).toHaveLength(2));
  const button = await screen.findByRole("button", { name: "Continue" });
  expect(button).toHaveAttribute("aria-busy", "true");
  expect(screen.queryByText(WRONG)).toBeNull();
  await userEvent.type(field, "ly{Enter}"); // nothing is sent while a key is being tried
  expect(apiKey()).toBe("bad");

  answer(refusal());
  await screen.findByText(WRONG);
  expect(button).not.toHaveAttribute("aria-busy");
  await userEvent.clear(field);
  await userEvent.type(field, "good{Enter}");
  await screen.findByText("Ada");
  await until(() => expect(screen.queryByRole("dialog")).toBeNull());
});
