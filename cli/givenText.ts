import { decodeText } from "../classifier/src/readText";
import { CommandError, exitCodes } from "./exitCodes";

/** The text of a file that a command was given. Bytes that are no text are bad input and end the command with 2. */
export function givenText(bytes: Uint8Array, name: string): string {
    try {
        return decodeText(bytes, name);
    } catch (cause) {
        throw new CommandError(exitCodes.usage, (cause as Error).message, { cause });
    }
}
