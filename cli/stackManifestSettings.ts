import { settingValue } from "../infra/checkSettings";
import { issueProblems } from "../infra/manifest/issueProblems";
import {
    type ManifestSettings,
    manifestSettings,
    secretManifestSettings,
} from "../infra/manifest/manifestSettings";
import { sentence } from "../infra/problem";
import { CommandError, exitCodes } from "./exitCodes";
import { readStackFile } from "./stackFile";

const schema = manifestSettings.extend(secretManifestSettings.shape);

/**
 * The settings of a stack that shape its manifest, read from `Pulumi.STACK.yaml`, with stand-ins for what is encrypted
 * there. Without the file the command ends with 3, with bad settings with 2 and all problems.
 */
export function stackManifestSettings(project: string, stack: string): ManifestSettings {
    const file = readStackFile(project, stack);
    if (!file) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected the configuration of stack ${stack} in Pulumi.${stack}.yaml, found no such file. Name another stack with --stack.`,
        );
    }
    const found = Object.entries(schema.shape).flatMap(([key, setting]) => {
        const text = file.texts.get(key);
        return text === undefined ? [] : [[key, settingValue(setting, text)]];
    });
    const values: unknown = Object.fromEntries(found);
    const result = schema.safeParse(values);
    if (result.success) return result.data;
    const problems = result.error.issues.flatMap((issue) => issueProblems(issue, values, settingName));
    throw new CommandError(exitCodes.usage, problems.map(sentence).join("\n"));
}

function settingName(path: readonly PropertyKey[]): string {
    return `config \`${path.map(String).join(".")}\``;
}
