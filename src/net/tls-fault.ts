// What OpenSSL says of a handshake that fails, in words for an operator.

const sentences: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER:
    'the client and we have no cipher in common: it is too old, or wants none that is safe',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client speaks no version of TLS that is safe: 1.2 is the least',
  ERR_SSL_VERSION_TOO_LOW: 'the client speaks no version of TLS that is safe: 1.2 is the least',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what came is not TLS: the client speaks in clear, or another protocol',
  ERR_SSL_HTTP_REQUEST: 'what came is an HTTP request in clear',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "the client doesn't trust who signed our certificate",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the client takes no version of TLS that we speak',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the client takes none of the ciphers that we offer',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client takes our certificate for a bad one',
  ERR_SSL_SSL_TLS_ALERT_BAD_CERTIFICATE: 'the client takes our certificate for a bad one',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "the client doesn't accept our certificate",
  ERR_SSL_SSL_TLS_ALERT_CERTIFICATE_UNKNOWN: "the client doesn't accept our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the client says that our certificate has expired',
  ERR_SSL_SSL_TLS_ALERT_CERTIFICATE_EXPIRED: 'the client says that our certificate has expired',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: "the client doesn't accept our certificate for the name that it asked for",
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM:
    'the client can check no signature that our certificate could make',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'the client left in the middle of the handshake',
};

/** `undefined` where there is nothing better to say than OpenSSL does. */
export function tlsSentence(code: string): string | undefined {
  return Object.hasOwn(sentences, code) ? sentences[code] : undefined;
}
