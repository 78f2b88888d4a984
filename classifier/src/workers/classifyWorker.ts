import { workerData } from "node:worker_threads";
import { describeCatalog } from "../info";
import { openCatalog } from "../model/modelCatalog";
import { readOptions } from "../readOptions";
import type { WorkerSettings } from "./classifiers";
import { serveTasks } from "./serveTasks";
import { createTasks } from "./tasks";

/** The program of a worker thread: opens the models, with sessions of its own, and classifies what it is given. */
void serveTasks(async () => {
    const { probes }: WorkerSettings = workerData;
    const options = readOptions(process.env);
    const catalog = await openCatalog(options.modelDir, probes ? options.probe : "off");
    return { tasks: createTasks(catalog, options), description: describeCatalog(catalog) };
});
