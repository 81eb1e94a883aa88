// Zones that Debian's tools signed, some broken afterwards in every way we could think of: our verdict on each name is Unbound's and BIND's.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingPrograms } from '../support/programs.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';
import { SignedLab, labAddresses } from '../support/signed-lab/signed-lab.ts';
import { RunningValidator, askResolver, delv, writeBindAnchors } from '../support/signed-lab/validators.ts';
import type { Said } from '../support/signed-lab/validators.ts';
import { zoneCases } from '../support/signed-lab/zone-cases.ts';

const addresses = await labAddresses();
const skip =
  missingPrograms('dnssec-signzone', 'ldns-signzone', 'nsd', 'unbound', 'named', 'delv', 'dig') ||
  (typeof addresses === 'string' && addresses);

const questions = zoneCases.flatMap(({ name, parent, about, ask }) =>
  ask.map((question) => {
    const zone = `${name}.${parent}.`;
    return { ...question, about, zone, name: question.name === '' ? zone : `${question.name}.${zone}` };
  }),
);

describe('the signed lab', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let ours: readonly Said[] = [];
  let unbound: readonly Said[] = [];
  const bind: string[] = [];

  before(async () => {
    if (typeof addresses === 'string') return;
    const lab = stack.use(await SignedLab.start(addresses));
    const folder = stack.use(
      await SignpostFolder.make({
        'signpost.yaml': `hostname: resolver.lab
data: ./data
listeners: { dns-resolver: ['127.0.0.1:0'] }
resolver:
  root-hints: [{ name: ns.lab, addresses: [${lab.addresses.root}] }]
  trust-anchors: ['${lab.anchor}']
  private-servers: [127.0.0.0/8]
workers: { dns: 1 }
`,
      }),
    );
    const signpost = stack.use(await ServedSignpost.start(folder));
    const peer = stack.use(await RunningValidator.unbound(lab));
    const plain = stack.use(await RunningValidator.named(lab));
    const anchors = await writeBindAnchors(lab);
    const byDelv = async (): Promise<void> => {
      for (const question of questions) bind.push(await delv(plain.endpoint, anchors, question));
    };
    [ours, unbound] = await Promise.all([
      askResolver(await signpost.endpoint('dns-resolver'), questions),
      askResolver(peer.endpoint, questions),
      byDelv(),
    ]);
  });
  after(() => stack.disposeAsync());

  for (const [i, { name, type, verdict, differs, about }] of questions.entries()) {
    test(`${name} ${type} is ${verdict}: ${about}`, () => {
      const [own, theirs] = [ours[i], unbound[i]];
      const told = JSON.stringify({ own, unbound: theirs, bind: bind[i] });
      assert.equal(own?.verdict, verdict, told);
      assert.equal(theirs?.verdict, differs?.unbound ?? verdict, told);
      assert.equal(bind[i], differs?.bind ?? verdict, told);
      if (differs?.unbound === undefined) assert.equal(own.rcode, theirs.rcode, told);
      if (verdict === 'bogus') assert.ok(own.error !== undefined, `no extended error: ${told}`);
    });
  }

  test('there are at least 20 kinds of bogus', () => {
    const kinds = zoneCases.filter(({ ask }) => ask.some(({ verdict }) => verdict === 'bogus'));
    assert.ok(kinds.length >= 20, String(kinds.length));
  });
});
