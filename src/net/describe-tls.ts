// What a TLS handshake has come to, for those above: version and cipher, whom we met, and what a login can be bound to.
import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { mailAddressesOf } from './certificate-names.ts';
import type { ChannelBindingType, TlsInfo } from '../lib/transport.ts';

export function describeTls(secure: TLSSocket, side: 'server' | 'client'): TlsInfo {
  const base = { protocol: secure.getProtocol() ?? 'unknown', cipher: secure.getCipher().standardName };
  if (side === 'server') {
    const name: unknown = secure.servername;
    return {
      ...base,
      ...(typeof name === 'string' && name !== '' && { serverName: name }),
      channelBinding: (type) => channelBinding(secure, type),
      ...clientCertificateOf(secure),
    };
  }
  if (secure.authorized) return { ...base, verified: true };
  const error: Error | null = secure.authorizationError;
  return { ...base, verified: false, verifyError: error?.message ?? String(error) };
}

function clientCertificateOf(secure: TLSSocket): Pick<TlsInfo, 'clientCertificate'> {
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) return {};
  return {
    clientCertificate: {
      fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
      addresses: mailAddressesOf(certificate),
      trusted: chainIsTrusted(secure),
    },
  };
}

/**
 * OpenSSL's own verdict on the chain. `authorized` is set by Node's TLS server alone, and ours is none (a socket changes to TLS in the
 * middle); where the verdict can't be read, nobody is trusted.
 */
function chainIsTrusted(secure: TLSSocket): boolean {
  const ssl: unknown = Reflect.get(secure, 'ssl');
  if (typeof ssl !== 'object' || ssl === null || !('verifyError' in ssl)) return false;
  const { verifyError } = ssl;
  return typeof verifyError === 'function' && !verifyError.call(ssl);
}

function channelBinding(secure: TLSSocket, type: ChannelBindingType): Uint8Array | undefined {
  try {
    return type === 'tls-exporter'
      ? // RFC 9266 §2: 32 octets, with an empty context.
        new Uint8Array(secure.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)))
      : hashOfCertificate(secure);
  } catch {
    // The connection has ended meanwhile.
    return undefined;
  }
}

/** RFC 5929 §4.1: the server's certificate, by the hash of its own signature; MD5 and SHA-1 give way to SHA-256. */
function hashOfCertificate(secure: TLSSocket): Uint8Array | undefined {
  const own = secure.getX509Certificate();
  return own === undefined ? undefined : endPointHash(own);
}

/** `undefined` where the signature has no hash of its own, as Ed25519: then there is no such binding. */
export function endPointHash(
  certificate: Pick<X509Certificate, 'raw' | 'signatureAlgorithm'>,
): Uint8Array | undefined {
  const [, found] = /(md5|sha-?1|sha-?(?:224|256|384|512))/i.exec(certificate.signatureAlgorithm ?? '') ?? [];
  if (found === undefined) return undefined;
  const hash = found.toLowerCase().replace('-', '');
  const used = hash === 'md5' || hash === 'sha1' ? 'sha256' : hash;
  return new Uint8Array(createHash(used).update(certificate.raw).digest());
}
