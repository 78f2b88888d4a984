import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Command, Option } from "commander";
import { type CommonOptions, commandContext } from "./context";
import { armAzure } from "./doctor/armAzure";
import { armCall } from "./doctor/armCall";
import { azureFindings } from "./doctor/azureFindings";
import type { Finding } from "./doctor/finding";
import { type CheckedStack, stackFindings } from "./doctor/stackFindings";
import { type Purpose, type RunTool, toolFindings } from "./doctor/toolFindings";
import { CommandError, exitCodes } from "./exitCodes";
import { providerSettings } from "./stackFile";

/** Azure's own management endpoint. */
const armUrl = "https://management.azure.com";

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
    const { findings, checked } = await stackFindings(stack, purpose);
    const builds = (checked?.settings.image ?? "") === "";
    const docker = { config: providerSettings(".", stack, "docker"), env: context.env };
    const tools = await toolFindings(run, { purpose, builds, nodeVersion: process.version, docker });
    const isSignedIn = tools.some(({ name, state }) => name === "login" && state === "good");
    const azure = isSignedIn && checked ? await azureOf(run, checked, purpose) : [];
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

async function azureOf(
    run: RunTool,
    { region, settings }: CheckedStack,
    purpose: Purpose,
): Promise<Finding[]> {
    const az = async (...args: string[]) => (await run("az", "account", ...args, "--output", "tsv")) ?? "";
    const subscriptionId = await az("show", "--query", "id");
    const token = () => az("get-access-token", "--resource", `${armUrl}/`, "--query", "accessToken");
    const edgeVm = settings.edgeVm || purpose === "edge-vm";
    return azureFindings(armAzure(subscriptionId, armCall(armUrl, token)), { ...settings, edgeVm, region });
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
