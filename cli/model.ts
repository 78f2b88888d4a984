import { basename, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { BadInput } from "../training/badInput";
import { writeSamples } from "../training/drawnSamples";
import { writeModelFiles } from "../training/modelFiles";
import { trainModel } from "../training/train";
import { type CommandContext, type CommonOptions, commandContext, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { importModel } from "./importModel";

interface TrainOptions extends CommonOptions {
    out?: string;
    seed: number;
    variants: number;
    name?: string;
    modelVersion: string;
    description?: string;
}

/** Adds `edge model …`: the model that the classifier runs. */
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
            "where the model goes; what is there is replaced as a whole",
            "classifier/model",
        )
        .addHelpText("after", "\nExample: npm run edge -- model import ~/Downloads/fruit.zip")
        .action(importSource);
    withCommonOptions(model.command("samples"))
        .description("draw the sample images again: a spotted banana and a clean one")
        .option("--out <folder>", "where the images go (default: the project's samples)")
        .option("--model <folder>", "whose samples they are too (default: the project's classifier/model)")
        .addHelpText("after", "\nExample: npm run edge -- model samples")
        .action(samples);
}

async function train(folder: string, options: TrainOptions): Promise<void> {
    const context = commandContext(options, process);
    const { seed, variants, modelVersion: version, description, name = basename(resolve(folder)) } = options;
    const out = chosenFolder(context, options.out, "classifier/model");
    try {
        const naming = { name, version, description };
        const images = resolve(callersFolder(context), folder);
        const model = await trainModel(images, { ...naming, seed, variants }, context.progress);
        await writeModelFiles(out, model);
        if (context.json) context.writeJson({ folder: out, ...model.description });
        else context.progress.done("Model", `${name} ${version} in ${out}`);
    } catch (error) {
        if (!(error instanceof BadInput)) throw error;
        throw new CommandError(exitCodes.usage, error.message, { cause: error });
    }
}

async function importSource(source: string, options: CommonOptions & { out: string }): Promise<void> {
    const context = commandContext(options, process);
    const from = resolve(context.env.INIT_CWD ?? "", source);
    const out = resolve(context.project, options.out);
    const model = await importModel(from, out).catch((error: Error) => {
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

async function samples(options: CommonOptions & { out?: string; model?: string }): Promise<void> {
    const context = commandContext(options, process);
    const out = chosenFolder(context, options.out, "samples");
    const files = await writeSamples(out, chosenFolder(context, options.model, "classifier/model"));
    if (context.json) context.writeJson({ files });
    else for (const file of files) context.writeLine(file);
}

/** What a user names is seen from where the command was called, what is not named from the project. */
function chosenFolder(context: CommandContext, chosen: string | undefined, usual: string): string {
    return chosen === undefined ? resolve(context.project, usual) : resolve(callersFolder(context), chosen);
}

/** npm and the set-up start the command in the project, and keep in INIT_CWD where the user is. */
function callersFolder({ env, project }: CommandContext): string {
    return env.INIT_CWD ?? project;
}

function wholeNumber(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > 0x7fffffff)
        throw new InvalidArgumentError("Expected a whole number from 0 to 2147483647.");
    return value;
}
