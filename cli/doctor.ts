import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Command, Option } from "commander";
import { azureAccount } from "../infra/provider/azure/azureAccount";
import { readAzureSettings } from "../infra/provider/azure/azureSettings";
import { type CommonOptions, commandContext } from "./context";
import { armAzure } from "./doctor/armAzure";
import { azureFindings } from "./doctor/azureFindings";
import type { Finding } from "./doctor/finding";
import { loginFindings, unreadSettings } from "./doctor/loginFindings";
import { type CheckedStack, stackFindings } from "./doctor/stackFindings";
import { type Purpose, type RunTool, toolFindings } from "./doctor/toolFindings";
import { CommandError, exitCodes } from "./exitCodes";

/** Adds `edge doctor`: looks at everything that an update needs, and creates nothing. */
export function addDoctor(program: Command): void {
    program
        .command("doctor")
        .description("look at everything that an update needs, with a fix for each; nothing is created")
        .addOption(
            new Option("--for <purpose>", "what the update is for")
                .choices(["cloud", "local", "edge-vm"])
                .default("cloud"),
        )
        .option("--stack <name>", "stack to look at (default: dev, or local with --for local)")
        .option("--json", "answer with one JSON document; progress goes to standard error")
        .addHelpText(
            "after",
            "\nExample: npm run edge -- doctor --stack dev --for edge-vm        docs/doctor.md",
        )
        .action(doctor);
}

async function doctor(options: CommonOptions & { for: Purpose }): Promise<void> {
    const context = commandContext(options, process);
    const { for: purpose, stack = purpose === "local" ? "local" : "dev" } = options;
    const run = runTool(context.env);
    process.chdir(context.project);
    const { findings, checked } = await stackFindings(stack, purpose, context.env);
    const builds = (checked?.settings.image ?? "") === "";
    const docker = { config: checked?.stackFile.docker ?? new Map(), env: context.env };
    const tools = await toolFindings(run, { purpose, builds, nodeVersion: process.version, docker });
    const azure = purpose === "local" ? [] : await azureOf(context.env, checked, purpose);
    const all = [...tools, ...findings, ...azure];
    if (context.json) context.writeJson({ stack, for: purpose, findings: all });
    else for (const finding of all) context.writeLine(line(finding));
    const count = all.filter(({ state }) => state === "failed").length;
    if (count > 0) {
        throw new CommandError(
            exitCodes.failed,
            `${count} ${count === 1 ? "thing" : "things"} must be mended before an update.`,
        );
    }
}

/** Signs in as an update will, by the code of our own provider, and looks at what it would meet. */
async function azureOf(
    env: NodeJS.ProcessEnv,
    checked: CheckedStack | undefined,
    purpose: Purpose,
): Promise<Finding[]> {
    const { azure = {}, azureSecrets = [] } = checked?.stackFile ?? {};
    const settings = readAzureSettings(azure, env);
    const account = azureAccount(settings);
    const unread = unreadSettings(azureSecrets, env);
    const login = await loginFindings({ settings, account, unread, stackFile: checked?.stackFile });
    if (!login.identity || !checked) return login.findings;
    const { subscriptionId } = login.identity;
    const edgeVm = checked.settings.edgeVm || purpose === "edge-vm";
    const asked = { ...checked.settings, edgeVm, region: azure.location ?? "", subscriptionId };
    return [...login.findings, ...(await azureFindings(armAzure(subscriptionId, account), asked))];
}

function runTool(env: NodeJS.ProcessEnv): RunTool {
    return async (file, ...args) => {
        try {
            const { stdout } = await promisify(execFile)(file, args, {
                env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
                timeout: 20_000,
            });
            return stdout.trim() || undefined;
        } catch {
            // Not there, signed out, not running: to whoever needs it that is the same.
            return undefined;
        }
    };
}

const marks = { good: "✔", warning: "!", failed: "✖" };

function line({ name, state, found, fix }: Finding): string {
    return `${marks[state]} ${name.padEnd(28)} ${found}${fix ? `\n  ${"".padEnd(28)} ${fix}` : ""}`;
}
