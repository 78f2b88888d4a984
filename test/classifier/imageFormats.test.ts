import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { decode } from "../../classifier/src/image/decode";
import { refusedLoaders } from "../../classifier/src/image/imageFormats";
import { folderOf, pngOf } from "./support/colourModel";

const COMPILED = join(__dirname, "../../classifier/dist/image");

const promised = ["Jpeg", "Nsgif", "Png", "Tiff", "Webp"].map((format) => `VipsForeignLoad${format}`);

/** The names of the formats' loaders in the installed libvips, without those for a file, a buffer or a stream alone. */
function installedLoaders(): string[] {
    const packages = join(__dirname, "../../classifier/node_modules/@img");
    const libraries = readdirSync(packages, { recursive: true, encoding: "utf8" }).filter((file) =>
        /\blibvips(-cpp)?[-.].*(so|dylib|dll)/.test(file),
    );
    const names = libraries.flatMap((file) => [
        ...readFileSync(join(packages, file))
            .toString("latin1")
            .matchAll(/VipsForeignLoad[A-Z]\w*?(?=(File|Buffer|Source)?\0)/g),
    ]);
    return [...new Set(names.map(([name]) => name))].sort();
}

describe("the formats that libvips reads", () => {
    test("are those that are promised: every other that is installed is refused by its name", () => {
        const installed = installedLoaders();
        expect(installed.filter((name) => !refusedLoaders.includes(name))).toEqual(promised);
        expect(refusedLoaders.filter((name) => promised.includes(name))).toEqual([]);
    });

    test("stay open while another worker starts", async () => {
        const folder = await folderOf({
            "image.png": await pngOf([255, 0, 0]),
            // Starts as a worker does, and again and again.
            "start.js": `const file = require.resolve(process.env.DECODE);
                for (let i = 0; i < 1000; i++) {
                    for (const name of Object.keys(require.cache))
                        if (name.startsWith(process.env.COMPILED)) delete require.cache[name];
                    require(file);
                }`,
            "main.js": `const { decode } = require(process.env.DECODE);
                const image = require("node:fs").readFileSync(__dirname + "/image.png");
                let going = true;
                new (require("node:worker_threads").Worker)(__dirname + "/start.js").once("exit", () => { going = false; });
                (async () => {
                    let read = 0;
                    while (going) {
                        await decode(image, 1000);
                        read++;
                        await new Promise(setImmediate);
                    }
                    console.log(read);
                })().catch((error) => { console.error(error.message); process.exit(1); });`,
        });
        const env = { PATH: process.env.PATH, COMPILED, DECODE: join(COMPILED, "decode.js") };
        const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "main.js")], { env });
        expect(Number(stdout)).toBeGreaterThan(10);
    });

    test("are no others: a drawing is refused", async () => {
        const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
        await expect(decode(Buffer.from(svg), 1000)).rejects.toThrow("Expected a JPEG, PNG");
    });
});

describe("a TIFF whose directory is made to be read for long", () => {
    /** Little-endian entries of tag, kind of number, count and value. */
    const tiffOf = (entries: readonly (readonly number[])[]) => {
        const file = Buffer.alloc(10 + entries.length * 12);
        file.write("II*\0", "latin1");
        file.writeUInt32LE(8, 4);
        file.writeUInt16LE(entries.length, 8);
        for (const [index, [tag = 0, kind = 0, count = 0, value = 0]] of entries.entries()) {
            const at = 10 + index * 12;
            file.writeUInt16LE(tag, at);
            file.writeUInt16LE(kind, at + 2);
            file.writeUInt32LE(count, at + 4);
            file.writeUInt32LE(value, at + 8);
        }
        return file;
    };

    test.each([
        [
            "names a tag a second time",
            [
                [258, 3, 1, 8],
                [258, 3, 1, 8],
            ],
            /says the same twice/,
        ],
        [
            "claims four billion samples",
            [
                [258, 3, 1, 8],
                [277, 4, 1, 0xffffffff],
            ],
            /readers understand differently/,
        ],
    ])("is refused where it %s", async (_, entries, sentence) => {
        await expect(decode(tiffOf(entries), 1000)).rejects.toThrow(sentence);
    });
});
