import { canOpenCamera, closeCamera, openCamera, takePhoto } from "./camera.js";
import { byId, showModel } from "./model.js";
import { toUpload } from "./photo.js";
import { showMessage, showPredictions } from "./result.js";

let models = [];
let model;
let key = "";
/** What to do again once a key was given. */
let postponed = () => {};

/** Asks the service what an image shows. Throws the sentence for a failure. */
async function ask(blob) {
    const name = encodeURIComponent(model.key);
    const route = `customvision/v3.1/prediction/${name}/classify/iterations/${name}/image/nostore`;
    const start = performance.now();
    const response = await fetch(route, {
        method: "POST",
        body: blob,
        headers: { "Content-Type": "application/octet-stream", ...(key && { "Prediction-Key": key }) },
    });
    // A proxy in between may answer too, and not in JSON.
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
        const message = answer.message ?? `The service answered with status ${response.status}.`;
        throw Object.assign(new Error(message), { status: response.status });
    }
    return { predictions: answer.predictions, ms: performance.now() - start };
}

async function classifyFile(file) {
    if (!(await known) || model.kind !== "image") {
        return;
    }
    stopCamera();
    document.body.classList.add("working");
    try {
        const size = await showPreview(file);
        const { blob, note } = await toUpload(file);
        const { predictions, ms } = await ask(blob);
        byId("key-form").hidden = true;
        showPredictions(predictions, [`${Math.round(ms)} ms`, size, bytes(file.size), note]);
    } catch (error) {
        fail(error, () => classifyFile(file));
    } finally {
        document.body.classList.remove("working");
    }
}

/** Shows a file, and tells its size. There are formats that the service knows and the browser does not. */
async function showPreview(file) {
    const preview = byId("preview");
    URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(file);
    const isShown = await preview.decode().then(
        () => true,
        () => false,
    );
    preview.hidden = !isShown;
    byId("empty").hidden = isShown;
    return isShown ? `${preview.naturalWidth} × ${preview.naturalHeight}` : undefined;
}

function fail(error, again) {
    if (error.status === 401) {
        postponed = again;
        byId("key-form").hidden = false;
        byId("key").focus();
    }
    const unreadable = error instanceof DOMException;
    showMessage(unreadable ? "The browser cannot show this file as an image." : error.message, [], true);
}

async function startCamera() {
    if (!(await known)) {
        return;
    }
    if (!canOpenCamera()) {
        byId("snapshot").click();
        return;
    }
    showCamera(true);
    try {
        await openCamera(byId("viewfinder"), async (frame) => {
            const { predictions, ms } = await ask(frame);
            if (!byId("viewfinder").hidden) {
                showPredictions(predictions, [`${Math.round(ms)} ms`, "live"], false);
            }
        });
    } catch (error) {
        stopCamera();
        const refused = error instanceof DOMException;
        fail(
            refused
                ? new Error("The camera cannot be used: allow it in the browser, or choose an image.")
                : error,
            startCamera,
        );
    }
}

function stopCamera() {
    closeCamera(byId("viewfinder"));
    showCamera(false);
}

function showCamera(isOpen) {
    byId("viewfinder").hidden = !isOpen;
    const hasPreview = byId("preview").naturalWidth > 0;
    byId("empty").hidden = isOpen || hasPreview;
    byId("preview").hidden = isOpen || !hasPreview;
    byId("take-photo").hidden = byId("close-camera").hidden = !isOpen;
    byId("choose").hidden = byId("open-camera").hidden = isOpen;
}

function bytes(count) {
    return count < 1e6 ? `${Math.max(1, Math.round(count / 1000))} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

function chooseModel(chosen) {
    model = chosen;
    showModel(model);
    const path = model.default ? "image" : `${encodeURIComponent(model.key)}/image`;
    byId("curl").textContent = `curl --data-binary @photo.jpg ${new URL(path, location.href)}`;
    byId("stage").hidden = model.kind !== "image";
    if (byId("stage").hidden) {
        byId("curl").textContent =
            `curl -H 'Content-Type: application/json' -d '{"data": [[...]]}' ${new URL("score", location.href)}`;
        showMessage("This model takes rows of values, not images: post them to /score.");
        return;
    }
    showMessage("Waiting for an image", model.labels);
}

function listen() {
    const stage = byId("stage");
    byId("choose").addEventListener("click", () => byId("file").click());
    for (const input of [byId("file"), byId("snapshot")]) {
        input.addEventListener("change", () => {
            const [file] = input.files;
            // So that the same file can be chosen once more.
            input.value = "";
            if (file) {
                void classifyFile(file);
            }
        });
    }
    byId("open-camera").addEventListener("click", startCamera);
    byId("close-camera").addEventListener("click", stopCamera);
    byId("take-photo").addEventListener("click", async () =>
        classifyFile(await takePhoto(byId("viewfinder"))),
    );
    document.addEventListener("paste", ({ clipboardData }) => takeFrom(clipboardData));
    // A file that is dropped beside the stage would otherwise replace the page.
    for (const name of ["dragover", "dragleave", "drop"]) {
        document.addEventListener(name, (event) => {
            event.preventDefault();
            stage.classList.toggle("dropping", name === "dragover");
        });
    }
    document.addEventListener("drop", ({ dataTransfer }) => takeFrom(dataTransfer));
    byId("key-form").addEventListener("submit", (event) => {
        event.preventDefault();
        key = byId("key").value;
        postponed();
    });
    byId("copy").addEventListener("click", async () => {
        await navigator.clipboard?.writeText(byId("curl").textContent);
        byId("copy").textContent = "Copied";
    });
    byId("models").addEventListener("change", ({ target }) => {
        chooseModel(models[target.selectedIndex]);
    });
}

function takeFrom(transfer) {
    const file = [...(transfer?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (file) {
        void classifyFile(file);
    }
}

async function main() {
    listen();
    ({ models } = await (await fetch("info")).json());
    byId("models").replaceChildren(
        ...models.map(({ name, default: chosen }) => new Option(name, name, chosen, chosen)),
    );
    byId("model-choice").hidden = models.length < 2;
    chooseModel(models.find((candidate) => candidate.default) ?? models[0]);
    byId("about-model").open = matchMedia("(min-width: 800px)").matches;
}

/** True once it is known what the service serves; an image that is brought earlier waits for it. */
const known = main().then(
    () => true,
    () => {
        showMessage("The service does not say what it serves. Is it still starting?", [], true);
        return false;
    },
);
