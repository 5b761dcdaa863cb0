import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { LongText, Messages } from "./texts";

describe("a text of a call", () => {
  it("shows its beginning first and all of it on request", async () => {
    render(<LongText label="Answer" text={`${"a".repeat(6_000)}END`} />);
    expect(screen.getByRole("region", { name: "Answer" })).not.toHaveTextContent("END");
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(screen.getByRole("region", { name: "Answer" })).toHaveTextContent(/END$/);
  });

  it("is inert: markup stays text, terminal sequences go, overrides are made visible", () => {
    render(<LongText label="Answer" text={"<img src=x onerror=alert(1)>\u001b[31mred\u001b[0m\u202eevil"} />);
    const region = screen.getByRole("region", { name: "Answer" });
    expect(region.querySelector("img")).toBeNull();
    expect(region).toHaveTextContent("<img src=x onerror=alert(1)>red\u2426evil");
  });

  it("opens the last message of a prompt and leaves the others closed", () => {
    render(
      <Messages
        messages={[
          { role: "system", content: "who you are" },
          { role: "user", content: "what to do" },
        ]}
      />,
    );
    expect(screen.getByText("what to do")).toBeInTheDocument();
    expect(screen.queryByText("who you are")).toBeNull();
  });
});
