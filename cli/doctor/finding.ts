/** One line of the pre-flight. */
export interface Finding {
    /** What was looked at. */
    readonly name: string;
    /** `failed` must be mended before an update; `warning` may be what is wanted. */
    readonly state: "good" | "warning" | "failed";
    readonly found: string;
    /** What to do; absent where nothing is. */
    readonly fix?: string;
}

/** A finding that needs nothing done. */
export function good(name: string, found: string): Finding {
    return { name, state: "good", found };
}

/** A finding that may be what is wanted. */
export function warning(name: string, found: string, fix: string): Finding {
    return { name, state: "warning", found, fix };
}

/** A finding that must be mended first. */
export function failed(name: string, found: string, fix: string): Finding {
    return { name, state: "failed", found, fix };
}

/** Makes a finding of a check that could not be carried out. */
export async function look(name: string, fix: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
    try {
        return await check();
    } catch (error) {
        const [reason = ""] = (error as Error).message.split("\n");
        return [failed(name, reason, fix)];
    }
}
