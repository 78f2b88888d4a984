/** Shows which model is chosen, and how its pixels are prepared and why so. */
export function showModel(model) {
    const name = byId("model-name");
    name.textContent = model.name;
    if (model.version) {
        const version = document.createElement("small");
        version.textContent = model.version;
        name.append(version);
    }
    document.title = model.name;
    byId("model-description").textContent = model.description ?? "";
    byId("details").replaceChildren(...Object.entries(detailsOf(model)).flatMap(toTerm));
}

function detailsOf(model) {
    const labels = { Labels: model.labels.join(", ") };
    if (model.kind !== "image") {
        const shape = model.input.dims.map((side) => side ?? "any").join(" × ");
        return { ...labels, Input: `${model.input.type}, ${shape}` };
    }
    const { width, height, layout, channelOrder, range, mean, std } = model.preprocessing;
    return {
        ...labels,
        Image: `${width} × ${height} pixels, the middle of the picture`,
        Channels: `${channelOrder.value.toUpperCase()} (${channelOrder.source}), ${layout.toUpperCase()}`,
        Values: `${range.value.join(" to ")} (${range.source})`,
        ...(mean && { Mean: mean.join(", ") }),
        ...(std && { "Standard deviation": std.join(", ") }),
        ...(model.activation !== "none" && { "After the network": model.activation }),
        ...(model.probe && { Probe: `${model.probe.verdict}. ${model.probe.message}` }),
    };
}

function toTerm([term, description]) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = description;
    return [dt, dd];
}

export function byId(id) {
    return document.getElementById(id);
}
