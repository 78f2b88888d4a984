import { z } from "zod";
import { secretSettings, settings } from "../infra/settings";

/** A setting of a stack as pages and schemas show it. */
export interface SettingRow {
    readonly name: string;
    /** As JSON Schema, with its default and its description. */
    readonly schema: z.core.JSONSchema.BaseSchema & { default?: unknown; description?: string };
    readonly secret: boolean;
}

const all = z.toJSONSchema(z.object({ ...settings.shape, ...secretSettings.shape }), { io: "input" });

/** What the schemas of several settings refer to, as `#/$defs/…`. */
export const settingDefinitions = all.$defs ?? {};

/** Every setting in the order of `infra/settings.ts`, the secret ones last. */
export function settingTable(): SettingRow[] {
    return Object.entries(all.properties ?? {}).map(([name, property]) => {
        const { expected, ...schema } = property as SettingRow["schema"];
        return { name, schema, secret: name in secretSettings.shape };
    });
}
