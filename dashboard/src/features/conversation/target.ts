/** `#e123` is the event of that number. */
export function targetOf(hash: string): number | null {
  const found = /^#?e(\d{1,9})$/.exec(hash);
  return found ? Number(found[1]) : null;
}
