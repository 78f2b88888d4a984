// Tells what of an installed node_modules is run on a device, and removes the rest: `node prune.js linux arm64` in the
// image's build. Who packs the service without Docker asks `isRun` instead. A new dependency is looked at here once.
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

/** Binaries, by folders of a platform: what names it, and the one that the image is for. */
const BINARIES = [
    {
        name: "sharp",
        path: /(^|\/)@img\/sharp-(?!libvips-)([^/]+)\//,
        here: ({ platform, arch }) => `${platform}-${arch}`,
    },
    {
        name: "libvips",
        path: /(^|\/)@img\/sharp-libvips-([^/]+)\//,
        here: ({ platform, arch }) => `${platform}-${arch}`,
    },
    {
        name: "onnxruntime",
        path: /(^|\/)onnxruntime-node\/bin\/napi-v\d+\/([^/]+\/[^/]+)\//,
        here: ({ platform, arch }) => `${platform}/${arch}`,
    },
    {
        name: "koffi",
        path: /(^|\/)@koromix\/koffi-[^/]+\/([^/]+)\/koffi\.node$/,
        here: ({ platform, arch }) => `${platform}_${arch}`,
    },
    {
        name: "jpeg-turbo",
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

/**
 * Removes from a folder what is not run on a machine of a `platform` and an `arch`. Returns how many bytes are left. Throws
 * where a package has no binaries for the machine: npm passes over those of another platform without a word.
 */
function prune(folder, machine) {
    let left = 0;
    const missing = new Set(BINARIES);
    for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
        const file = path.join(entry.parentPath ?? entry.path, entry.name);
        if (!entry.isFile()) {
            continue;
        }
        const name = path.relative(folder, file).split(path.sep).join("/");
        if (isRun(name, machine)) {
            left += fs.statSync(file).size;
            for (const kind of BINARIES) {
                if (kind.path.exec(name)?.[2] === kind.here(machine)) missing.delete(kind);
            }
        } else {
            fs.rmSync(file);
        }
    }
    if (missing.size > 0) {
        const { platform, arch } = machine;
        throw new Error(
            `Expected binaries for ${platform} on ${arch}, found none of ${[...missing].map(({ name }) => name).join(", ")}. ` +
                `Install the packages with: npm ci --os=${platform} --cpu=${arch}`,
        );
    }
    return left;
}

module.exports = { isRun, prune };

if (require.main === module) {
    const [, , platform = process.platform, arch = process.arch] = process.argv;
    const bytes = prune(path.join(process.cwd(), "node_modules"), { platform, arch });
    process.stdout.write(`${(bytes / 1e6).toFixed(1)} MB of packages are left.\n`);
}
