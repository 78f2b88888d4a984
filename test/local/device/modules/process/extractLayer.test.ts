import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extractLayer } from "../../../../../local/device/modules/process/extractLayer";
import { gzip, type LayerEntry, tar } from "../../testImage";

const plain = "application/vnd.oci.image.layer.v1.tar";
let outer: string;
let rootfs: string;

beforeEach(() => {
    outer = realpathSync(mkdtempSync(join(tmpdir(), "layer-")));
    rootfs = join(outer, "rootfs");
    mkdirSync(rootfs);
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

async function extract(entries: Record<string, LayerEntry>): Promise<void> {
    await extractLayer(Readable.from([await tar(entries)]), plain, rootfs);
}

const read = (name: string) => readFileSync(join(rootfs, name), "utf8");
const folder = { type: "directory" };
/** A link that stays inside as it is written, and leads out as it is followed, since `self` is no step down. */
const detour = (target: string) => ({ type: "symlink", linkname: `self/${target}` });

test("files, folders and links are placed, with missing folders made and executables executable", async () => {
    await extract({
        "./app/": folder,
        "./app/main.js": "main",
        "/deep/down/file": "deep",
        "app/run": { type: "file", content: "#!", mode: 0o755 },
        "app/link": { type: "symlink", linkname: "../deep/down/file" },
        "app/hard": { type: "link", linkname: "app/main.js" },
    });
    expect([read("app/main.js"), read("deep/down/file"), read("app/link"), read("app/hard")]).toEqual([
        "main",
        "deep",
        "deep",
        "main",
    ]);
    expect([
        statSync(join(rootfs, "app/run")).mode & 0o111,
        statSync(join(rootfs, "app/main.js")).mode & 0o111,
    ]).toEqual([0o111, 0]);
});

test.each([
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
])("a layer of type %s is unzipped", async (mediaType) => {
    await extractLayer(Readable.from([gzip(await tar({ a: "content" }))]), mediaType, rootfs);
    expect(read("a")).toBe("content");
});

test("a higher layer replaces what lies below, a file by a folder too, and whiteouts remove", async () => {
    await extract({ a: "old", b: "kept", "c/d": "old", "c/e": "old", f: "file", "g/h": "folder" });
    await extract({
        a: "new",
        ".wh.b": "",
        "c/new": "new",
        "c/.wh..wh..opq": "",
        "f/inside": "now a folder",
        g: "now a file",
    });
    expect([read("a"), read("c/new"), read("f/inside"), read("g")]).toEqual([
        "new",
        "new",
        "now a folder",
        "now a file",
    ]);
    for (const gone of ["b", "c/d", "c/e"]) expect(existsSync(join(rootfs, gone))).toBe(false);
});

test.each<[string, Record<string, LayerEntry>]>([
    ["a name that climbs out", { "../evil": "x" }],
    ["a name that climbs out below a folder", { "a/../../evil": "x" }],
    ["a link to an absolute path", { a: { type: "symlink", linkname: "/etc" } }],
    ["a link that climbs out", { a: { type: "symlink", linkname: "../../etc" } }],
    ["a hard link that climbs out", { a: { type: "link", linkname: "../outside" } }],
    [
        "a file through a link whose way was turned",
        { self: { type: "symlink", linkname: "." }, out: detour(".."), "out/file": "x" },
    ],
    [
        "a folder through such a link",
        { self: { type: "symlink", linkname: "." }, out: detour(".."), "out/new/": folder },
    ],
    [
        "a hard link through such a link",
        {
            self: { type: "symlink", linkname: "." },
            out: detour("../outside"),
            a: { type: "link", linkname: "out" },
        },
    ],
])("%s is refused, and nothing is written outside", async (_name, entries) => {
    writeFileSync(join(outer, "outside"), "untouched");
    await expect(extract(entries)).rejects.toThrow(/leads out of the image/);
    expect(readdirSync(outer)).toEqual(["outside", "rootfs"]);
    expect(readFileSync(join(outer, "outside"), "utf8")).toBe("untouched");
});

test("a device or any other special file is refused", async () => {
    await expect(extract({ null: { type: "character-device" } })).rejects.toThrow(
        /null is a character-device/,
    );
});

test("a layer of another type, one that is cut off and one that is no gzip are errors", async () => {
    const whole = await tar({ a: "x".repeat(5000) });
    await expect(extractLayer(Readable.from([whole]), `${plain}+zstd`, rootfs)).rejects.toThrow(/tar\+zstd/);
    await expect(extractLayer(Readable.from([whole.subarray(0, 3000)]), plain, rootfs)).rejects.toThrow(
        /Unexpected end/,
    );
    await expect(extractLayer(Readable.from([whole]), `${plain}+gzip`, rootfs)).rejects.toThrow(
        /incorrect header check/,
    );
});

test("an error of the download is the one that is told", async () => {
    const failing = Readable.from(
        (async function* () {
            yield (await tar({ a: "x".repeat(5000) })).subarray(0, 2000);
            throw new Error("the line is dead");
        })(),
    );
    await expect(extractLayer(failing, plain, rootfs)).rejects.toThrow("the line is dead");
});
