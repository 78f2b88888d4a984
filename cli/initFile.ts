import { Document } from "yaml";
import { checkSettings } from "../infra/checkSettings";
import type { Problem } from "../infra/problem";
import { configText } from "./stackFile";

/** What `edge init` asks for. */
export interface InitAnswers {
    readonly region: string;
    readonly hubSku: string;
    /** `vm` for a machine of the stack, `own` for one that is brought. */
    readonly device: string;
    readonly sshPublicKey: string;
    /** Ranges with commas between them. */
    readonly sshFrom: string;
    readonly httpFrom: string;
    readonly check: string;
}

/** The text of a stack's configuration, and a problem for every answer that the program would refuse. */
export function initFile(answers: InitAnswers): { text: string; problems: Problem[] } {
    const edgeVm = answers.device === "vm";
    const own: Record<string, unknown> = {
        hubSku: answers.hubSku,
        check: answers.check,
        edgeVm,
        ...(edgeVm
            ? {
                  sshPublicKey: answers.sshPublicKey,
                  sshFrom: ranges(answers.sshFrom),
                  httpFrom: ranges(answers.httpFrom),
              }
            : {}),
    };
    const texts = Object.entries(own).map(([key, value]) => [key, configText(value)] as const);
    const problems = checkSettings(new Map(texts), () => false).problems;
    if (!/^[a-z]+[a-z0-9]*$/.test(answers.region)) {
        problems.unshift({
            expected: "the region to be one of Azure's names such as westeurope",
            found: `"${answers.region}"`,
        });
    }
    if (!["own", "vm"].includes(answers.device)) {
        problems.unshift({ expected: "the device to be own or vm", found: `"${answers.device}"` });
    }
    const prefixed = Object.entries(own).map(([key, value]) => [`edge-classifier:${key}`, value]);
    const document = new Document({
        config: { "azure-native:location": answers.region, ...Object.fromEntries(prefixed) },
    });
    document.commentBefore =
        " yaml-language-server: $schema=infra/stack.schema.json\n Every setting and its meaning: docs/configuration.md";
    return { text: document.toString({ lineWidth: 0 }), problems };
}

function ranges(text: string): string[] {
    return text.split(/[\s,]+/).filter((range) => range !== "");
}
