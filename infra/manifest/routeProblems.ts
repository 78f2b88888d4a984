import { sentence } from "../problem";
import type { ManifestParts } from "./manifestParts";
import { routeModules, routeProblem } from "./routeExpression";

/** What is wrong with the routes of a manifest: that edgeHub cannot read them, or that nothing ever comes or goes there. */
export function routeProblems({ routes, names }: ManifestParts): string[] {
    return routes.flatMap(([name, expression]) => {
        const problem = routeProblem(expression);
        if (problem) return [sentence({ ...problem, expected: `route ${name} ${problem.expected}` })];
        if (names === undefined) return [];
        const { source, sink } = routeModules(expression);
        const lower = names.map((one) => one.toLowerCase());
        const missing = [
            // edgeHub compares sources in any letter case, and finds the module of a sink by its very name.
            ...(source !== undefined && !lower.includes(source.toLowerCase()) ? [source] : []),
            ...(sink !== undefined && !names.includes(sink) ? [sink] : []),
        ];
        return missing.map(
            (module) =>
                `Expected route ${name} to name modules of the manifest (${names.join(", ") || "it has none"}), found ${module}.`,
        );
    });
}
