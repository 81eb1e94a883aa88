// WALLET: a public wallet address, in TXT's form.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface WalletData {
  readonly strings: readonly Uint8Array[];
}

export const wallet: RecordType<WalletData> = defineType<WalletData>(rrType.WALLET, 'WALLET', {
  strings: texts,
});
