import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { encodeModel } from "../../classifier/src/onnx";
import { COLOURS, colourModel, folderOf } from "../classifier/support/colourModel";
import { runCommand } from "./runCommand";

/** Where the model goes that no --out names, and who trains: the real ones take the project's own, and seconds. */
const written: { folder: string; how: unknown }[] = [];
let mockRefusal: Error | undefined;
jest.mock("../../training/train", () => ({
    trainModel: async (folder: string, how: object) => {
        if (mockRefusal) throw mockRefusal;
        return { network: new Uint8Array(), labels: ["a"], description: { folder, ...how } };
    },
}));
jest.mock("../../training/modelFiles", () => ({
    writeModelFiles: async (folder: string, { description }: { description: unknown }) => {
        written.push({ folder, how: description });
    },
}));
const { BadInput } = require("../../training/badInput") as typeof import("../../training/badInput");

const project = join(__dirname, "../..");
const { INIT_CWD } = process.env;
let here: string;
beforeEach(async () => {
    here = await folderOf({
        "fruit.onnx": Buffer.from(encodeModel(colourModel({ zipMap: COLOURS }))),
        "labels.txt": COLOURS.join("\n"),
    });
    process.env.INIT_CWD = here;
    written.length = 0;
    mockRefusal = undefined;
});
afterEach(() => {
    if (INIT_CWD === undefined) delete process.env.INIT_CWD;
    else process.env.INIT_CWD = INIT_CWD;
    rmSync(here, { recursive: true });
});

describe("edge model import", () => {
    test("names source and target as seen from where the user is, and answers with one document", async () => {
        const { exitCode, stdout } = await runCommand(
            "model",
            "import",
            "fruit.onnx",
            "--out",
            "mine",
            "--json",
        );
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toEqual({
            folder: join(here, "mine"),
            name: "fruit",
            labels: COLOURS,
            files: ["labels.txt", "model.onnx", "model.yaml"],
            probe: "Different images get different answers.",
        });
        expect(readdirSync(join(here, "mine")).sort()).toEqual(["labels.txt", "model.onnx", "model.yaml"]);
    });

    test("says what was taken and how it is deployed", async () => {
        const { stdout } = await runCommand("model", "import", join(here, "fruit.onnx"), "--out", "mine");
        expect(stdout).toMatch(/✔ Model +fruit +with red, green, blue\n/);
        expect(stdout).toMatch(/Different images.*\nDeploy it with: npm run local/);
    });

    test("of what is no model is wrong usage, with the reason", async () => {
        const { exitCode, stdout, stderr } = await runCommand("model", "import", "none.zip", "--out", "mine");
        expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
        expect(stderr).toBe(
            `Expected a zip, a folder or an ONNX file at ${join(here, "none.zip")}, found nothing there.\n`,
        );
        expect(existsSync(join(here, "mine"))).toBe(false);
    });
});

describe("edge model train", () => {
    test("takes the folder's name, one seed and sixteen variants where nothing else is said", async () => {
        const { exitCode } = await runCommand("model", "train", "bananas");
        expect(exitCode).toBe(0);
        expect(written).toEqual([
            {
                folder: join(project, "classifier/model"),
                how: {
                    ...{ folder: join(here, "bananas"), name: "bananas", version: "1.0.0" },
                    ...{ description: undefined, seed: 1, variants: 16 },
                },
            },
        ]);
    });

    test("takes each of its options", async () => {
        const { stdout } = await runCommand(
            ...["model", "train", "bananas", "--out", "mine", "--seed", "0", "--variants", "2147483647"],
            ...["--name", "n", "--model-version", "2.1.0", "--description", "d", "--json"],
        );
        const how = {
            ...{ folder: join(here, "bananas"), name: "n", version: "2.1.0", description: "d" },
            ...{ seed: 0, variants: 2_147_483_647 },
        };
        expect(written).toEqual([{ folder: join(here, "mine"), how }]);
        // The document is the model's description, in which this stand-in names where its images are.
        expect(JSON.parse(stdout)).toEqual(how);
    });

    test.each([
        ["--seed", "-1"],
        ["--seed", "1.5"],
        ["--seed", "0x10"],
        ["--seed", "2147483648"],
        ["--variants", ""],
        ["--variants", "many"],
    ])("refuses %s %j", async (option, value) => {
        const { exitCode, stderr } = await runCommand("model", "train", "bananas", option, value);
        expect([exitCode, stderr]).toEqual([
            2,
            expect.stringContaining("Expected a whole number from 0 to 2147483647."),
        ]);
        expect(written).toEqual([]);
    });

    test("of bad images is wrong usage; any other failure is its own", async () => {
        mockRefusal = new BadInput("Expected at least two labels, found one.");
        expect(await runCommand("model", "train", "bananas")).toMatchObject({
            exitCode: 2,
            stderr: "Expected at least two labels, found one.\n",
        });
        mockRefusal = new Error("out of memory");
        await expect(runCommand("model", "train", "bananas")).rejects.toThrow("out of memory");
    });
});
