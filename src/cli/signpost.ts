// The `signpost` command: what bin/signpost runs.
import { runProgram } from './program.ts';

process.exitCode = await runProgram();
