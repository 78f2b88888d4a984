import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Counts and measures for Prometheus. */
export interface Metrics {
    /** A request was answered, or its client left. */
    request(labels: { method: string; route: string; status: number }, seconds: number): void;
    /** Everything, in Prometheus's text format. */
    text(): Promise<string>;
    contentType: string;
}

/** Figures that are asked for at each scrape: how much there is to do, and how much was done since the start. */
export interface Load {
    /** Workers that are ready. */
    workers: number;
    /** Inferences, with everything around them, that wait for a worker, are worked on, were answered, and failed. */
    waiting: number;
    running: number;
    answered: number;
    failed: number;
    /** Requests that were let in and not answered yet, and the memory of their bodies. */
    requests: number;
    bytes: number;
}

/** The buckets reach from a small picture on a fast machine to a deadline on a slow one. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export function createMetrics(load: () => Load): Metrics {
    const register = new Registry();
    const registers = [register];
    collectDefaultMetrics({ register });
    const requests = new Counter({
        name: "classifier_requests_total",
        help: "Requests by route and status; 499 stands for a client that left.",
        labelNames: ["method", "route", "status"],
        registers,
    });
    const refused = new Counter({
        name: "classifier_refused_requests_total",
        help: "Requests that were told to come back because there was too much to do.",
        labelNames: ["route"],
        registers,
    });
    const durations = new Histogram({
        name: "classifier_request_duration_seconds",
        help: "From the head of a request to the end of its answer.",
        labelNames: ["route"],
        buckets: BUCKETS_SECONDS,
        registers,
    });
    const gauge = (name: string, help: string, read: (now: Load) => number) =>
        new Gauge({
            name,
            help,
            registers,
            collect() {
                this.set(read(load()));
            },
        });
    gauge("classifier_workers_ready", "Worker threads with the models open.", ({ workers }) => workers);
    gauge("classifier_queue_waiting", "Jobs that wait for a worker.", ({ waiting }) => waiting);
    gauge("classifier_queue_running", "Jobs that a worker has.", ({ running }) => running);
    gauge(
        "classifier_admitted_requests",
        "Requests that were let in and are not answered.",
        (now) => now.requests,
    );
    gauge("classifier_admitted_bytes", "Memory of the bodies of those requests.", ({ bytes }) => bytes);
    new Counter({
        name: "classifier_jobs_total",
        help: "Jobs that workers answered, by whether they did so without a failure of the service.",
        labelNames: ["result"],
        registers,
        // The workers' own count, which is the only one that knows of all jobs.
        collect() {
            const { answered, failed } = load();
            this.reset();
            this.inc({ result: "done" }, answered - failed);
            this.inc({ result: "failed" }, failed);
        },
    });
    return {
        request({ method, route, status }, seconds) {
            requests.inc({ method, route, status });
            durations.observe({ route }, seconds);
            if (status === 503) {
                refused.inc({ route });
            }
        },
        text: () => register.metrics(),
        contentType: register.contentType,
    };
}
