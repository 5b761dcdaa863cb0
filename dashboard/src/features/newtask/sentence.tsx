import { cx } from "@/ui/cx";
import { TextArea } from "@/ui/form";

const EXAMPLES: readonly [name: string, sentence: string][] = [
  ["Todo list with auth", "Build a REST API for a todo list with user auth and JWT"],
  [
    "URL shortener",
    "Build a URL shortener with click counts and a dashboard that shows the most visited links",
  ],
  [
    "Library loans",
    "Build a library service: members borrow books, a book has one open loan, and overdue loans are listed",
  ],
  ["Expense tracker", "Build an expense tracker API with categories, monthly totals and CSV export"],
];

/** What is wanted. Examples are offered while there is nothing. */
export function Sentence({
  value,
  longest,
  error,
  onChange,
}: {
  value: string;
  longest: number;
  error?: string;
  onChange: (text: string) => void;
}) {
  const left = longest - value.length;
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        label="What is to be built"
        autoFocus
        rows={6}
        required
        placeholder="Build a REST API for …"
        value={value}
        error={error}
        onChange={({ target }) => onChange(target.value)}
        hint={
          <span className={cx("tabular-nums", left < 0 && "font-medium text-bad")}>
            {value.length.toLocaleString("en")} of {longest.toLocaleString("en")} characters
            {left < 0 && `, ${-left} too many`}
          </span>
        }
      />
      {value.trim() === "" && (
        <div className="flex flex-wrap items-center gap-1.5">
          <span className="text-xs text-muted">Examples</span>
          {EXAMPLES.map(([name, sentence]) => (
            <button
              key={name}
              type="button"
              title={sentence}
              onClick={() => onChange(sentence)}
              className="min-h-7 rounded-full border border-line bg-surface px-2.5 text-[13px] text-text hover:bg-sunken"
            >
              {name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
