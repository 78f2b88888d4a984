import { isJsonObject, type Json, type JsonObject } from "../../../base/mergePatch";
import type { Comparison, Condition, Operand, Path } from "./condition";

/**
 * Whether `condition` holds for a twin; undefined when it cannot be told, as for a comparison with what is not there or
 * of another type. Such a twin is not selected, nor by the opposite.
 */
export function holds(condition: Condition, twin: JsonObject): boolean | undefined {
    switch (condition.kind) {
        case "all":
            return true;
        case "and":
            return both(holds(condition.left, twin), holds(condition.right, twin));
        case "or":
            return not(both(not(holds(condition.left, twin)), not(holds(condition.right, twin))));
        case "not":
            return not(holds(condition.of, twin));
        case "defined":
            return valueAt(twin, condition.path) !== undefined;
        case "in": {
            const value = operandValue(condition.of, twin);
            if (value === undefined) return undefined;
            return condition.values.includes(value) !== condition.negated;
        }
        case "compare":
            return compare(
                operandValue(condition.left, twin),
                condition.operator,
                operandValue(condition.right, twin),
            );
    }
}

/** The value at a place of a twin; undefined when there is none. */
export function valueAt(twin: JsonObject, path: Path): Json | undefined {
    let value: Json | undefined = twin;
    for (const key of path) {
        if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
        value = value[key];
    }
    return value;
}

function operandValue(operand: Operand, twin: JsonObject): Json | undefined {
    return "path" in operand ? valueAt(twin, operand.path) : operand.value;
}

function both(left: boolean | undefined, right: boolean | undefined): boolean | undefined {
    if (left === false || right === false) return false;
    return left && right;
}

function not(value: boolean | undefined): boolean | undefined {
    return value === undefined ? undefined : !value;
}

function compare(left: Json | undefined, operator: Comparison, right: Json | undefined): boolean | undefined {
    if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
    if (operator === "=") return left === right;
    if (operator === "!=") return left !== right;
    const areOrdered = ["string", "number"].includes(typeof left);
    if (!areOrdered || left === null || right === null) return undefined;
    switch (operator) {
        case "<":
            return left < right;
        case "<=":
            return left <= right;
        case ">":
            return left > right;
        case ">=":
            return left >= right;
    }
}
