// The shape of `tls`: the certificates of this server, PEM.
import { z } from 'zod';
import { file, section } from './values.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface TlsConfig extends CertificateFiles {
  /** Chosen by the name that a client asks for. */
  readonly others: readonly CertificateFiles[];
}

const pair = { cert: file, key: file };

export const tlsSchema: z.ZodType<TlsConfig> = z.strictObject(
  {
    ...pair,
    others: z
      .array(z.strictObject(pair, { error: section }), {
        error: 'a list of certificates with their keys, like [{ cert: b.pem, key: b.key }]',
      })
      .default([]),
  },
  { error: 'the files of a certificate and its key' },
);

/** `absolute` completes a path. */
export function tlsOf({ cert, key, others }: TlsConfig, absolute: (path: string) => string): TlsConfig {
  const complete = (files: CertificateFiles): CertificateFiles => ({
    cert: absolute(files.cert),
    key: absolute(files.key),
  });
  return { ...complete({ cert, key }), others: others.map(complete) };
}
