import { manifestSettings, secretManifestSettings } from "../../../infra/manifest/manifestSettings";

/** The settings of a manifest where a stack sets none. */
export const defaultOptions = { ...manifestSettings.parse({}), ...secretManifestSettings.parse({}) };

/** An extra module of which nothing but its image and these fields is set. */
export function extraModule<Fields extends object>(image: string, fields: Fields) {
    return { image, version: "1.0", status: "running", restartPolicy: "always", ...fields } as const;
}
