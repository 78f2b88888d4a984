// Tells what of an installed node_modules is run on a device, and removes the rest: `node prune.js` in the image's
// build. Who packs the service without Docker asks `isRun` instead. A new dependency is looked at here once.
const fs = require("node:fs");
const path = require("node:path");

/** Types, maps and sources of what is compiled, and documentation. */
const NEVER_LOADED = /\.(ts|cts|mts|map|md|markdown|html|cc|hh|inc|S|asm|h|gyp)$/;

/** Builds for browsers and bundlers, tests and tools; each path was looked at. */
const UNUSED_FOLDERS = [
    "@julusian/jpeg-turbo/src",
    "bintrees/dist",
    "bintrees/examples",
    "bintrees/test",
    "koffi/doc",
    "koffi/lib",
    "koffi/vendor",
    "onnxruntime-common/dist/esm",
    "onnxruntime-node/script",
    "protobufjs/dist",
    "sharp/install",
    "yaml/browser",
];

/** Zod has each module twice: as .cjs, which this service loads, and as .js for ECMAScript modules. */
const ESM_TWIN = /(^|\/)zod\/.*\.js$/;

/** Files that the licences ask to be passed on. */
const LEGAL = /licen[cs]e|notice|copying/i;

/** The empty packages and scripts that would build jpeg-turbo's library; only the library itself is run. */
const NEVER_BUILT =
    /(^|\/)(cmake-js|node-addon-api|pkg-prebuilds|koffi\/cnoke\.cjs|jpeg-turbo\/[^/]+\.(js|txt)$)/;

/** Files in folders of a platform: what names it, and the one that this image is for. */
const BINARIES = [
    {
        path: /(^|\/)onnxruntime-node\/bin\/napi-v\d+\/([^/]+\/[^/]+)\//,
        here: ({ platform, arch }) => `${platform}/${arch}`,
    },
    {
        path: /(^|\/)@koromix\/koffi-[^/]+\/([^/]+)\/koffi\.node$/,
        here: ({ platform, arch }) => `${platform}_${arch}`,
    },
    {
        path: /(^|\/)@julusian\/jpeg-turbo\/prebuilds\/(.+)$/,
        here: ({ platform, arch }) => `jpeg-turbo-${platform}-${arch}/libturbojpeg.so.0`,
    },
];

/**
 * Whether a file within node_modules, named by its path with forward slashes, has a use when the service runs on a
 * machine of a `platform` and an `arch`, as Node names them.
 */
function isRun(file, machine) {
    const isOther = ({ path, here }) => ![undefined, here(machine)].includes(path.exec(file)?.[2]);
    if (BINARIES.some(isOther)) {
        return false;
    }
    if (LEGAL.test(path.posix.basename(file))) {
        return true;
    }
    const inUnusedFolder = UNUSED_FOLDERS.some((folder) => `/${file}`.includes(`/${folder}/`));
    return !inUnusedFolder && !NEVER_LOADED.test(file) && !ESM_TWIN.test(file) && !NEVER_BUILT.test(file);
}

/** Removes from a folder what is not run on this machine, or on another. Returns how many bytes are left. */
function prune(folder, machine = process) {
    let left = 0;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
        const file = path.join(entry.parentPath ?? entry.path, entry.name);
        if (!entry.isFile()) {
            continue;
        }
        if (isRun(path.relative(folder, file).split(path.sep).join("/"), machine)) {
            left += fs.statSync(file).size;
        } else {
            fs.rmSync(file);
        }
    }
    return left;
}

module.exports = { isRun, prune };

if (require.main === module) {
    const bytes = prune(path.join(process.cwd(), "node_modules"));
    process.stdout.write(`${(bytes / 1e6).toFixed(1)} MB of packages are left.\n`);
}
