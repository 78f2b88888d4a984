import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";

const root = join(__dirname, "..");

function sourcesOf(room: string): string[] {
    return readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
        .filter(
            (path) =>
                /\.(ts|js)$/.test(path) &&
                !/(^|\/)(node_modules|dist)\//.test(path) &&
                !path.endsWith(".d.ts"),
        )
        .map((path) => join(room, path));
}

/** What a file imports: project files by their path, packages by their name. */
function importsOf(file: string): string[] {
    const text = readFileSync(join(root, file), "utf8");
    const imported = /\b(?:from|import)\s+"([^"]+)"|\b(?:import|require)\s*\(\s*"([^"]+)"/g;
    const specifiers = [...text.matchAll(imported)].map(([, named, called]) => named ?? called ?? "");
    return specifiers.map((specifier) =>
        specifier.startsWith(".")
            ? relative(root, normalize(join(root, dirname(file), specifier)))
            : specifier,
    );
}

/** A room may import from those before it. The tests import from all, and the benchmark borrows what supports them. */
const rooms = [
    ...[
        "setup",
        "classifier",
        "edge-vm",
        "provider-protocol",
        "infra",
        "training",
        "local",
        "cli",
        "generate",
    ],
    "bench",
];
const sources = rooms.flatMap(sourcesOf);
const imports = sources.flatMap((file) => importsOf(file).map((imported) => ({ file, imported })));

/** The files that are started, and read the environment and the arguments for all the others. */
const entryFiles = [
    "bench/limitProcess.ts",
    "bench/main.ts",
    "classifier/prune.js",
    "classifier/src/checkModel.ts",
    "classifier/src/healthCheck.ts",
    "classifier/src/main.ts",
    // It sets the variable that onnxruntime reads when it is loaded.
    "classifier/src/withoutTelemetry.ts",
    "classifier/src/workers/classifyWorker.ts",
    "cli/edge.ts",
    "generate/writeSdks.ts",
    "infra/index.ts",
    "infra/provider/main.ts",
    "local/engine/languageHost.js",
    "local/main.ts",
    "local/providers/main.ts",
    "setup/main.js",
];
/** The files of the project that a file imports. */
function projectImports(file: string): string[] {
    return importsOf(file).flatMap((imported) =>
        ["", ".ts", ".js"].map((end) => imported + end).filter((path) => sources.includes(path)),
    );
}

/** Every circle of files, from where a walk along the arrows comes upon it. */
function circlesOf(arrows: ReadonlyMap<string, readonly string[]>): string[] {
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): string[] => {
        if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" → ")];
        if (done.has(file)) return [];
        const found = (arrows.get(file) ?? []).flatMap((next) => walk(next, [...path, file]));
        done.add(file);
        return found;
    };
    return [...arrows.keys()].flatMap((file) => walk(file, []));
}

function offenders(isOffence: (file: string, imported: string) => boolean): string[] {
    return imports
        .filter(({ file, imported }) => isOffence(file, imported))
        .map(({ file, imported }) => `${file} → ${imported}`);
}

const within = (room: string) => (path: string) => path.startsWith(`${room}/`);

describe("the rules of dependency", () => {
    test("see the project's imports", () => expect(imports.length).toBeGreaterThan(100));

    test("infra, edge-vm and classifier never import from local, training, cli or bench", () => {
        const product = ["infra", "edge-vm", "classifier"].map(within);
        const others = ["local", "training", "cli", "bench"].map(within);
        expect(
            offenders((file, to) => product.some((is) => is(file)) && others.some((is) => is(to))),
        ).toEqual([]);
    });

    test("no arrow between rooms runs back up, and nobody imports the generators", () => {
        const place = (path: string) => rooms.indexOf(path.split("/")[0] ?? "");
        expect(offenders((file, to) => place(to) > place(file))).toEqual([]);
        expect(offenders((file, to) => within("generate")(to) && !within("generate")(file))).toEqual([]);
    });

    test("no files import each other in a circle, types included", () => {
        expect(circlesOf(new Map(sources.map((file) => [file, projectImports(file)])))).toEqual([]);
    });

    test("only entry files read the environment and the arguments, and each of them does", () => {
        const readers = sources.filter((file) =>
            /\bprocess\.(env|argv)\b|\} = process;/.test(readFileSync(join(root, file), "utf8")),
        );
        expect(readers.sort()).toEqual(entryFiles);
    });

    test("the classifier imports nothing outside itself but its own packages", () => {
        const { dependencies, devDependencies } = JSON.parse(
            readFileSync(join(root, "classifier/package.json"), "utf8"),
        );
        const own = Object.keys({ ...dependencies, ...devDependencies });
        const allowed = (to: string) =>
            within("classifier")(to) ||
            to.startsWith("node:") ||
            builtinModules.includes(to) ||
            own.some((name) => to === name || to.startsWith(`${name}/`));
        expect(offenders((file, to) => within("classifier/src")(file) && !allowed(to))).toEqual([]);
    });

    test("the protocol of providers knows none of them, and the provider nothing of Pulumi's SDK but the protocol", () => {
        expect(
            offenders((file, to) => within("provider-protocol")(file) && /^(infra|local)\//.test(to)),
        ).toEqual([]);
        const isSdk = (to: string) => to.startsWith("@pulumi/");
        expect(offenders((file, to) => within("infra/provider")(file) && isSdk(to))).toEqual([]);
        expect(
            offenders(
                (file, to) =>
                    within("provider-protocol")(file) && isSdk(to) && !to.startsWith("@pulumi/pulumi/proto/"),
            ),
        ).toEqual([]);
    });

    test("the provider stands apart from the program: it borrows the rules of manifests and nothing else", () => {
        const borrowed = ["infra/manifest/twinProblems", "infra/manifest/validateManifest"];
        const ours = within("infra/provider");
        expect(
            offenders((file, to) => ours(file) && within("infra")(to) && !ours(to) && !borrowed.includes(to)),
        ).toEqual([]);
    });

    test("the local Azure does not answer with the code that it is there to test", () => {
        expect(offenders((file, to) => within("local")(file) && within("infra")(to))).toEqual([]);
    });

    test("only the session knows onnxruntime", () => {
        expect(
            offenders(
                (file, to) =>
                    within("classifier/src")(file) &&
                    to.startsWith("onnxruntime") &&
                    file !== "classifier/src/session.ts",
            ),
        ).toEqual([]);
    });

    test("only the decoding files know sharp and libjpeg", () => {
        const decoders = ["sharp", "koffi", "@julusian/jpeg-turbo"];
        expect(
            offenders(
                (file, to) =>
                    within("classifier/src")(file) &&
                    decoders.some((name) => to === name || to.startsWith(`${name}/`)) &&
                    !/\/image\/(decode|imageFormats|libjpeg)\.ts$/.test(file),
            ),
        ).toEqual([]);
    });

    test("only config.ts reads pulumi.Config", () => {
        const readers = sourcesOf("infra").filter((file) =>
            /new pulumi\.Config\(/.test(readFileSync(join(root, file), "utf8")),
        );
        expect(readers).toEqual(["infra/config.ts"]);
    });
});
