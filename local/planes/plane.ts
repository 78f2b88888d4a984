import type { TLSSocket } from "node:tls";
import type { Certificates } from "../base/certificates";
import type { HttpService } from "../base/http/service";
import type { Store } from "../base/store";

/** A kind of data plane: what clients of a resource talk to, beside ARM, which only describes it. */
export interface Plane<
    Settings extends PlaneSettings,
    Running extends RunningPlane<Settings> = RunningPlane<Settings>,
> {
    /** Names one in an error, such as `IoT Hub`. */
    readonly title: string;
    /** Docker expects plain HTTP of a registry on localhost; everything else speaks TLS. */
    readonly scheme: "http" | "https";
    /** Opens one over what the store knows of it. It does not listen yet. */
    start(settings: Settings, host: PlaneHost): Promise<Running>;
}

/** What every resource says of its data plane. */
export interface PlaneSettings {
    /** The name of the resource; what the data plane remembers is kept under it. */
    readonly name: string;
    /** `localhost:PORT`, as clients know it. */
    readonly hostName: string;
}

/** A data plane at work. */
export interface RunningPlane<Settings> {
    readonly service: HttpService;
    /** Takes the connections on its port that begin as MQTT does. */
    readonly mqtt?: (socket: TLSSocket) => void;
    /** Follows a change of the resource. */
    update(settings: Settings): void;
    /** Ends what is under way; what it remembers stays. */
    close(): Promise<void>;
    /** Removes all that it remembers, once it is closed, because the resource is deleted. */
    forget(): void | Promise<void>;
}

/** Where data planes run. */
export interface PlaneHost {
    readonly store: Store;
    readonly certificates: Pick<Certificates, "caPem" | "certPem" | "keyPem">;
    /** A folder that each data plane may have folders of its own in. */
    readonly folder: string;
}
