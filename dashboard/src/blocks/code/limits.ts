/** Which texts are shown with line numbers and colours, and how much is shown of those that are too large for it. */

const MOST_CHARS = 1_000_000;
const LONGEST_LINE = 20_000;
const SHOWN_PLAIN = 100_000;

/** Why `text` is shown as plain text; null when nothing stands against the viewer. */
export function whyPlain(text: string): string | null {
  if (text.length > MOST_CHARS) return "This file is larger than 1 MB";
  if (hasLongLine(text)) return "A line of this file is longer than 20,000 characters";
  return null;
}

function hasLongLine(text: string): boolean {
  for (let from = 0; from <= text.length; ) {
    const end = text.indexOf("\n", from);
    if ((end === -1 ? text.length : end) - from > LONGEST_LINE) return true;
    if (end === -1) return false;
    from = end + 1;
  }
  return false;
}

export interface Beginning {
  text: string;
  /** Characters that are not shown. */
  left: number;
}

export function beginning(text: string): Beginning {
  return { text: text.slice(0, SHOWN_PLAIN), left: Math.max(0, text.length - SHOWN_PLAIN) };
}
