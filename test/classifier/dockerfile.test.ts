import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser, type From, type Instruction } from "dockerfile-ast";

const file = join(__dirname, "../../classifier/Dockerfile");
const stages = stagesOf(DockerfileParser.parse(readFileSync(file, "utf8")).getInstructions());

describe("a build for a device of another platform", () => {
    test("executes nothing of the device's: the last stage only copies", () => {
        const executing = stages.at(-1)?.filter((each) => ["RUN", "ONBUILD"].includes(each.getKeyword()));
        expect(executing).toEqual([]);
    });

    test("runs each stage before on the machine that builds", () => {
        const platforms = stages.map(([from]) => (from as From).getPlatformFlag()?.getValue());
        // The classic builder, which names no build platform, takes its own for the bare name of a system.
        const ownPlatform = "$" + "{BUILDPLATFORM:-linux}";
        expect(platforms).toEqual([ownPlatform, ownPlatform, undefined]);
    });

    test("installs the packages and prunes them for the device", () => {
        const [install = ""] = stages
            .flat()
            .map((each) => each.getRawArgumentsContent() ?? "")
            .filter((line) => line.includes("prune.js linux"));
        expect(install).toMatch(/npm ci --omit=dev --os=linux --cpu="\$cpu" --libc=glibc/);
        expect(install).toMatch(/node prune\.js linux "\$cpu"/);
    });
});

/** The instructions of each stage, its FROM first; what stands before the first is of none. */
function stagesOf(instructions: Instruction[]): Instruction[][] {
    const starts = instructions.flatMap((each, index) => (each.getKeyword() === "FROM" ? [index] : []));
    return starts.map((start, index) => instructions.slice(start, starts[index + 1]));
}
