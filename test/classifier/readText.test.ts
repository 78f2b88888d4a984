import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../../classifier/src/model/openModel";
import { decodeText } from "../../classifier/src/readText";
import { describeWith, sharedData } from "../support/sharedData";

const swapped = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("a text of a user", () => {
    const text = "Käse\r\ncafe\u0301\n猫 🐈";
    test.each<[string, Buffer]>([
        ["UTF-8", Buffer.from(text)],
        ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
        ["UTF-16 LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
        ["UTF-16 BE with a mark", swapped(`\ufeff${text}`)],
    ])("in %s is read as it is, not normalised", (_, bytes) => {
        expect(decodeText(bytes, "labels.txt")).toBe(text);
    });

    test("may be empty, may hold a replacement character, and a mark in its middle is left there", () => {
        expect(decodeText(Buffer.alloc(0), "x")).toBe("");
        expect(decodeText(Buffer.from("a\ufffdb"), "x")).toBe("a\ufffdb");
        expect(decodeText(Buffer.from("a\ufeffb"), "x")).toBe("a\ufeffb");
    });

    test.each<[string, Buffer, string]>([
        [
            "Latin-1",
            Buffer.from("a\nb\ncaf\xe9\n", "latin1"),
            "labels.txt to be UTF-8, found in line 3 the byte 0xe9",
        ],
        ["Latin-1 after lone CR", Buffer.from("a\rb\xe9\r", "latin1"), "in line 2 the byte 0xe9"],
        ["Windows-1252 at the start", Buffer.from([0x80, 0x41]), "in line 1 the byte 0x80"],
        ["a cut character at the end", Buffer.from("ab🐈").subarray(0, 5), "in line 1 the byte 0xf0"],
        ["a byte like a replacement's first", Buffer.from([0x0a, 0xef, 0x41]), "in line 2 the byte 0xef"],
        ["a surrogate in UTF-8", Buffer.from([0x41, 0xed, 0xa0, 0x80]), "in line 1 the byte 0xed"],
        ["a longer form than needed", Buffer.from([0xc0, 0xaf]), "in line 1 the byte 0xc0"],
        [
            "a wrong byte after a replacement character",
            Buffer.concat([Buffer.from("\ufffd\n"), Buffer.from([0xff])]),
            "line 2 the byte 0xff",
        ],
        [
            "UTF-16 LE without a mark",
            Buffer.from("cat\ndog", "utf16le"),
            "NULs as in UTF-16 without a byte-order mark",
        ],
        ["UTF-16 BE without a mark", swapped("cat\ndog"), "NULs as in UTF-16 without a byte-order mark"],
        [
            "UTF-16 cut in a character",
            Buffer.from([0xff, 0xfe, 0x61]),
            "to be UTF-16 LE, as its byte-order mark says",
        ],
        [
            "half a pair in UTF-16",
            Buffer.from([0xfe, 0xff, 0xd8, 0x00]),
            "to be UTF-16 BE, as its byte-order mark says",
        ],
        ["UTF-32 LE", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "found UTF-32 by its mark"],
        ["UTF-32 BE", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), "found UTF-32 by its mark"],
        ["a NUL", Buffer.from("cat\ndogs and more\0\n"), "text in labels.txt, line 2, found a NUL"],
        ["a NUL in UTF-16", Buffer.from("\ufeffa\0", "utf16le"), "line 1, found a NUL"],
    ])("is refused by name and line for %s", (_, bytes, found) => {
        expect(() => decodeText(bytes, "labels.txt")).toThrow(found);
        expect(() => decodeText(bytes, "labels.txt")).toThrow(/Save the file as UTF-8\.$/);
    });

    /** Files that decode bytes themselves: what machines wrote, and what came by the network. */
    const OWN = [
        "classifier/src/foreignFile.ts",
        "classifier/src/http/containerPath.ts",
        "classifier/src/http/multipart.ts",
        "classifier/src/http/remoteImage.ts",
        "classifier/src/http/uiRoute.ts",
        "classifier/src/info.ts",
        "classifier/src/model/zipMap.ts",
        "classifier/src/workers/usableWorkers.ts",
        "cli/local/logs.ts",
        "cli/monitor.ts",
        "infra/assertCompiled.ts",
        "infra/assertInstalled.ts",
        "infra/buildContext.ts",
        "infra/checkedModel.ts",
    ];
    test("is read by no other way where users' files are read", () => {
        const root = join(__dirname, "..", "..");
        const found = ["classifier/src", "cli", "infra", "training"].flatMap((room) =>
            readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
                .filter((name) => name.endsWith(".ts"))
                .map((name) => join(room, name))
                .filter((file) =>
                    /"(utf-?8|latin1|ascii)"|\bstream\/consumers".*\btext\b/.test(withoutHeader(file, root)),
                ),
        );
        // What is thrown for bytes that are none is the same sentence everywhere.
        const others = ["classifier/src/readText.ts", "classifier/src/score/scoreBody.ts"];
        expect(found.filter((file) => !others.includes(file) && !file.includes("/image/")).sort()).toEqual(
            OWN,
        );
    });
});

function withoutHeader(file: string, root: string): string {
    return readFileSync(join(root, file), "utf8");
}

describeWith("cases")("the case of labels in UTF-16", () => {
    test("is read by its mark", async () => {
        const { labels } = await openModel(sharedData("cases", "models", "u16"));
        expect(labels.every((label) => /^[\p{L}\p{N} -]+$/u.test(label))).toBe(true);
        expect(labels).toHaveLength(3);
    });
});
