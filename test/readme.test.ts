import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");

const pages = ["", "docs", "local"].flatMap((folder) =>
    readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".md"))
        .map((name) => join(folder, name)),
);

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
    return [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
            .toLowerCase()
            .replace(/[^\p{L}\p{N} _-]/gu, "")
            .replaceAll(" ", "-"),
    );
}

test.each(pages.map((page) => [page]))("every link of %s leads somewhere", (page) => {
    const links = [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!\w+:)([^)]+)\)/g)];
    const missing = links
        .map(([, link = ""]) => link)
        .filter((link) => {
            const [path = "", anchor] = link.split("#");
            const target = path === "" ? join(root, page) : join(root, page, "..", path);
            return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
        });
    expect(missing).toEqual([]);
});
