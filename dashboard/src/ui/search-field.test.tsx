import { render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { pass, stillTime } from "@/testing/still";
import { SearchField } from "./search-field";

describe("a search field", () => {
  it("tells what was typed once, a little after the last letter", async () => {
    const user = stillTime();
    const onChange = vi.fn();
    render(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    await user.type(screen.getByLabelText("Search"), "abc ");
    pass(299);
    expect(onChange).not.toHaveBeenCalled();
    pass(1);
    expect(onChange).toHaveBeenCalledExactlyOnceWith("abc");
  });

  it("tells at once on Enter, and not again", async () => {
    const user = stillTime();
    const onChange = vi.fn();
    render(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    await user.type(screen.getByLabelText("Search"), "abc{Enter}");
    expect(onChange).toHaveBeenCalledExactlyOnceWith("abc");
    pass(400);
    expect(onChange).toHaveBeenCalledOnce();
  });

  it("follows what is searched for when that changes from outside", () => {
    const onChange = vi.fn();
    const { rerender } = render(<SearchField label="Search" does="Search" value="abc" onChange={onChange} />);
    rerender(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    expect(screen.getByLabelText("Search")).toHaveValue("");
  });
});
