import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccountStack, accountStack } from "./accountStack";

// Half of a clone: each command says first what is missing.
let stack: AccountStack;
beforeAll(async () => {
    stack = await accountStack();
}, 120_000);
afterAll(() => stack?.remove());

describe("a clone that was not set up", () => {
    let clone: string;
    beforeAll(async () => {
        await stack.pulumi("up --yes --skip-preview");
        clone = mkdtempSync(join(tmpdir(), "bare clone "));
        const ignored = /\/(node_modules|dist|\.local)$/;
        cpSync(stack.project.folder, clone, { recursive: true, filter: (source) => !ignored.test(source) });
    }, 120_000);
    afterAll(() => rmSync(clone, { recursive: true }));

    const inClone = (command: string) =>
        stack.shell(`cd '${clone}'`, `pulumi ${command} -s ways --non-interactive`);
    const commands = ["preview", "up --yes --skip-preview", "refresh --yes --skip-preview", "destroy --yes"];

    test.each(commands)("and has no packages: %s says first how to get them", async (command) => {
        const { exitCode, stdout, stderr } = await inClone(command);
        expect(exitCode).not.toBe(0);
        expect(firstSentence(stdout + stderr)).toMatch(
            /Expected the packages of .*bare clone .* to be installed, found none\. Run there: npm run setup/,
        );
    });

    test("our own provider says so by itself, as a destroy with genuine plugins meets it", () => {
        const provider = join(clone, "infra/provider/pulumi-resource-iotedge");
        expect(() => execFileSync(provider, ["127.0.0.1:1"], { stdio: "pipe" })).toThrow(
            /Expected the packages of .*bare clone .* to be installed, found none\. Run there: npm ci \(or npm run setup/,
        );
    });

    describe("and has packages alone", () => {
        beforeAll(() => {
            // All but one, as after a pull that brought a dependency.
            execFileSync("cp", [
                "-rs",
                `${join(stack.project.folder, "node_modules")}/`,
                join(clone, "node_modules"),
            ]);
            symlinkSync(
                join(stack.project.folder, "classifier/node_modules"),
                join(clone, "classifier/node_modules"),
            );
        });

        test.each(commands.slice(0, 2))("%s says to compile, whatever else is missing", async (command) => {
            const { exitCode, stdout, stderr } = await inClone(command);
            expect(exitCode).not.toBe(0);
            expect(firstSentence(stdout + stderr)).toContain(
                "Expected classifier/dist to be compiled from the present sources, found nothing compiled. Compile it with: npm run setup",
            );
            expect((await stack.doctor(":", clone)).project).toMatchObject({
                fix: "Compile it with: npm run setup",
            });
        });

        test("a preview says which package is missing or another, before it is looked for", async () => {
            rmSync(join(clone, "node_modules/zod"), { recursive: true });
            const { stdout, stderr } = await inClone("preview");
            expect(firstSentence(stdout + stderr)).toMatch(
                /Expected the packages of package-lock\.json to be installed, found others: zod \S+ \(not there\)\. Install them with: npm run setup/,
            );
        });
    });
});

/** The first thing that looks like an error, of all that a command printed. */
function firstSentence(printed: string): string {
    return printed.split("\n").find((line) => /Expected |Error: |Cannot find/.test(line)) ?? printed;
}
