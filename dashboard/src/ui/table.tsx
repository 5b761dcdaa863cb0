import type { ReactNode } from "react";

/** A table that scrolls sideways in a box of its own rather than with the page. */
export function Table({
  label,
  head,
  sorted,
  children,
}: {
  label: string;
  head: ReactNode[];
  /** By column, where rows are in its order. */
  sorted?: ("ascending" | "descending" | undefined)[];
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div role="region" aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full border-collapse text-left [&_td]:border-t [&_td]:border-line [&_td]:px-3 [&_td]:py-2 [&_td]:align-top [&_th]:px-3 [&_th]:py-2 [&_th]:text-xs [&_th]:font-medium [&_th]:text-muted [&_th]:whitespace-nowrap">
        <thead>
          <tr>
            {head.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
              <th key={column} scope="col" aria-sort={sorted?.[column]}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
