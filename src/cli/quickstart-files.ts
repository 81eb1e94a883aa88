// What quickstart writes: the config, and the zone with the records that mail needs. Plain text that its reader is to edit.

/** Every listener on all addresses, of both families where the machine has both, at the ports that the world expects. */
export function quickstartConfig(domain: string, ipv6: boolean): string {
  const everywhere = (port: number): string =>
    ipv6 ? `["0.0.0.0:${port}", "[::]:${port}"]` : `["0.0.0.0:${port}"]`;
  return `# Signpost for ${domain}. Every key is explained in docs/config.md; 'signpost config check' tells what is wrong.
hostname: mx.${domain}
data: ./data

listeners:
  dns-authority: ${everywhere(53)}
  smtp:          ${everywhere(25)}
  submission:    ${everywhere(587)}
  submissions:   ${everywhere(465)}
  pop3s:         ${everywhere(995)}

zones:
  - { name: ${domain}, file: zones/${domain}.zone }

# tls: { cert: cert.pem, key: key.pem }    # without it, the certificate is self-signed
`;
}

/** `addresses`: IPv4 and IPv6; `serial` of the SOA record. */
export function quickstartZone(domain: string, addresses: readonly string[], serial: number): string {
  const hosts = ['ns1', 'ns2', 'mx', '@'];
  const lines = hosts.flatMap((host) =>
    addresses.map((address) => `${host.padEnd(20)} IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}`),
  );
  return `; ${domain}. Raise the serial number with each change, then: kill -HUP (or restart) signpost.
$ORIGIN ${domain}.
$TTL 3600
@                    IN SOA ns1 hostmaster ( ${serial} 7200 3600 1209600 300 )
@                    IN NS ns1
@                    IN NS ns2

; This machine.
${addresses.length === 0 ? '; ns1, ns2, mx and @ want an A record with the public address of this machine, like:\n; mx IN A 192.0.2.1\n' : ''}${lines.join('\n')}

; Mail for ${domain} comes to mx, and leaves from there only (RFC 7208).
@                    IN MX 10 mx
@                    IN TXT "v=spf1 mx -all"
; What mx calls itself is no sender's domain but that of its bounces.
mx                   IN TXT "v=spf1 a -all"

; Mail programs find the servers by these (RFC 6186, RFC 8314 §5.1); "." says that there is none.
_submissions._tcp    IN SRV 0 1 465 mx
_submission._tcp     IN SRV 5 1 587 mx
_pop3s._tcp          IN SRV 10 1 995 mx
_imaps._tcp          IN SRV 0 0 0 .
_imap._tcp           IN SRV 0 0 0 .
_pop3._tcp           IN SRV 0 0 0 .
`;
}
