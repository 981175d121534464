/**
 * Ends a process on a Node.js that cannot run Encore, with one line that says what to do. Plain JavaScript, since an
 * older Node.js cannot read the rest: `node --import ./core/require-node.mjs <entry point>`.
 */
const [neededMajor, neededMinor] = [24, 9];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    `Encore needs Node.js ${neededMajor}.${neededMinor} and this is ${process.versions.node}: run "npm ci" first, which brings one along, and then start Encore by npm`,
  );
  process.exit(1);
}
