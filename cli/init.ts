import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { confirm, input, select } from "@inquirer/prompts";
import type { Command } from "commander";
import { sentence } from "../infra/problem";
import { type CommonOptions, commandContext, withCloudOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { type InitAnswers, initFile } from "./initFile";

/** Flags are texts; what is missing is asked for. */
interface InitOptions extends CommonOptions, Partial<InitAnswers> {
    readonly force?: boolean;
}

/** Adds `edge init`: writes the configuration of a stack and creates nothing else. */
export function addInit(program: Command): void {
    withCloudOptions(program.command("init"))
        .description("write the configuration of a stack, from flags or by asking; nothing is created")
        .option("--region <region>", "region of Azure, such as westeurope")
        .option("--hub-sku <sku>", "F1 (free, one per subscription), S1, S2 or S3")
        .option("--device <kind>", "own (a device you bring) or vm (a machine of the stack)")
        .option("--ssh-public-key <key>", "with vm: OpenSSH public key of its administrator")
        .option("--ssh-from <ranges>", "with vm: who may connect by SSH, such as 198.51.100.7/32,…")
        .option("--http-from <ranges>", "with vm: who may ask the classifier")
        .option("--check <check>", "reported, http or none")
        .option("--force", "write over a configuration that is there")
        .addHelpText(
            "after",
            "\nExample: npm run edge -- init --stack dev --region westeurope --hub-sku F1 --device own --check none",
        )
        .action(init);
}

async function init(options: InitOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = options.stack ?? "dev";
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(stack)) {
        throw usage(
            `Expected a stack name of 1 to 40 lower-case letters, digits or dashes, found "${stack}".`,
        );
    }
    const file = `Pulumi.${stack}.yaml`;
    const place = join(context.project, file);
    if (existsSync(place) && !options.force) {
        throw usage(
            `Expected no ${file} yet, found one. Write over it with --force, or choose --stack NAME.`,
        );
    }
    const { text, problems } = initFile(await answers(options));
    if (problems.length > 0) throw usage(problems.map(sentence).join("\n"));
    writeFileSync(place, text);
    if (context.json) context.writeJson({ stack, file });
    else
        context.progress.done(
            "Configuration",
            `${file}; look at what is needed: npm run edge -- doctor --stack ${stack}`,
        );
}

/** Asks for what no flag says; without a terminal there is nobody to ask. */
async function answers(options: InitOptions): Promise<InitAnswers> {
    const isVm = options.device === "vm";
    const missing = [
        ...(["region", "hubSku", "device", "check"] as const).filter((name) => options[name] === undefined),
        ...(isVm && options.sshPublicKey === undefined ? (["sshPublicKey"] as const) : []),
    ];
    if (missing.length > 0 && !process.stdin.isTTY) {
        const flags = missing.map(
            (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        );
        throw usage(
            `Expected a terminal to ask in, or the flags ${flags.join(", ")}. See: npm run edge -- init --help`,
        );
    }
    const region = options.region ?? (await input({ message: "Region of Azure", default: "westeurope" }));
    const hubSku =
        options.hubSku ??
        (await select({
            message: "Tier of the IoT Hub",
            choices: [
                { value: "F1", name: "F1, free, one per subscription" },
                { value: "S1", name: "S1, paid" },
            ],
        }));
    const device =
        options.device ??
        ((await confirm({ message: "Make a virtual machine that becomes the device?", default: false }))
            ? "vm"
            : "own");
    const vm = device === "vm";
    const text = async (given: string | undefined, message: string) =>
        given ?? (vm && process.stdin.isTTY ? await input({ message }) : "");
    return {
        region,
        hubSku,
        device,
        sshPublicKey: await text(
            options.sshPublicKey,
            "OpenSSH public key (the text of ~/.ssh/id_ed25519.pub)",
        ),
        sshFrom: await text(options.sshFrom, "Ranges that may connect by SSH (empty: nobody)"),
        httpFrom: await text(options.httpFrom, "Ranges that may ask the classifier (empty: nobody)"),
        check:
            options.check ??
            (await select({
                message: "How an update is verified",
                choices: [
                    { value: "reported", name: "reported: the device reports the module running" },
                    { value: "http", name: "http: the module also answers at its URL" },
                    { value: "none", name: "none: there is no device yet" },
                ],
            })),
    };
}

function usage(message: string): CommandError {
    return new CommandError(exitCodes.usage, message);
}
