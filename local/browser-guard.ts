import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** The names under which a program of this machine reaches a listener on 127.0.0.1, with any port (a tunnel has its own). */
const OWN_HOST = /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i;

/**
 * Keeps web pages away from the stand-ins, which ask for no password: what a browser sends for a page carries an Origin
 * or Sec-Fetch-Site, and a page that had its own name resolve to 127.0.0.1 (DNS rebinding) sends that name as Host. There
 * is no own origin to admit, since no listener serves pages; an uploaded HTML file must not count as one.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 *
 * @returns why the request is refused, in one sentence; undefined for one that is let in
 */
export function refusalOf(headers: IncomingHttpHeaders): string | undefined {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host === undefined || !OWN_HOST.test(host)) {
    return `Requests for the host "${host ?? ''}" are refused: use 127.0.0.1 or localhost.`;
  }
  if (origin !== undefined) return `Requests of web pages are refused, here of ${origin}.`;
  // "none" is what a person typed into the address bar.
  if (site !== undefined && site !== 'none') {
    return `Requests of web pages are refused, here a ${site} one.`;
  }
  return undefined;
}

/** Answers a refused request with 403. @returns whether it was refused */
export function refuseBrowsers(request: IncomingMessage, response: ServerResponse): boolean {
  const refusal = refusalOf(request.headers);
  if (refusal === undefined) return false;
  // The rest of the body is not worth waiting for.
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${refusal}\n`);
  return true;
}
