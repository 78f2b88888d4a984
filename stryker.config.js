const jest = require("./jest.config");

/** Parts that compute and do nothing else, so that each mistake in them costs a moment to try. */
const pure = [
    "provider-protocol/propertyDiff.ts",
    "infra/manifest/container/{limitProblems,nearestName,portProblems,readBody,valueProblems}.ts",
    "infra/manifest/{joinedCreateOptions,routeCondition,routeExpression,twinProblems}.ts",
    "classifier/src/{predictions,tensor,watchdog}.ts",
    "classifier/src/image/{orientation,resizePlain,taps}.ts",
    "classifier/src/http/{admission,drain,pacedRefusal}.ts",
    "training/{logisticRegression,wilson}.ts",
    "local/base/mergePatch.ts",
    "local/faults/faultPlan.ts",
    "local/planes/hub/configurations/targetCondition.ts",
    "local/planes/hub/query/{condition,holds,paths,twinQuery}.ts",
    "local/device/edgeHub/{compileCondition,condition,route,routeTokens}.ts",
    "edge-vm/configToml.ts",
    "cli/manifestDiff.ts",
];

/** Their tests. Others reach them too, through servers and processes, which takes a hundred times as long. */
const tests = [
    "provider-protocol/propertyDiff",
    "infra/manifest/{validateManifest,siblings,publicManifests}",
    "classifier/{admission,drain,pacedRefusal,predictions,tensor,watchdog,orientation,resize}",
    "training/{logisticRegression,figures}",
    "local/base/mergePatch",
    "local/faults/faultPlan",
    "local/planes/hub/{queries,targetCondition,twinQuery}",
    "local/device/edgeHub/routes",
    "edge-vm/configToml",
    "cli/manifestDiff",
];

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
module.exports = {
    mutate: pure,
    testRunner: "jest",
    jest: {
        config: {
            ...jest,
            // Jest finds the tests of a source through those that lie among its roots alone.
            roots: ["test", ...new Set(pure.map((file) => file.split("/")[0]))].map(
                (room) => `<rootDir>/${room}`,
            ),
            // Stryker resolves it by itself, and knows no <rootDir>.
            testEnvironment: "./test/support/mutantsEnvironment.js",
            // None of these tests starts the service.
            globalSetup: null,
            testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`),
            reporters: [],
        },
    },
    coverageAnalysis: "perTest",
    // A sentence that reads differently is no mistake, and a constant that is made once needs every test anew.
    mutator: { excludedMutations: ["StringLiteral"] },
    ignoreStatic: true,
    // On a busy machine what takes five seconds more is no loop without an end.
    timeoutMS: 12_000,
    ignorePatterns: ["/docs", "/bench", "/samples", "/.local"],
    // The tests strip the types unchecked, and one compares a generated file to the byte.
    disableTypeChecks: false,
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: ".local/mutants.json" },
    tempDirName: ".local/mutants",
};
