import { createServer } from "node:net";
import { assertCompiled } from "../../infra/assertCompiled";
import { checkedModel } from "../../infra/checkedModel";
import { type Finding, failed, good, look, warning } from "./finding";
import { readStackFile, type StackFile } from "./stackFile";
import type { Purpose } from "./toolFindings";

/** What of the project and the stack's configuration an update would stumble over. The project is the current folder. */
export async function stackFindings(
    stack: string,
    purpose: Purpose,
): Promise<{ findings: Finding[]; file: StackFile | undefined }> {
    const file = readStackFile(".", stack);
    const findings = [
        ...(await look("project", "Compile it with: npm run setup", async () => {
            assertCompiled();
            return [good("project", "compiled from the present sources")];
        })),
        ...configuration(file, stack, purpose),
        ...(await look("model", "Train or import another: npm run edge -- model --help", async () => {
            const { title, version } = checkedModel("classifier");
            return [good("model", `${title} ${version}`.trim())];
        })),
    ];
    if (purpose === "local") findings.push(await port(file?.settings.hostPort ?? 8080));
    return { findings, file };
}

function configuration(file: StackFile | undefined, stack: string, purpose: Purpose): Finding[] {
    const name = "config";
    if (!file) {
        const missing = `Pulumi.${stack}.yaml is not there`;
        if (purpose === "local") return [warning(name, missing, "Nothing to do: npm run local writes it")];
        return [failed(name, missing, `Write it with: npm run edge -- init --stack ${stack}`)];
    }
    const problems = file.problems.map((sentence) => {
        const [found = "", fix = ""] = sentence.split(/(?<=\.) (?=Set|Remove|Enrollments)/);
        return failed(name, found, fix);
    });
    if (purpose === "edge-vm" && !file.settings.edgeVm) {
        problems.push(failed(name, "edgeVm is false", "Set it with: pulumi config set edgeVm true"));
    }
    return problems.length > 0 ? problems : [good(name, `${file.file} is complete`)];
}

async function port(wanted: number): Promise<Finding> {
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
        probe.once("error", () => resolve(false));
        probe.listen(wanted, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return good("port", `${wanted} is free`);
    return warning(
        "port",
        `${wanted} is in use`,
        "Unless the classifier of this stack has it, choose another: pulumi config set hostPort PORT",
    );
}
