const { compilePackages } = require("../../setup/compile");
const { createProgress } = require("../../setup/progress");

/**
 * Compiles what is older than its source, as the set-up does; jest calls it before the tests. Those of the service start it
 * compiled, as a device does: loading its sources takes each process and each of its workers a second more. `npm test` has
 * compiled it by now; a bare `npx jest` may come after an edit.
 */
module.exports = ({ rootDir }) =>
    compilePackages({
        root: rootDir,
        env: process.env,
        progress: createProgress(process.stderr, process.env),
        signal: new AbortController().signal,
    });
