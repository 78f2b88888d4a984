import type { Condition, Operand, Path } from "./condition";

/** Every place of a twin that a condition looks at. */
export function pathsOf(condition: Condition): Path[] {
    switch (condition.kind) {
        case "all":
            return [];
        case "and":
        case "or":
            return [...pathsOf(condition.left), ...pathsOf(condition.right)];
        case "not":
            return pathsOf(condition.of);
        case "defined":
            return [condition.path];
        case "in":
            return pathOf(condition.of);
        case "compare":
            return [...pathOf(condition.left), ...pathOf(condition.right)];
    }
}

function pathOf(operand: Operand): Path[] {
    return "path" in operand ? [operand.path] : [];
}
