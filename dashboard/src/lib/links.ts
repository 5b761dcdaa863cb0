/** Addresses that may be made links of. */

/** `text` when it is an http or https address without a password in it; null for anything else. */
export function httpUrl(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    const web = url.protocol === "http:" || url.protocol === "https:";
    return web && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}

/** What a pull request is called in short: `#12`, or `PR`. */
export function requestName(url: string): string {
  const number = /\/(?:pull|pulls|merge_requests|pull-requests|pullrequest)\/(\d+)/.exec(url)?.[1];
  return number ? `#${number}` : "PR";
}
