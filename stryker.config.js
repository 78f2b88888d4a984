const jest = require("./jest.config");

/** Parts that compute and do nothing else, so that each mistake in them costs a moment to try. */
const pure = [
    "provider-protocol/{provider,propertyDiff}.ts",
    "infra/manifest/{createOptions,createOptionsProblems,joinedCreateOptions,routeCondition,routeExpression}.ts",
    "infra/manifest/{twinProblems,validateManifest}.ts",
    "classifier/src/{predictions,preprocess,tensor,watchdog,metrics}.ts",
    "classifier/src/image/{colour,decodeBmp,jpegHeader,orientation,resizePlain,taps}.ts",
    "classifier/src/http/{admission,drain,pacedRefusal,publicAddress}.ts",
    "training/{logisticRegression,random,wilson}.ts",
    "local/base/mergePatch.ts",
    "local/faults/faultPlan.ts",
    "local/planes/hub/query/{condition,holds,paths,twinQuery}.ts",
    "local/device/edgeHub/{compileCondition,condition,route,routeTokens}.ts",
    "edge-vm/{cloudInit,configToml}.ts",
    "cli/{manifestDiff,stackManifestSettings}.ts",
];

/** Their tests. Others reach them too, through servers and processes, which takes a hundred times as long. */
const tests = [
    "provider-protocol/*",
    "infra/manifest/*",
    "classifier/{admission,drain,pacedRefusal,predictions,preprocess,tensor,watchdog,metrics,resize,parity}",
    "classifier/{bmp,colour,jpegHeader,orientation,publicAddress,remoteImage,classify,models}",
    "training/{logisticRegression,random,wilson,figures}",
    "local/base/*",
    "local/faults/faultPlan",
    "local/planes/hub/{query,queries}*",
    "local/device/edgeHub/*",
    "edge-vm/{cloudInit,configToml}",
    "cli/{manifest,manifestDiff,stackManifestSettings}",
];

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
module.exports = {
    mutate: pure,
    testRunner: "jest",
    jest: {
        config: {
            ...jest,
            // Stryker resolves it by itself, and knows no <rootDir>.
            testEnvironment: "./test/support/nodeEnvironment.js",
            testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`),
            reporters: [],
        },
    },
    coverageAnalysis: "perTest",
    // A sentence that reads differently is no mistake, and a constant that is made once needs every test anew.
    mutator: { excludedMutations: ["StringLiteral"] },
    ignoreStatic: true,
    ignorePatterns: ["/docs", "/bench", "/samples", "/.local"],
    // The tests strip the types unchecked, and one compares a generated file to the byte.
    disableTypeChecks: false,
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: ".local/mutants.json" },
    tempDirName: ".local/mutants",
};
