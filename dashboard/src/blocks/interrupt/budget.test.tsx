import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { MONEY } from "@/testing/questions";
import { customCap, leastCap, RaiseForm, raises } from "./budget";
import { readTrouble, type Trouble } from "./payload";

const trouble = readTrouble(MONEY) as Trouble;

describe("raising a budget", () => {
  it("offers new caps in all, and one that is enough to the end", () => {
    expect(raises(trouble)).toEqual([
      { label: "+0.25", cap: 0.75 },
      { label: "+0.50", cap: 1 },
      { label: "+1.00", cap: 1.5 },
      { label: "To the end", cap: 1.07 },
    ]);
  });

  it("offers no end that is already paid for", () => {
    expect(raises({ cap: 2, spent: 0.1, rest: { low: 0, high: 0.2, basis: "" } })).toHaveLength(3);
  });

  it("needs room for what is set aside and for the next call", () => {
    expect(leastCap(trouble)).toBe(0.67);
  });

  it("takes an amount as people type it, and says what is wrong with it", () => {
    expect(customCap("$2,5", 0.5).cap).toBe(2.5);
    expect(customCap("0.4", 0.5).wrong).toContain("above $0.50");
    expect(customCap("lots", 0.5).wrong).toContain("not an amount");
    expect(customCap(" ", 0.5)).toEqual({ cap: null, wrong: null });
  });

  it("sends the new cap, not the increase", async () => {
    const onRaise = vi.fn();
    render(<RaiseForm trouble={trouble} busy={false} fieldError={null} onRaise={onRaise} />);
    await userEvent.click(screen.getByRole("radio", { name: /\+0.50/ }));
    await userEvent.click(screen.getByRole("button", { name: "Raise to $1.00" }));
    expect(onRaise).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("warns when the chosen cap is below what the next call may need", async () => {
    render(
      <RaiseForm trouble={{ ...trouble, needed: 0.9 }} busy={false} fieldError={null} onRaise={vi.fn()} />,
    );
    await userEvent.click(screen.getByRole("radio", { name: /\+0.25/ }));
    expect(screen.getByText(/may stop again/)).toBeInTheDocument();
  });
});
