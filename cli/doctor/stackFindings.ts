import { assertCompiled } from "../../infra/assertCompiled";
import { checkedModel } from "../../infra/checkedModel";
import { checkSettings } from "../../infra/checkSettings";
import { cloudProblems, deployedTo } from "../../infra/cloudProblems";
import { type Problem, sentence } from "../../infra/problem";
import type { Settings } from "../../infra/settings";
import { isFree } from "../../local/base/ports";
import { readStackFile, type StackFile } from "../stackFile";
import { type Finding, failed, good, look, warning } from "./finding";
import type { Purpose } from "./toolFindings";

/** A stack's configuration, checked: the values of what is right, with defaults for what is not set. */
export interface CheckedStack {
    readonly stackFile: StackFile;
    readonly settings: Settings;
    readonly problems: readonly Problem[];
}

/** Looks at the project, which is the current folder, and the stack's configuration for what would fail an update. */
export async function stackFindings(
    stack: string,
    purpose: Purpose,
    env: NodeJS.ProcessEnv,
): Promise<{ findings: Finding[]; checked: CheckedStack | undefined }> {
    // The local Azure takes the place of whatever cloud the environment names.
    const checked = checkedStack(stack, purpose === "local" ? {} : env);
    const findings = [
        ...(await look("project", "Compile it with: npm run setup", async () => {
            assertCompiled();
            return [good("project", "compiled from the present sources")];
        })),
        ...configuration(checked, stack, purpose),
        ...(await look("model", "Train or import another: npm run edge -- model --help", async () => {
            const { title, version } = checkedModel("classifier");
            return [good("model", `${title} ${version}`.trim())];
        })),
    ];
    if (purpose === "local") findings.push(await port(checked?.settings.hostPort ?? 8080));
    return { findings, checked };
}

function checkedStack(stack: string, env: NodeJS.ProcessEnv): CheckedStack | undefined {
    const found = readStackFile(".", stack);
    if (!found) return undefined;
    const { values: settings, problems } = checkSettings(found.texts, (key) => found.secrets.has(key));
    const ofCloud = cloudProblems(settings, deployedTo(found.azure, env));
    return { stackFile: found, settings, problems: [...problems, ...ofCloud] };
}

function configuration(checked: CheckedStack | undefined, stack: string, purpose: Purpose): Finding[] {
    const name = "config";
    if (!checked) {
        const missing = `Pulumi.${stack}.yaml is not there`;
        if (purpose === "local") return [warning(name, missing, "Nothing to do: npm run local writes it")];
        return [failed(name, missing, `Write it with: npm run edge -- init --stack ${stack}`)];
    }
    const problems = checked.problems.map(({ fix = "", ...problem }) => failed(name, sentence(problem), fix));
    if (purpose === "edge-vm" && !checked.settings.edgeVm) {
        problems.push(failed(name, "edgeVm is false", "Set it with: pulumi config set edgeVm true"));
    }
    return problems.length > 0 ? problems : [good(name, `${checked.stackFile.file} is complete`)];
}

async function port(wanted: number): Promise<Finding> {
    if (await isFree(wanted)) return good("port", `${wanted} is free`);
    return warning(
        "port",
        `${wanted} is in use`,
        "Unless the classifier of this stack has it, choose another: pulumi config set hostPort PORT",
    );
}
