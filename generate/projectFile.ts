import { parseDocument } from "yaml";
import { type SettingRow, settingTable } from "./settingTable";

/**
 * `Pulumi.yaml` with the schema of every setting, made from `infra/settings.ts`; what else it says stays as it is. Secret
 * settings and those without a default are left out, because the engine would have every stack set them.
 */
export function projectFile(current: string): string {
    const document = parseDocument(current);
    const plain = settingTable().filter(({ secret, schema }) => !secret && schema.default !== undefined);
    document.set(
        "config",
        document.createNode(Object.fromEntries(plain.map((row) => [row.name, declaration(row)]))),
    );
    return document.toString({ lineWidth: 120 });
}

/** The engine's own, simpler types. A key without a default would be one that every stack must set. */
function declaration({ schema }: SettingRow) {
    return {
        type: schema.type ?? "object",
        ...(schema.type === "array" ? { items: { type: "string" } } : {}),
        default: schema.default,
        description: schema.description,
    };
}
