// Lists of names as text: one name a line, with `*.` before it for all names below; or the form of /etc/hosts, of which the names count. What
// can't be read is passed over and counted: such lists come from many hands.
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { hostsEntries } from './hosts-file.ts';

export interface ListedName {
  /** In lower case. */
  readonly name: DomainName;
  /** All names below it are meant, and not itself. */
  readonly below: boolean;
}

/** `unread` is called for each word that is no name. */
export function* domainLines(text: string, unread: () => void): Generator<ListedName> {
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, end);
    from = end + 1;
    const word = line.replace(/[#;][^]*$/, '').trim();
    if (word === '') continue;
    const listed = listedName(word);
    if (listed === undefined) unread();
    else yield listed;
  }
}

/** Names that such files have for the machine itself, and that are never meant to be withheld. */
const ownNames: ReadonlySet<string> = new Set(
  [
    'localhost',
    'localhost.localdomain',
    'local',
    'broadcasthost',
    'ip6-localhost',
    'ip6-loopback',
    'ip6-localnet',
  ].concat(['ip6-mcastprefix', 'ip6-allnodes', 'ip6-allrouters', 'ip6-allhosts', '0.0.0.0']),
);

export function* hostsLines(text: string, unread: () => void): Generator<ListedName> {
  for (const { names } of hostsEntries(text)) {
    for (const word of names) {
      if (ownNames.has(word.toLowerCase())) continue;
      const listed = listedName(word);
      if (listed === undefined) unread();
      else yield listed;
    }
  }
}

function listedName(word: string): ListedName | undefined {
  if (/\s/.test(word)) return undefined;
  const below = word.startsWith('*.');
  const text = below ? word.slice(2) : word;
  const name = parseName(text.endsWith('.') ? text : `${text}.`);
  return name.ok && !name.value.isRoot ? { name: name.value.lowerCase(), below } : undefined;
}
