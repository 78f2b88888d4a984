import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { open } from "lmdb";

/**
 * The database of the store. Its file for `require` makes the URL `file:` + `__filename` of itself to find its binary, which
 * means another folder where the path holds `#`, `?`, `%` or a backslash: there it is given its path as a URL has it.
 */
export function loadLmdb(): { readonly open: typeof open } {
    const file = require.resolve("lmdb");
    const { pathname } = pathToFileURL(file);
    if (pathname === file) return require("lmdb");
    const module = { exports: {} as ReturnType<typeof loadLmdb> };
    const parameters = ["exports", "require", "module", "__filename"];
    const load = compileFunction(readFileSync(file, "utf8"), parameters, { filename: file });
    load.call(module.exports, module.exports, createRequire(file), module, pathname);
    return module.exports;
}
