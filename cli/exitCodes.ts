/** What the exit code of every command means. */
export const exitCodes = {
    done: 0,
    failed: 1,
    /** Wrong usage or bad input. */
    usage: 2,
    /** The thing asked about does not exist. */
    notFound: 3,
    verificationFailed: 4,
} as const;

/** An error that ends a command with its own exit code; its message is all the user sees. */
export class CommandError extends Error {
    readonly exitCode: number;

    constructor(exitCode: number, message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "CommandError";
        this.exitCode = exitCode;
    }
}
