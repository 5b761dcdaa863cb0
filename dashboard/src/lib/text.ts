// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what is taken out here
/** Text that others wrote, made harmless to look at. It is only ever shown as text. */

const ANSI =
  /[\u001b\u009b](?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[[()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[0-9A-ORZcf-nqry=><~])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Text of programs without terminal sequences and control characters (tabs and line ends stay). */
export function plain(text: string): string {
  return text.replace(ANSI, "").replace(CONTROL, "");
}

/** Bidirectional overrides, made visible: they can make text read as what it is not. */
export function inert(text: string): string {
  return plain(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, "\u2426");
}
