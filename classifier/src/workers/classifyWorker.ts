import { workerData } from "node:worker_threads";
import type { Options } from "../config";
import { describeCatalog } from "../info";
import { openCatalog } from "../model/modelCatalog";
import { serveTasks } from "./serveTasks";
import { createTasks } from "./tasks";

/** What a worker needs to know. */
export type WorkerSettings = Pick<Options, "modelDir" | "probe" | "preprocessing" | "maxPixels">;

/** The program of a worker thread: opens the models, with sessions of its own, and classifies what it is given. */
void serveTasks(async () => {
    const settings: WorkerSettings = workerData;
    const catalog = await openCatalog(settings.modelDir, settings.probe);
    return { tasks: createTasks(catalog, settings), description: describeCatalog(catalog) };
});
