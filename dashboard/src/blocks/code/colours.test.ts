import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const css = readFileSync("src/blocks/code/code.css", "utf8");
const [light = "", dark = ""] = css.split('[data-theme="dark"]');

function colours(block: string): [name: string, colour: string][] {
  return [...block.matchAll(/--code-([a-z-]+): (#[0-9a-f]{6});/g)].map((found) => [
    found[1] ?? "",
    found[2] ?? "",
  ]);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

it.each([
  ["light", light],
  ["dark", dark],
])("every colour of code can be read on every ground in the %s theme", (_, block) => {
  const all = colours(block);
  const grounds = all.filter(([name]) => name.startsWith("ground"));
  const texts = all.filter(([name]) => !name.startsWith("ground"));
  expect(grounds.length).toBeGreaterThan(5);
  expect(texts.length).toBeGreaterThan(5);
  const weak = texts.flatMap(([text, colour]) =>
    grounds
      .filter(([, ground]) => contrast(colour, ground) < 4.5)
      .map(([ground, its]) => `${text} on ${ground}: ${contrast(colour, its).toFixed(2)}`),
  );
  expect(weak).toEqual([]);
});
