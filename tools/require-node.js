// Stops `npm test` with a sentence instead of a syntax error where the Node that npm found is too old.
const needed = 26;
const major = Number(process.versions.node.split('.')[0]);
if (major < needed) {
  console.error(
    `Signpost's tests need Node.js ${needed}; this is ${process.version}. Run 'npm ci' first: it brings the right one.`,
  );
  process.exit(1);
}
