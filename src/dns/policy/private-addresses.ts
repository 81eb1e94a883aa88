// Private addresses in answers about names of the world: a website could send a browser to its owner's own devices by them ("DNS rebinding").
import type { RebindingConfig } from '../../config/reach-config.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { addressBlock, isInBlock } from './address-block.ts';
import type { AddressBlock } from './address-block.ts';

export class PrivateAddresses {
  readonly #blocks: readonly AddressBlock[];
  readonly #except: readonly DomainName[];

  constructor({ addresses, except }: Pick<RebindingConfig, 'addresses' | 'except'>) {
    this.#blocks = addresses.map(addressBlock);
    this.#except = except.map((name) => domainName(name === '.' ? name : `${name}.`));
  }

  /** Whether an A or AAAA record of the name has no business with this address. */
  forbids(name: DomainName, rdata: Uint8Array): boolean {
    return (
      this.#blocks.some((block) => isInBlock(block, rdata)) &&
      !this.#except.some((each) => name.isAtOrBelow(each))
    );
  }
}
