import { spawnSync } from "node:child_process";

/** A `test` that needs commands of the machine; left out, and named after what is missing, where one is not installed. */
export function testWithCommands(
    commands: readonly string[],
    title: string,
    run: jest.ProvidesCallback,
): void {
    const missing = commands.filter((command) => spawnSync("which", [command]).status !== 0);
    if (missing.length === 0) test(title, run);
    else test.skip(`${title} (${missing.join(" and ")} is not installed)`, () => {});
}
