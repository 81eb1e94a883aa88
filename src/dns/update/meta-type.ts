// Types that no zone has records of: those that ask (RFC 6895 §3.1: QTYPEs and meta-types), and OPT.
import { rrType } from '../wire/rr-type.ts';

export function isMetaType(type: number): boolean {
  return type === 0 || type === rrType.OPT || (type >= 128 && type <= 255);
}
