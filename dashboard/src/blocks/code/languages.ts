/** Languages by file ending; each is fetched when the first file of its kind is looked at. */

import type { Language, LanguageSupport, StreamParser } from "@codemirror/language";

type Load = () => Promise<LanguageSupport | Language>;

/** A mode that reads line by line: for languages whose whole grammar would be several times as large. */
async function streamed<State>(parser: StreamParser<State>): Promise<Language> {
  return (await import("@codemirror/language")).StreamLanguage.define(parser);
}

const script = (jsx: boolean, typescript: boolean): Load => {
  return async () => (await import("@codemirror/lang-javascript")).javascript({ jsx, typescript });
};
const python: Load = async () => streamed((await import("@codemirror/legacy-modes/mode/python")).python);
const json: Load = async () => (await import("@codemirror/lang-json")).json();
const yaml: Load = async () => (await import("@codemirror/lang-yaml")).yaml();
const html: Load = async () => streamed((await import("@codemirror/legacy-modes/mode/xml")).html);
const css: Load = async () => streamed((await import("@codemirror/legacy-modes/mode/css")).css);
const markdown: Load = async () => streamed((await import("./markdown-mode")).markdown);

const BY_ENDING: Record<string, Load> = {
  py: python,
  pyi: python,
  ts: script(false, true),
  mts: script(false, true),
  tsx: script(true, true),
  js: script(false, false),
  mjs: script(false, false),
  cjs: script(false, false),
  jsx: script(true, false),
  json,
  yaml,
  yml: yaml,
  html,
  htm: html,
  svg: html,
  xml: html,
  css,
  md: markdown,
  markdown,
};

/** What loads the language of the file at `path`; null where there is none. */
export function languageOf(path: string): Load | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(BY_ENDING, ending) ? (BY_ENDING[ending] ?? null) : null;
}
