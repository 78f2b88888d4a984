import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, type ProjectCopy } from "./support/projectCopy";

const root = join(__dirname, "..");

/** The lines of every `sh` block of a page. */
function commandsOf(page: string): string[] {
    const blocks = readFileSync(join(root, page), "utf8").matchAll(/```sh\n([\s\S]*?)```/g);
    return [...blocks].flatMap(([, block = ""]) => block.trim().split("\n"));
}

/** The pages name the first stack's port; another one is chosen where that is taken. */
function onThisPort(command: string): string {
    const port = `$(sed -n 's/.*hostPort: "\\([0-9]*\\)".*/\\1/p' Pulumi.local.yaml)`;
    return command.replace("localhost:8080", () => `localhost:${port}`);
}

/** Run elsewhere: this very test run, and removing what all clones of this user share. */
const runElsewhere = ["npm test", "npm run edge -- local reset --all"];

describe("every command of the pages that a newcomer follows", () => {
    let project: ProjectCopy;

    beforeAll(async () => {
        project = await copyProject();
    });
    afterAll(() => project?.remove());

    // One shell per page, as a reader has it: what one command sets, the next one sees.
    test.each([["README.md"], ["docs/first-run.md"]])(
        "works in %s, one after the other",
        async (page) => {
            const commands = commandsOf(page).filter((command) => !runElsewhere.includes(command));
            expect(commands.length).toBeGreaterThan(3);
            const first = page === "README.md" ? [] : ["npm run local"];
            const { exitCode, stdout, stderr } = await project.shell(
                [...first, ...commands].map(onThisPort).join("\n"),
            );
            expect({ exitCode, end: exitCode === 0 ? "" : (stdout + stderr).slice(-2000) }).toEqual({
                exitCode: 0,
                end: "",
            });
        },
        180_000,
    );
});
