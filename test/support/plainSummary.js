// The last line of a run in a form that needs no knowledge of jest: "12 passed, 0 failed".
module.exports = class PlainSummary {
    onRunComplete(_contexts, results) {
        // A file that did not load has no failed test of its own, and is a failure all the same.
        const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
        process.stderr.write(`${results.numPassedTests} passed, ${failed} failed\n`);
    }
};
