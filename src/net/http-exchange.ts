// What HTTP/2 and HTTP/1.1 have in common, for one request.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

export interface Exchange {
  readonly method: string;
  readonly target: string;
  header(name: string): string | undefined;
  /** `undefined` is the end of the body; not called where the client goes away before. */
  readBody(take: (bytes: Uint8Array | undefined) => void): void;
  /** Once. */
  respond(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): void;
  /** Once, when the answer is taken whole, or nobody is there to take it. */
  onClose(action: () => void): void;
  abort(): void;
}

export function http2Exchange(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Exchange {
  // Told by 'close', too.
  stream.on('error', () => undefined);
  return {
    method: headers[':method'] ?? '',
    target: headers[':path'] ?? '',
    header: (name) => single(headers[name]),
    readBody: (take) => {
      stream.on('data', (bytes: Uint8Array) => take(bytes));
      stream.once('end', () => take(undefined));
    },
    respond: (status, fields, body) => {
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ...fields, ':status': status, 'content-length': body.length });
      // RFC 9113 §8.1: who sends on after it has its answer is told to stop.
      stream.end(body, () => stream.close(constants.NGHTTP2_NO_ERROR));
      stream.resume();
    },
    onClose: (action) => void stream.once('close', action),
    abort: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

/** `last`: the connection closes after this one. */
export function http1Exchange(request: IncomingMessage, response: ServerResponse, last: boolean): Exchange {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    header: (name) => single(request.headers[name]),
    readBody: (take) => {
      request.on('data', (bytes: Uint8Array) => take(bytes));
      request.once('end', () => take(undefined));
    },
    respond: (status, fields, body) => {
      if (response.destroyed) return;
      // Who is answered before the body is whole may have much of it left to send.
      const close = last || !request.complete;
      response.writeHead(status, {
        ...fields,
        'content-length': body.length,
        ...(close && { connection: 'close' }),
      });
      response.end(body);
      request.resume();
    },
    onClose: (action) => void response.once('close', action),
    abort: () => request.socket.destroy(),
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
