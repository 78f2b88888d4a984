import { z } from "zod";
import { secretSettings, settings } from "../infra/settings";

/** A setting of a stack as pages and schemas show it. */
export interface SettingRow {
    readonly name: string;
    /** As JSON Schema, with its default and its description. */
    readonly schema: z.core.JSONSchema.BaseSchema & { default?: unknown; description?: string };
    readonly secret: boolean;
}

/** Every setting in the order of `infra/settings.ts`, the secret ones last. */
export function settingTable(): SettingRow[] {
    const rows = (shape: Record<string, z.ZodType>, secret: boolean) =>
        Object.entries(shape).map(([name, type]): SettingRow => {
            const { $schema, expected, ...schema } = z.toJSONSchema(type, {
                io: "input",
            }) as SettingRow["schema"];
            return { name, schema, secret };
        });
    return [...rows(settings.shape, false), ...rows(secretSettings.shape, true)];
}
