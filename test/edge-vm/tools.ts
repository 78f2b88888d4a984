import { spawnSync } from "node:child_process";

/** A `test` that needs commands of the machine; says aloud what is left out where one is not installed. */
export function testWithCommands(
    commands: readonly string[],
    title: string,
    run: jest.ProvidesCallback,
): void {
    const missing = commands.filter((command) => spawnSync("which", [command]).status !== 0);
    if (missing.length === 0) {
        test(title, run);
        return;
    }
    console.warn(`Left out: "${title}", because ${missing.join(" and ")} is not installed on this machine.`);
    test.skip(`${title} (${missing.join(" and ")} is not installed)`, () => {});
}
