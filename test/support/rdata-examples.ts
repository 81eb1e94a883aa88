// Record data in presentation form, with what it is on the wire where a standard prints that: for the tests of the record types
// themselves, and for comparing with other programs.

export interface RdataExample {
  readonly type: string;
  /** As a zone file has it; names are absolute. */
  readonly text: string;
  /** Hexadecimal; blanks are for the eye. */
  readonly wire?: string;
  /** How we and dig write it, where that is not `text`. */
  readonly written?: string;
  readonly source?: string;
}

const dnskeyBase64 =
  'AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6RfoRqXQeogmMHfpftf6zMv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w==';
const rrsigBase64 =
  'oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=';

export const rdataExamples: readonly RdataExample[] = [
  { type: 'A', text: '10.1.0.52', wire: '0a010034' },
  {
    type: 'AAAA',
    text: '2001:DB8:0:0:8:800:200C:417A',
    wire: '20010db80000000000080800200c417a',
    written: '2001:db8::8:800:200c:417a',
    source: 'RFC 4291 §2.2',
  },
  { type: 'AAAA', text: '::ffff:192.0.2.1', wire: '00000000000000000000ffffc0000201' },
  { type: 'AAAA', text: '2001:db8::1:0:0:1', wire: '20010db8000000000001000000000001' },
  { type: 'AAAA', text: '::', wire: '00000000000000000000000000000000' },
  {
    type: 'NS',
    text: 'VENERA.ISI.EDU.',
    wire: '06 56454e455241 03 495349 03 454455 00',
    source: 'RFC 1035 §5.3',
  },
  { type: 'MD', text: 'a.ISI.EDU.' },
  { type: 'MF', text: 'a.ISI.EDU.' },
  {
    type: 'CNAME',
    text: '\\097\\.b.example.',
    wire: '03 612e62 07 6578616d706c65 00',
    written: 'a\\.b.example.',
  },
  {
    type: 'SOA',
    text: 'VENERA.ISI.EDU. Action\\.domains.ISI.EDU. 20 7200 600 3600000 60',
    wire: '0656454e455241034953490345445500 0e416374696f6e2e646f6d61696e73034953490345445500 00000014 00001c20 00000258 0036ee80 0000003c',
    source: 'RFC 1035 §5.3',
  },
  { type: 'SOA', text: 'ns. root. 1 2h 10m 6w 1d', written: 'ns. root. 1 7200 600 3628800 86400' },
  { type: 'MB', text: 'host.example.' },
  { type: 'MG', text: 'member.example.' },
  { type: 'MR', text: 'new.example.' },
  { type: 'PTR', text: 'a.ISI.EDU.' },
  {
    type: 'HINFO',
    text: 'PDP-11/70 UNIX',
    wire: '09 5044502d31312f3730 04 554e4958',
    written: '"PDP-11/70" "UNIX"',
  },
  { type: 'MINFO', text: 'owner.example. errors.example.' },
  {
    type: 'MX',
    text: '10 VENERA.ISI.EDU.',
    wire: '000a 0656454e455241034953490345445500',
    source: 'RFC 1035 §5.3',
  },
  { type: 'MX', text: '0 .', wire: '000000', source: 'RFC 7505 §3' },
  { type: 'TXT', text: '"v=spf1 -all"', wire: '0b 763d73706631202d616c6c' },
  { type: 'TXT', text: '"a" "" "b \\"c\\" \\\\ \\000\\255"', wire: '01 61 00 0a 6220226322205c2000ff' },
  { type: 'TXT', text: 'é', wire: '02 c3a9', written: '"\\195\\169"' },
  { type: 'RP', text: 'louie.trantor.umd.edu. LAM1.people.umd.edu.', source: 'RFC 1183 §2.2' },
  { type: 'AFSDB', text: '1 bigbird.toaster.com.', source: 'RFC 1183 §1' },
  {
    type: 'X25',
    text: '311061700956',
    wire: '0c 333131303631373030393536',
    written: '"311061700956"',
    source: 'RFC 1183 §3.1',
  },
  {
    type: 'ISDN',
    text: '150862028003217 004',
    wire: '0f 313530383632303238303033323137 03 303034',
    written: '"150862028003217" "004"',
    source: 'RFC 1183 §3.2',
  },
  { type: 'ISDN', text: '150862028003217', written: '"150862028003217"' },
  { type: 'RT', text: '2 relay.prime.com.', source: 'RFC 1183 §3.3' },
  { type: 'NSAP-PTR', text: 'bsdi1.nist.gov.' },
  {
    type: 'SIG',
    text: 'NXT 1 3 604800 19970102030405 19961211100908 2143 foo.nil. MxFcby9k/yvedMfQgKzhH5er0Mu/vILz45IkskceFGgiWCn/GxHhai6VAuHAoNUz4YoU1tVfSCSqQYn6//11U6Nld80jEeC8aTrO+KKmCaY=',
  },
  { type: 'KEY', text: `256 3 5 ${dnskeyBase64}` },
  { type: 'PX', text: '10 example.net. PRMD-net2.ADMD-p400.C-it.' },
  {
    type: 'GPOS',
    text: '-32.6882 116.8652 10.0',
    written: '"-32.6882" "116.8652" "10.0"',
    source: 'RFC 1712 §3',
  },
  {
    type: 'LOC',
    text: '42 21 54 N 71 06 18 W -24m 30m',
    written: '42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m',
    source: 'RFC 1876 §4',
  },
  {
    type: 'LOC',
    text: '42 21 43.952 N 71 5 6.344 W -24m 1m 200m',
    written: '42 21 43.952 N 71 5 6.344 W -24.00m 1m 200m 10m',
    source: 'RFC 1876 §4',
  },
  {
    type: 'LOC',
    text: '52 14 05 N 00 08 50 E 10m',
    written: '52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m',
    source: 'RFC 1876 §4',
  },
  {
    type: 'LOC',
    text: '32 7 19 S 116 2 25 E 10m',
    written: '32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m',
    source: 'RFC 1876 §4',
  },
  {
    type: 'LOC',
    text: '42 21 28.764 N 71 00 51.617 W -44m 2000m',
    written: '42 21 28.764 N 71 0 51.617 W -44.00m 2000m 10000m 10m',
    source: 'RFC 1876 §4',
  },
  {
    type: 'LOC',
    text: '90 N 180 W 42849672.95m 0.05m 90000000m 0m',
    written: '90 0 0.000 N 180 0 0.000 W 42849672.95m 0.05m 90000000m 0.00m',
  },
  {
    type: 'SRV',
    text: '0 1 9 old-slow-box.example.com.',
    wire: '0000 0001 0009 0c 6f6c642d736c6f772d626f78 07 6578616d706c65 03 636f6d 00',
    source: 'RFC 2782',
  },
  {
    type: 'NAPTR',
    text: '100 50 "a" "z3950+N2L+N2C" "" cidserver.example.com.',
    wire: '0064 0032 01 61 0d 7a333935302b4e324c2b4e3243 00 09 636964736572766572 07 6578616d706c65 03 636f6d 00',
    source: 'RFC 3403 §6.2',
  },
  {
    type: 'NAPTR',
    text: '100 10 "" "" "!^urn:cid:.+@([^\\\\.]+\\\\.)(.*)$!\\\\2!i" .',
    source: 'RFC 3403 §6.1',
  },
  { type: 'KX', text: '1 rogue.example.com.', source: 'RFC 2230 §4.1' },
  {
    type: 'CERT',
    text: 'PKIX 12345 RSASHA256 AQIDBA==',
    wire: '0001 3039 08 01020304',
  },
  { type: 'DNAME', text: 'frobozz.example.', source: 'RFC 6672' },
  {
    type: 'APL',
    text: '1:192.168.32.0/21 !1:192.168.38.0/28',
    wire: '0001 15 03 c0a820 0001 1c 83 c0a826',
    source: 'RFC 3123 §5',
  },
  {
    type: 'APL',
    text: '1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8',
    wire: '0001 04 01 e0 0002 08 01 ff',
    written: '1:224.0.0.0/4 2:ff00::/8',
    source: 'RFC 3123 §5',
  },
  {
    type: 'DS',
    text: '60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118',
    wire: 'ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118',
    written: '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    source: 'RFC 4034 §5.4',
  },
  {
    type: 'SSHFP',
    text: '2 1 123456789abcdef67890123456789abcdef67890',
    wire: '02 01 123456789abcdef67890123456789abcdef67890',
    written: '2 1 123456789ABCDEF67890123456789ABCDEF67890',
    source: 'RFC 4255 §3.2',
  },
  {
    type: 'IPSECKEY',
    text: '10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
    source: 'RFC 4025 §3.2',
  },
  {
    type: 'IPSECKEY',
    text: '10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
    source: 'RFC 4025 §3.2',
  },
  {
    type: 'IPSECKEY',
    text: '10 3 2 mygateway.example.com. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
    source: 'RFC 4025 §3.2',
  },
  {
    type: 'IPSECKEY',
    text: '10 2 2 2001:db8:0:8002::2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
    source: 'RFC 4025 §3.2',
  },
  {
    type: 'RRSIG',
    text: `A 5 3 86400 20030322173103 20030220173103 2642 example.com. ${rrsigBase64}`,
    source: 'RFC 4034 §3.3',
  },
  {
    type: 'NSEC',
    text: 'host.example.com. A MX RRSIG NSEC TYPE1234',
    wire: '04 686f7374 07 6578616d706c65 03 636f6d 00 0006 400100000003 041b 000000000000000000000000000000000000000000000000000020',
    source: 'RFC 4034 §4.3',
  },
  { type: 'NSEC', text: '\\000.example.com. A' },
  { type: 'DNSKEY', text: `256 3 5 ${dnskeyBase64}`, source: 'RFC 4034 §2.3' },
  {
    type: 'DHCID',
    text: 'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
    wire: '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40',
    source: 'RFC 4701 §3.6.1',
  },
  {
    type: 'NSEC3',
    text: '1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG',
    written: '1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM',
    source: 'RFC 5155 appendix A',
  },
  {
    type: 'NSEC3',
    text: '1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr',
    written: '1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR',
  },
  {
    type: 'NSEC3PARAM',
    text: '1 0 12 aabbccdd',
    wire: '01 00 000c 04 aabbccdd',
    written: '1 0 12 AABBCCDD',
    source: 'RFC 5155 appendix A',
  },
  { type: 'NSEC3PARAM', text: '1 0 0 -', wire: '01 00 0000 00' },
  {
    type: 'TLSA',
    text: '0 0 1 d2abde240d7cd3ee6b4b28c54df034b9 7983a1d16e8a410e4561cb106618e971',
    wire: '00 00 01 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971',
    written: '0 0 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971',
    source: 'RFC 6698 §2.3',
  },
  {
    type: 'SMIMEA',
    text: '3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971',
    written: '3 1 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971',
  },
  {
    type: 'HIP',
    text: '2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs1.example.com. rvs2.example.com.',
    source: 'RFC 8005 §6',
  },
  { type: 'NINFO', text: '"state"' },
  { type: 'RKEY', text: '0 0 1 AQIDBA==' },
  { type: 'TALINK', text: 'h0.example. h2.example.' },
  { type: 'CDS', text: '0 0 0 00', wire: '0000 00 00 00', source: 'RFC 8078 §4' },
  { type: 'CDNSKEY', text: '0 3 0 AA==', wire: '0000 03 00 00', source: 'RFC 8078 §4' },
  { type: 'OPENPGPKEY', text: 'mQCNAzIG/9AAAAEEALlxIAA=' },
  { type: 'CSYNC', text: '66 3 A NS AAAA', wire: '00000042 0003 0004 60000008', source: 'RFC 7477 §2.1.2.1' },
  { type: 'CSYNC', text: '66 3', wire: '00000042 0003' },
  {
    type: 'ZONEMD',
    text: '2018031900 1 1 616c6c6f776564206275742069676e6f7265642e20616c6c6f776564206275742069676e6f7265642e20616c6c6f7765',
    written:
      '2018031900 1 1 616C6C6F776564206275742069676E6F7265642E20616C6C6F776564206275742069676E6F7265642E20616C6C6F7765',
  },
  {
    type: 'DSYNC',
    text: 'CDS NOTIFY 5359 cds-scanner.example.net.',
    wire: '003b 01 14ef 0b 6364732d7363616e6e6572 07 6578616d706c65 03 6e6574 00',
    source: 'RFC 9859 §2',
  },
  { type: 'SPF', text: '"v=spf1 -all"' },
  {
    type: 'NID',
    text: '10 0014:4fff:ff20:ee64',
    wire: '000a 00144fffff20ee64',
    written: '10 14:4fff:ff20:ee64',
    source: 'RFC 6742 §2.1.3',
  },
  { type: 'L32', text: '10 10.1.2.0', wire: '000a 0a010200', source: 'RFC 6742 §2.2.3' },
  {
    type: 'L64',
    text: '10 2001:0DB8:1140:1000',
    wire: '000a 20010db811401000',
    written: '10 2001:db8:1140:1000',
    source: 'RFC 6742 §2.3.3',
  },
  { type: 'LP', text: '10 l64-subnet1.example.com.', source: 'RFC 6742 §2.4.3' },
  { type: 'EUI48', text: '00-00-5e-00-53-2a', wire: '00005e00532a', source: 'RFC 7043 §3.2' },
  { type: 'EUI64', text: '00-00-5e-ef-10-00-00-2a', wire: '00005eef1000002a', source: 'RFC 7043 §4.2' },
  { type: 'TKEY', text: 'gss-tsig. 1577836800 1577923200 3 BADSIG 4 AQIDBA== 0' },
  {
    type: 'TSIG',
    text: 'hmac-sha256. 1577836800 300 4 AQIDBA== 1234 NOERROR 0',
    wire: '0b 686d61632d736861323536 00 00005e0be100 012c 0004 01020304 04d2 0000 0000',
  },
  {
    type: 'URI',
    text: '10 1 "ftp://ftp1.example.com/public"',
    wire: '000a 0001 6674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963',
    source: 'RFC 7553 §5.1',
  },
  {
    type: 'CAA',
    text: '0 issue "ca1.example.net; account=230123"',
    wire: '00 05 6973737565 6361312e6578616d706c652e6e65743b206163636f756e743d323330313233',
    source: 'RFC 8659 §4.2',
  },
  { type: 'CAA', text: '128 tbs "Unknown"', wire: '80 03 746273 556e6b6e6f776e', source: 'RFC 8659 §4.5' },
  { type: 'CAA', text: '0 issue ""' },
  { type: 'AVC', text: '"app-name:WOLFGANG|app-class:OAM|business=yes"' },
  { type: 'AMTRELAY', text: '10 0 1 203.0.113.15', wire: '0a 01 cb00710f', source: 'RFC 8777 §4.3.1' },
  { type: 'AMTRELAY', text: '10 0 2 2001:db8::15', source: 'RFC 8777 §4.3.1' },
  {
    type: 'AMTRELAY',
    text: '128 1 3 amtrelays.example.com.',
    wire: '80 83 09 616d7472656c617973 07 6578616d706c65 03 636f6d 00',
    source: 'RFC 8777 §4.3.1',
  },
  { type: 'AMTRELAY', text: '10 0 0 .', wire: '0a 00' },
  {
    type: 'RESINFO',
    text: '"qnamemin" "exterr=15-17" "infourl=https://resolver.example.com/guide"',
    source: 'RFC 9606 §6',
  },
  { type: 'WALLET', text: '"BTC" "bc1qexample"' },
  { type: 'CLA', text: '"TCP-v4-v6"' },
  { type: 'TA', text: '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118' },
  { type: 'DLV', text: '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118' },
  { type: 'TYPE65280', text: '\\# 3 0A0B0C', wire: '0a0b0c', source: 'RFC 3597 §5' },
  {
    type: 'TYPE731',
    text: '\\# 6 abcdef 012345',
    wire: 'abcdef012345',
    written: '\\# 6 ABCDEF012345',
    source: 'RFC 3597 §5',
  },
  { type: 'TYPE62347', text: '\\# 0', wire: '', source: 'RFC 3597 §5' },
  { type: 'A', text: '\\# 4 0A000001', wire: '0a000001', written: '10.0.0.1', source: 'RFC 3597 §5' },
];

/** Cuts one line into words as a zone file's lexer does. */
export function rdataTokens(text: string): { readonly text: string; readonly quoted: boolean }[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+/g)].map(
    ([word, quoted]) => ({
      text: quoted ?? word,
      quoted: quoted !== undefined,
    }),
  );
}
