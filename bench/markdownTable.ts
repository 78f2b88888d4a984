/** Lines of cells as a Markdown table; the first is its head. */
export function markdownTable([head = [], ...lines]: readonly (readonly string[])[]): string {
    return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
