import { chmodSync, copyFileSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { normalizedPreview } from "../support/previewDocument";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// A reviewer trusts a preview that is the same on every machine. Two folders stand for two machines here: another path,
// time zone, locale and umask. Both look at one stack, that of the first.
let author: ProjectCopy;
let reviewer: ProjectCopy;

beforeAll(async () => {
    [author, reviewer] = [await copyProject(), await copyProject()];
    // Makes the stack and its configuration, with nothing in it.
    document(await author.edge("local", "preview", "--json"));
    asWithUmask077(reviewer.folder);
    copyFileSync(join(author.folder, "Pulumi.local.yaml"), join(reviewer.folder, "Pulumi.local.yaml"));
}, 120_000);
afterAll(async () => {
    await author?.remove();
    await reviewer?.remove();
});

function asWithUmask077(folder: string): void {
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const file = join(folder, path);
        const stat = lstatSync(file);
        if (!stat.isSymbolicLink()) chmodSync(file, stat.mode & 0o700);
    }
}

/** The preview of the author's stack, asked for in a project folder by plain Pulumi. */
async function previewIn(project: ProjectCopy, machine: string): Promise<string> {
    const environment = await author.shell("node --require tsx/cjs cli/edge.ts local env");
    const { exitCode, stdout, stderr } = await project.shell(
        `${environment.stdout}\n${machine}\npulumi preview -s local --json`,
    );
    if (exitCode !== 0) throw new Error(`The preview failed:\n${stdout}\n${stderr}`);
    return stdout;
}

const authors = "export TZ=UTC LANG=C.UTF-8; umask 022";
const reviewers = "export TZ=Pacific/Apia LANG=tr_TR.UTF-8 LC_ALL=C; umask 077";

const previews = async () => [await previewIn(author, authors), await previewIn(reviewer, reviewers)];

test("a stack that does not exist yet has one preview, but for the random part of its names", async () => {
    const [first = "", second = ""] = (await previews()).map((text) =>
        normalizedPreview(text, { maskNames: true }),
    );
    expect(second).toBe(first);
    expect(JSON.parse(first).changeSummary.create).toBeGreaterThan(5);
}, 120_000);

test("a stack that exists has one preview, from every folder", async () => {
    document(await author.edge("local", "up", "--json"));
    // A change to preview: what is unchanged leaves nothing to compare.
    for (const { folder } of [author, reviewer]) {
        const labels = join(folder, "classifier/model/model.yaml");
        writeFileSync(labels, readFileSync(labels, "utf8").replace(/^version: .*$/m, "version: 9.9.9"));
    }
    const [first = "", second = ""] = (await previews()).map((text) => normalizedPreview(text));
    expect(second).toBe(first);
    expect(JSON.parse(first).steps.length).toBeGreaterThan(3);
}, 180_000);

test.each([
    ["an absolute path", "__dirname"],
    ["a time", "new Date().toISOString()"],
])(
    "%s among the inputs is found",
    async (_, expression) => {
        const source = join(reviewer.folder, "infra/classifierImage.ts");
        const before = readFileSync(source, "utf8");
        writeFileSync(
            source,
            before.replace("args: { TITLE: title,", `args: { TITLE: title, BUILT: ${expression},`),
        );
        const [first = "", second = ""] = (await previews()).map((text) => normalizedPreview(text));
        writeFileSync(source, before);
        expect(second).not.toBe(first);
        expect(second).toContain("BUILT");
    },
    120_000,
);
