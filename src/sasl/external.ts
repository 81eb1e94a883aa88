// The EXTERNAL mechanism (RFC 4422 appendix A): the client has shown who it is by the certificate of the TLS handshake.
import { bytesToUtf8Strict, emptyBytes } from '../lib/bytes.ts';
import type { ClientCertificate } from '../lib/transport.ts';
import type { SaslExchange, SaslMechanism, SaslStep } from './mechanism.ts';
import { longestPart } from './plain.ts';

export const external: SaslMechanism = {
  name: 'EXTERNAL',
  fits: ({ tls }) => tls?.clientCertificate !== undefined,
  begin: ({ tls }): SaslExchange => {
    const respond = (response: Uint8Array): SaslStep => readResponse(response, tls?.clientCertificate);
    return {
      start: (initial) =>
        initial === undefined ? { kind: 'challenge', bytes: emptyBytes } : respond(initial),
      respond,
    };
  },
};

//     external-initial-response = authz-id-string = *( UTF8-char-no-nul )      (RFC 4422 §A.1)
function readResponse(response: Uint8Array, certificate: ClientCertificate | undefined): SaslStep {
  const text = response.length > longestPart ? undefined : bytesToUtf8Strict(response);
  if (text === undefined || text.includes('\0'))
    return {
      kind: 'fault',
      reason: `An EXTERNAL response is an identity, or nothing: at most ${longestPart} octets of UTF-8 without NUL.`,
    };
  if (certificate === undefined)
    return { kind: 'fault', reason: 'You have shown no certificate in the TLS handshake.' };
  return {
    kind: 'check',
    proof: { kind: 'certificate', certificate, ...(text !== '' && { actAs: text }) },
  };
}
