import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The text of a shell script of this room. A line `# include FILE` gives way to the lines of that file, because a machine
 * gets one script that stands alone. The line ends are the machine's, whatever a checkout made of them.
 */
export function shellScript(file: string): string {
    return readFileSync(file, "utf8")
        .replaceAll("\r\n", "\n")
        .replace(/^# include (\S+)\n/gm, (_, included) => shellScript(join(dirname(file), included)));
}
