const { join } = require("node:path");
const { compilePackages } = require("../../setup/compile");
const { createProgress } = require("../../setup/progress");

/**
 * The service's tests start it compiled, as a device does: loading its sources takes each process and each of its workers
 * a second more. `npm test` has compiled it by now; a bare `npx jest` may come after an edit.
 */
module.exports = async function compileClassifier() {
    await compilePackages({
        root: join(__dirname, "../.."),
        env: process.env,
        progress: createProgress(process.stderr, process.env),
        signal: new AbortController().signal,
    });
};
