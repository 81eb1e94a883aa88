// How a command ends: 0 done, 1 failed, 2 misuse.

/** Ends the command with this sentence on stderr. Several lines may follow the first. */
export class CommandFault extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CommandFault';
    this.exitCode = exitCode;
  }
}
