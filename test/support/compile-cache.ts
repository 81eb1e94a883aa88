// Imported before every test file by `npm test`: each is a process that would otherwise strip and compile the same TypeScript again (a third of
// a usual file's CPU); and by the files that start many threads, for when they run alone. It is the cache that `signpost` itself keeps.
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

enableCompileCache(resolve(import.meta.dirname, '../../node_modules/.cache/signpost'));
