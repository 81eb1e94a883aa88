// An HTTP request as its handler sees it, whatever version of HTTP it came by.
import type { Endpoint } from '../lib/endpoint.ts';

/** One request, and the way to answer it. */
export interface HttpRequest {
  readonly remote: Endpoint;
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** The value of a header, where the request has it once; `name` in lower case. */
  header(name: string): string | undefined;
  /** Hands over the body as it comes, then `undefined`. To be called at once or not at all: then the body is thrown away. */
  readBody(take: (bytes: Uint8Array | undefined) => void): void;
  /** Answers, once. Later calls, and those after the client has gone, do nothing. */
  respond(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): void;
}

/** Mustn't throw on what a client sends. */
export type HttpHandler = (request: HttpRequest) => void;
