// Where the admin API of a server listens.
import { join } from 'node:path';
import type { Config } from '../config/config.ts';

export function controlSocket(config: Config): string {
  return join(config.data, 'control.sock');
}
