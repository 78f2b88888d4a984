import { basename, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { BadInput } from "../training/badInput";
import { writeModelFiles } from "../training/modelFiles";
import { type CommandContext, type CommonOptions, commandContext, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";

interface TrainOptions extends CommonOptions {
    out?: string;
    seed: number;
    variants: number;
    name?: string;
    modelVersion: string;
    description?: string;
}

/**
 * Adds `edge model …`: the model that the classifier runs. What opens images and networks is loaded by the command that
 * needs it, so that no other command waits for it.
 */
export function addModelCommands(program: Command): void {
    const model = program.command("model").description("the model that the classifier runs");
    withCommonOptions(model.command("train"))
        .description("train a model on a folder with one folder of images per label")
        .argument("<folder>", "for example bananas, with bananas/ripe and bananas/unripe in it")
        .option("--out <folder>", "where the model goes (default: the project's classifier/model)")
        .option(
            "--seed <n>",
            "where chance starts: the same seed and images give the same model",
            wholeNumber,
            1,
        )
        .option("--variants <n>", "random variants of each image to train on", wholeNumber, 16)
        .option("--name <name>", "the model's name (default: the folder's)")
        .option("--model-version <version>", "the model's version", "1.0.0")
        .option("--description <text>", "one sentence on what the model tells apart")
        .addHelpText(
            "after",
            "\nExample: npm run edge -- model train bananas --name banana-ripeness --seed 1",
        )
        .action(train);
    withCommonOptions(model.command("import"))
        .description("take a Custom Vision export or any ONNX classifier as the model to deploy")
        .argument(
            "<source>",
            "an export's zip, its unpacked folder, or an .onnx file with labels.txt beside it",
        )
        .option(
            "--out <folder>",
            "where the model goes; what is there is replaced as a whole (default: the project's classifier/model)",
        )
        .addHelpText("after", "\nExample: npm run edge -- model import ~/Downloads/fruit.zip")
        .action(importSource);
}

async function train(folder: string, options: TrainOptions): Promise<void> {
    const context = commandContext(options, process);
    const { seed, variants, modelVersion: version, description, name = basename(resolve(folder)) } = options;
    const { trainModel } = require("../training/train") as typeof import("../training/train");
    const out = outFolder(context, options);
    try {
        const naming = { name, version, description };
        const model = await trainModel(
            fromUser(context, folder),
            { ...naming, seed, variants },
            context.progress,
        );
        await writeModelFiles(out, model);
        if (context.json) context.writeJson({ folder: out, ...model.description });
        else context.progress.done("Model", `${name} ${version} in ${out}`);
    } catch (error) {
        if (!(error instanceof BadInput)) throw error;
        throw new CommandError(exitCodes.usage, error.message, { cause: error });
    }
}

async function importSource(source: string, options: CommonOptions & { out?: string }): Promise<void> {
    const { importModel } = require("./importModel") as typeof import("./importModel");
    const context = commandContext(options, process);
    const out = outFolder(context, options);
    const model = await importModel(fromUser(context, source), out).catch((error: Error) => {
        throw new CommandError(exitCodes.usage, error.message, { cause: error });
    });
    if (context.json) context.writeJson({ folder: out, ...model });
    else {
        context.progress.done(
            "Model",
            `${model.name} ${model.version ?? ""} with ${model.labels.join(", ")}`,
        );
        context.writeLine(
            `${model.probe}\nDeploy it with: npm run local, or pulumi up on the stack of your device.`,
        );
    }
}

function outFolder(context: CommandContext, { out }: { readonly out?: string }): string {
    return out ? fromUser(context, out) : resolve(context.project, "classifier/model");
}

/** npm and the set-up start the command in the project, and keep in INIT_CWD where the user is. */
function fromUser({ env, project }: CommandContext, path: string): string {
    return resolve(env.INIT_CWD ?? project, path);
}

function wholeNumber(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > 0x7fffffff)
        throw new InvalidArgumentError("Expected a whole number from 0 to 2147483647.");
    return value;
}
