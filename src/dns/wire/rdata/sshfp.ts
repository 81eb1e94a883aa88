// SSHFP: the fingerprint of a host's SSH key (RFC 4255 §3.1).
import { rrType } from '../rr-type.ts';
import { sshfpMisfit } from './digest-length.ts';
import { u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SshfpData {
  readonly algorithm: number;
  readonly fingerprintType: number;
  readonly fingerprint: Uint8Array;
}

export const sshfp: RecordType<SshfpData> = defineType<SshfpData>(
  rrType.SSHFP,
  'SSHFP',
  {
    algorithm: u8,
    fingerprintType: u8,
    fingerprint: hexRest,
  },
  'plain',
  sshfpMisfit,
);
