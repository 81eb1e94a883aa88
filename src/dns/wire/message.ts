// DNS messages (RFC 1035 §4.1) with EDNS(0) (RFC 6891).
import type { DomainName } from './name.ts';
import type { EdnsOption } from './rdata/opt.ts';
import type { ResourceRecord } from './record.ts';

export interface Question {
  readonly name: DomainName;
  readonly type: number;
  readonly class: number;
}

export interface Edns {
  /** The largest UDP message that the sender takes, as it stands in the message. */
  readonly udpSize: number;
  readonly version: number;
  /** DO: DNSSEC records wanted (RFC 3225). */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface Message {
  readonly id: number;
  /** QR: a response, not a query. */
  readonly response: boolean;
  readonly opcode: number;
  /** AA */
  readonly authoritative: boolean;
  /** TC */
  readonly truncated: boolean;
  /** RD */
  readonly recursionDesired: boolean;
  /** RA */
  readonly recursionAvailable: boolean;
  /** AD (RFC 4035 §3.2.3, RFC 6840 §5.7) */
  readonly authenticData: boolean;
  /** CD (RFC 4035 §3.2.2) */
  readonly checkingDisabled: boolean;
  /** With the upper bits of EDNS (RFC 6891 §6.1.3): 0 to 4095. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
}
