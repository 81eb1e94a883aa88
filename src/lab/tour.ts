// What the lab tells its visitor: who is in the box, and what to try while it stays up. Each command works as printed.
import type { JourneyId } from '../lib/journey.ts';
import type { LabBox, LabServer } from './box.ts';
import { labHost } from './ports.ts';
import type { LabReport } from './report.ts';
import { alice, bob } from './world.ts';
import type { LabListener } from './world.ts';

export function tellParties(report: LabReport, box: LabBox): void {
  const rows = box.servers.flatMap((server) =>
    server.party.doors.map(({ listener, publicPort }) => [
      server.party.role,
      server.party.hostname,
      `${server.party.address}:${publicPort}`,
      `${labHost}:${portOf(server, listener)}`,
    ]),
  );
  const header = ['who', 'name', 'address in DNS', 'really at'];
  report.say('Signpost lab: an internet in a box, on this machine only.\n');
  report.say(
    table([header, ...rows.map((row, i) => (row[0] === rows[i - 1]?.[0] ? ['', '', ...row.slice(2)] : row))]),
  );
}

export function tellWhatToTry(report: LabReport, box: LabBox, mail: JourneyId | undefined): void {
  const dns = (id: string): string => {
    const server = box.server(id);
    return `dig @${labHost} -p ${[...server.ports.values()][0]}`;
  };
  const port = (id: string, listener: LabListener): number => portOf(box.server(id), listener);
  const config = (id: string): string => box.server(id).configFile;
  report.say(`
The lab stays up until Ctrl-C. Try, in another terminal:

  Ask each server on the way for a name (the resolver a second time, and it answers from its cache):
    ${dns('root')} +norecurse example.org MX
    ${dns('org')} +norecurse example.org MX
    ${dns('ns-example-org')} +norecurse example.org MX
    ${dns('resolver')} example.org MX
    ${dns('resolver')} anything.wild.example.com TXT
    ${dns('resolver')} neighbour.example.com A

  Submit a mail as Alice:
    swaks --server ${labHost}:${port('mail-example-com', 'submission')} --tls --auth PLAIN \\
      --auth-user ${alice.address} --auth-password ${alice.password} \\
      --from ${alice.address} --to ${bob.address} --header 'Subject: Hello from swaks'

  Retrieve it as Bob:
    curl -k --user '${bob.address}:${bob.password}' pop3s://${labHost}:${port('mail-example-org', 'pop3s')}/
    curl -k --user '${bob.address}:${bob.password}' pop3s://${labHost}:${port('mail-example-org', 'pop3s')}/1

  Read the journeys:
    bin/signpost journey ${mail ?? ''} -c ${config('mail-example-com')}
    bin/signpost query www.example.com A --trace -c ${config('resolver')}
    bin/signpost queue list -c ${config('mail-example-com')}

Each party has a folder with its signpost.yaml, zone and data in ${box.folder}
What you do is shown below, step by step.`);
}

function portOf(server: LabServer, listener: LabListener): number {
  return server.ports.get(listener) ?? 0;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
