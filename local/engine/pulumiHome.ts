import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The plugins that stand in for Azure and Docker; each has the version of the SDK that the program uses. */
const standIns = [
    { name: "azure-native", package: "@pulumi/azure-native" },
    { name: "docker", package: "@pulumi/docker" },
];

/**
 * Fills a private PULUMI_HOME with the language host and the stand-ins. Only a shell that names
 * this home sees them; a stack of the cloud, which uses another, cannot pick them up.
 */
export function preparePulumiHome(home: string, projectFolder: string): void {
    const sdkVersion = packageVersion("@pulumi/pulumi");
    copyPlugin(
        home,
        `language-nodejs-v${sdkVersion}`,
        join(projectFolder, "local/engine/languageHost.js"),
        "pulumi-language-nodejs",
    );
    for (const { name, package: packageName } of standIns) {
        const version = packageVersion(packageName);
        const folder = pluginFolder(home, `resource-${name}-v${version}`);
        writeExecutable(join(folder, `pulumi-resource-${name}`), launcher(name, version));
    }
}

/** The engine starts a plugin in the program's folder, which is where its code is found. */
function launcher(name: string, version: string): string {
    return [
        "#!/usr/bin/env node",
        'const fromProject = require("node:module").createRequire(require("node:path").join(process.cwd(), "package.json"));',
        "try {",
        '    fromProject("tsx/cjs");',
        "} catch (error) {",
        '    if (error.code !== "MODULE_NOT_FOUND") throw error;',
        '    console.error("Expected the packages of " + process.cwd() + " to be installed, found none. Run there: npm run setup");',
        "    process.exit(1);",
        "}",
        `fromProject("./local/providers/main.ts").main("${name}", "${version}");`,
        "",
    ].join("\n");
}

function packageVersion(name: string): string {
    return require(`${name}/package.json`).version.replace(/^v/, "");
}

function pluginFolder(home: string, plugin: string): string {
    const folder = join(home, "plugins", plugin);
    mkdirSync(folder, { recursive: true });
    return folder;
}

function copyPlugin(home: string, plugin: string, source: string, file: string): void {
    const target = join(pluginFolder(home, plugin), file);
    copyFileSync(source, target);
    chmodSync(target, 0o755);
}

function writeExecutable(file: string, text: string): void {
    writeFileSync(file, text);
    chmodSync(file, 0o755);
}
