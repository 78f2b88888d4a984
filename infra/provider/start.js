// Starts the provider as it lies here, in TypeScript: the engine finds it by its path in Pulumi.yaml, without an
// installation. It needs what `npm ci` puts beside the project, whichever program it is used by.
try {
    // @ts-expect-error: it has no declarations
    require("tsx/cjs");
} catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "MODULE_NOT_FOUND") throw error;
    console.error(
        `Expected the packages of ${require("node:path").resolve(__dirname, "../..")} to be installed, found none. ` +
            "Run there: npm ci (or npm run setup, which a preview and an update need).",
    );
    process.exit(1);
}
// @ts-expect-error: TypeScript would load what it compiles, and this is loaded as it is
require("./main.ts").main();
