import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { newTaskWish, wishNewTask } from "@/lib/new-task";
import { json, serve } from "@/testing/events";
import { renderScreen } from "@/testing/screen";
import { GettingStarted } from "./getting-started";

const health = (offline: boolean, model: string) => ({
  status: "ok",
  version: "0.1.0",
  offline,
  models: { planner: model, qa_agent: model },
  config: { autonomy_offline: offline },
});

afterEach(() => wishNewTask(null));

describe("the first screen of a new installation", () => {
  it("opens the form with the sentence that was chosen", async () => {
    serve(() => json(health(true, "offline/scaffold")));
    await renderScreen(<GettingStarted />);
    await userEvent.click(await screen.findByRole("radio", { name: /^Event booking/ }));
    await userEvent.click(screen.getByRole("button", { name: "Build" }));
    expect(newTaskWish()).toMatchObject({ open: true });
    expect(newTaskWish().sentence).toMatch(/^Event booking/);
  });

  it("says honestly what the offline model is, and how to use another", async () => {
    serve(() => json(health(true, "offline/scaffold")));
    await renderScreen(<GettingStarted />);
    expect(await screen.findByText("offline/scaffold")).toBeInTheDocument();
    expect(screen.getByText(/not a language model: it costs nothing/)).toBeInTheDocument();
    expect(screen.getByText(/ANTHROPIC_API_KEY=/)).toBeInTheDocument();
    expect(screen.getByText("AUTONOMY_OFFLINE")).toBeInTheDocument();
  });

  it("says that calls are paid for where a provider's model answers", async () => {
    serve(() => json(health(false, "claude-x")));
    await renderScreen(<GettingStarted />);
    expect(await screen.findByText("claude-x")).toBeInTheDocument();
    expect(screen.getByText(/calls are paid for/)).toBeInTheDocument();
    expect(screen.queryByText(/costs nothing/)).not.toBeInTheDocument();
  });
});
