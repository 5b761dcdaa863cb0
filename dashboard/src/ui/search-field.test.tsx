import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { SearchField } from "./search-field";

describe("a search field", () => {
  it("tells what was typed once, a little after the last letter", async () => {
    const onChange = vi.fn();
    render(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    await userEvent.type(screen.getByLabelText("Search"), "abc ");
    expect(onChange).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledOnce());
    expect(onChange).toHaveBeenCalledWith("abc");
  });

  it("tells at once on Enter, and not again", async () => {
    const onChange = vi.fn();
    render(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    await userEvent.type(screen.getByLabelText("Search"), "abc{Enter}");
    expect(onChange).toHaveBeenCalledExactlyOnceWith("abc");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(onChange).toHaveBeenCalledOnce();
  });

  it("follows what is searched for when that changes from outside", () => {
    const onChange = vi.fn();
    const { rerender } = render(<SearchField label="Search" does="Search" value="abc" onChange={onChange} />);
    rerender(<SearchField label="Search" does="Search" value="" onChange={onChange} />);
    expect(screen.getByLabelText("Search")).toHaveValue("");
  });
});
