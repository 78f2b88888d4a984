import { resolve } from "node:path";
import type { Command } from "commander";
import { configurationProblems } from "../infra/manifest/configurationProblems";
import { isLayered } from "../infra/manifest/layeredDeployment";
import { manifestCautions } from "../infra/manifest/manifestCautions";
import { placeholderManifest } from "../infra/manifest/placeholderManifest";
import { validateManifest } from "../infra/manifest/validateManifest";
import { type CommandContext, type CommonOptions, commandContext, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { type FieldChange, manifestDiff } from "./manifestDiff";
import { type ManifestFile, readManifestFile } from "./manifestFile";
import { stackManifestSettings } from "./stackManifestSettings";

/** Adds `edge manifest …`: the deployment manifest before it is on a device. */
export function addManifestCommands(program: Command): void {
    const manifest = program
        .command("manifest")
        .description("the deployment manifest: what a device is told to run");
    withCommonOptions(manifest.command("render"))
        .description(
            "print the manifest of a stack's configuration; secrets and what is not known yet as placeholders",
        )
        .addHelpText(
            "after",
            `
The answer is JSON with and without --json. Nothing but Pulumi.STACK.yaml is read.
Exit codes: 0 rendered, 2 a setting is wrong, 3 the stack has no configuration.

Example: npm run -s edge -- manifest render --stack dev > manifest.json`,
        )
        .action(render);
    withCommonOptions(manifest.command("validate"))
        .description("say all that is wrong with a manifest, ours or any other, whole, layered or automatic")
        .argument(
            "[file]",
            "a file with {modulesContent} or {content: {modulesContent}}; - is standard input",
            "-",
        )
        .addHelpText(
            "after",
            `
With --json the answer is {valid, problems}, and {warnings} where there are some: what a device takes, but what is
seldom meant. A layered deployment is told by sections such as properties.desired.modules.NAME.
Exit codes: 0 nothing is wrong (warnings or not), 2 something is or the file is no manifest, 3 the file does not exist.

Example: npm run -s edge -- manifest validate deployment.json
         npm run -s edge -- manifest render --stack dev | npm run -s edge -- manifest validate`,
        )
        .action(validate);
    withCommonOptions(manifest.command("diff"))
        .description("show the fields in which two manifests differ; createOptions are read")
        .argument("<a>", "a file as for validate")
        .argument("<b>", "another; one of the two may be - for standard input")
        .addHelpText(
            "after",
            `
With --json the answer is {changes: [{path, from, to}]}. Passwords and values named like secrets are not shown.
Exit codes: 0 the same, 1 different, 2 a file is no manifest, 3 a file does not exist.

Example: npm run -s edge -- manifest diff before.json after.json`,
        )
        .action(diff);
}

function render(options: CommonOptions): void {
    const context = commandContext(options, process);
    const settings = stackManifestSettings(context.project, options.stack ?? "local");
    context.writeJson(placeholderManifest(settings));
}

async function validate(file: string, options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const { document, ...manifest } = await manifestFrom(context, file);
    const problems = [...configurationProblems(document ?? {}), ...validateManifest(manifest)];
    const warnings = manifestCautions(manifest);
    const valid = problems.length === 0;
    if (context.json) context.writeJson({ valid, problems, ...(warnings.length > 0 && { warnings }) });
    else {
        for (const warning of warnings) context.writeLine(`Warning: ${warning}`);
        if (valid)
            context.writeLine(
                isLayered(manifest)
                    ? "The layered deployment is valid. The modules of its base are not known here."
                    : "The manifest is valid.",
            );
    }
    if (!valid) {
        const count = `The manifest has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}.`;
        throw new CommandError(exitCodes.usage, context.json ? count : [...problems, count].join("\n"));
    }
}

async function diff(a: string, b: string, options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    if (a === "-" && b === "-") {
        throw new CommandError(
            exitCodes.usage,
            "Expected at most one of the two manifests to be standard input, found both.",
        );
    }
    const [{ modulesContent: before }, { modulesContent: after }] = [
        await manifestFrom(context, a),
        await manifestFrom(context, b),
    ];
    const changes = manifestDiff({ modulesContent: before }, { modulesContent: after });
    if (context.json) context.writeJson({ changes });
    else for (const change of changes) context.writeLine(changeLine(change));
    if (changes.length > 0) {
        throw new CommandError(
            exitCodes.failed,
            `The manifests differ in ${changes.length} ${changes.length === 1 ? "field" : "fields"}.`,
        );
    }
    if (!context.json) context.writeLine("The manifests are the same.");
}

/** A file is named as seen from where the command was called. */
function manifestFrom({ env, project }: CommandContext, file: string): Promise<ManifestFile> {
    return readManifestFile(file === "-" ? file : resolve(env.INIT_CWD ?? project, file), process.stdin);
}

function changeLine({ path, from, to }: FieldChange): string {
    if (from === undefined) return `+ ${path}  ${JSON.stringify(to)}`;
    if (to === undefined) return `- ${path}  ${JSON.stringify(from)}`;
    return `~ ${path}  ${JSON.stringify(from)} → ${JSON.stringify(to)}`;
}
