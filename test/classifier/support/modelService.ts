import type { AppParts } from "../../../classifier/src/app";
import { classify } from "../../../classifier/src/classify";
import { describeCatalog, describeService } from "../../../classifier/src/info";
import { openCatalog } from "../../../classifier/src/model/modelCatalog";
import { scoreBody } from "../../../classifier/src/score/scoreBody";
import { serve, type TestService } from "./service";

const OPTIONS = { preprocessing: "exact", maxPixels: 50_000_000 } as const;

/** Serves the models of a folder without worker threads: what those do is done in place. */
export async function serveModels(folder: string, parts: Partial<AppParts> = {}): Promise<TestService> {
    const catalog = await openCatalog(folder, "stop");
    return serve({
        classifyFor: (image, names, _signal, wishes) =>
            classify(catalog.find(names).model, image, { ...OPTIONS, ...wishes }),
        info: () => ({ service: describeService(), options: {}, ...describeCatalog(catalog) }),
        scoreFor: (body, names) => scoreBody(catalog.find(names).model, body),
        ...parts,
    });
}
