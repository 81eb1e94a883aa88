// L32: a 32-bit locator of ILNP (RFC 6742 §2.2).
import { rrType } from '../rr-type.ts';
import { ipv4 } from './fields/address.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface L32Data {
  readonly preference: number;
  readonly locator: string;
}

export const l32: RecordType<L32Data> = defineType<L32Data>(rrType.L32, 'L32', {
  preference: u16,
  locator: ipv4,
});
