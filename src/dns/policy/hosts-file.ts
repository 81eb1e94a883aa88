// The form of /etc/hosts: an address, then its names, `#` before what is for people. What can't be read is passed over: such files come from
// many hands, and one line must not cost the others.
import { parseAddress } from '../../lib/endpoint.ts';

export interface HostsEntry {
  readonly address: string;
  /** As they are written. */
  readonly names: readonly string[];
}

/** Each line of the file that says something. */
export function* hostsEntries(text: string): Generator<HostsEntry> {
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, end);
    from = end + 1;
    const comment = line.indexOf('#');
    const [first = '', ...names] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    // A zone index (`fe80::1%lo0`) belongs to the machine, not to the address.
    const address = parseAddress(first.replace(/%.*$/, ''));
    if (address !== undefined && names.length > 0) yield { address, names };
  }
}
