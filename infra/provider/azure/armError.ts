import type { Answer, ArmRequest } from "./armRequest";

/** A refusal of Azure Resource Manager: HTTP status, its error code (such as `ResourceNotFound`) and its sentence. */
export class ArmError extends Error {
    readonly status: number;
    readonly code: string;

    constructor(status: number, code: string, message: string) {
        super(message);
        this.name = "ArmError";
        this.status = status;
        this.code = code;
    }
}

/** The refusal of a request that was answered so. */
export function refusal({ method, path }: ArmRequest, { status, text }: Answer): ArmError {
    const { code, message } = errorOf(text) ?? { code: String(status), message: text.slice(0, 500) };
    return new ArmError(
        status,
        code,
        `Expected Azure to carry out ${method} ${path}, found ${status} ${code}: ${message}`,
    );
}

function errorOf(text: string): { code: string; message: string } | undefined {
    try {
        const { code, message } = JSON.parse(text).error;
        return { code: String(code), message: String(message ?? "no reason is given.") };
    } catch {
        // Something between us and ARM answered, in words of its own.
        return undefined;
    }
}
