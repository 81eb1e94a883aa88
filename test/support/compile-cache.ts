// Imported by tests that start many threads or programs of ours: each would otherwise read and strip the same TypeScript again. It is
// the cache that `signpost` itself keeps.
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

enableCompileCache(resolve(import.meta.dirname, '../../node_modules/.cache/signpost'));
