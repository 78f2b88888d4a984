import { byId } from "./model.js";

/** So many labels are shown unless all are asked for. */
const FEW = 6;

let showsAll = false;

/** Shows predictions, the most probable first, and what else is known. `isSpoken` is false for one frame of many. */
export function showPredictions(predictions, facts, isSpoken = true) {
    const [best] = predictions;
    const certainty = element("span", "certainty", percent(best.probability));
    showVerdict([`${best.tagName} `, certainty], "known", isSpoken);
    showBars(predictions);
    byId("facts").replaceChildren(...facts.filter(Boolean).map((fact) => element("span", "", fact)));
}

/** Shows a sentence, and the labels that a model knows, if any. */
export function showMessage(sentence, labels = [], isFailure = false) {
    showVerdict([sentence], isFailure ? "failed" : "", true);
    showBars(labels.map((tagName) => ({ tagName })));
    byId("facts").replaceChildren();
}

function showVerdict(content, className, isSpoken) {
    const verdict = byId("verdict");
    verdict.className = className;
    verdict.setAttribute("aria-live", isSpoken ? "polite" : "off");
    verdict.replaceChildren(...content);
}

/** The bars of labels that were there before are kept, so that they move to their new lengths. */
function showBars(predictions) {
    const shown = showsAll ? predictions : predictions.slice(0, FEW);
    const list = byId("labels");
    const kept = new Map([...list.children].map((item) => [item.dataset.label, item]));
    list.replaceChildren(...shown.map(({ tagName }) => kept.get(tagName) ?? newBar(tagName)));
    // A new bar grows from nothing only if it was drawn once.
    list.getBoundingClientRect();
    for (const [index, { probability }] of shown.entries()) {
        const item = list.children[index];
        const isKnown = probability !== undefined;
        item.querySelector(".share").textContent = isKnown ? percent(probability) : "";
        item.querySelector("i").style.width = `${isKnown ? Math.max(0, Math.min(1, probability)) * 100 : 0}%`;
    }
    const more = byId("all-labels");
    more.hidden = shown.length === predictions.length;
    more.textContent = `Show all ${predictions.length} labels`;
    more.onclick = () => {
        showsAll = true;
        showBars(predictions);
    };
}

function newBar(label) {
    const item = element("li", "");
    item.dataset.label = label;
    const bar = element("span", "bar");
    bar.setAttribute("aria-hidden", "true");
    const length = element("i", "");
    length.style.width = "0";
    bar.append(length);
    item.append(element("span", "", label), element("span", "share"), bar);
    return item;
}

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
}

function percent(probability) {
    return `${(probability * 100).toFixed(1)} %`;
}
